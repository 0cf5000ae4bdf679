package alert

import (
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// form is what any form of this feature holds; each uses what it needs.
type form struct {
	ID       uuid.UUID // of the new row; of the recommendation that is decided on
	Program  uuid.UUID
	Text     string // of the alert, the assessment, the reason
	Decision decision
}

type formView func(*view.Frame, page) templ.Component

// blank is a form about an alert as it opens.
func blank(d dossier) form {
	if waiting := d.waiting(); waiting != nil {
		return form{ID: waiting.ID}
	}
	return form{ID: tenancy.NewID()}
}

// about makes a form that was begun one about the alert as it stands now: what is decided
// on is the recommendation that waits.
func (f form) about(d dossier) form {
	if waiting := d.waiting(); waiting != nil {
		f.ID = waiting.ID
	}
	return f
}

// decode reads a form. Anything but an id of ours is replaced.
func decode(r *web.Request) form {
	f := form{Text: r.Value("text"), Decision: decision{Standing: Standing(r.Value("decision")), Review: r.Value("review")}}
	var err error
	if f.ID, err = uuid.Parse(r.Value("id")); err != nil || f.ID.Version() != 7 {
		f.ID = tenancy.NewID()
	}
	if f.Program, err = uuid.Parse(r.Value("program")); err != nil {
		f.Program = uuid.Nil
	}
	return f
}

// choose leaves only a program in which the author may make an alert about this person.
func (f *form) choose(programs []program.Program) {
	switch {
	case slices.ContainsFunc(programs, func(p program.Program) bool { return p.ID == f.Program }):
	case len(programs) == 1:
		f.Program = programs[0].ID
	default:
		f.Program = uuid.Nil
	}
}

func (f form) checkNew() view.Problems {
	var problems view.Problems
	if problem := textProblem(f.Text, maxText, i18n.AlertTextWanted); problem != nil {
		problems.Add("text", problem)
	}
	if f.Program == uuid.Nil {
		problems.Add("program", i18n.AlertProgramWanted)
	}
	return problems
}

func checkText(wanted i18n.Message) func(form) view.Problems {
	return func(f form) view.Problems {
		var problems view.Problems
		if problem := textProblem(f.Text, maxAssessment, wanted); problem != nil {
			problems.Add("text", problem)
		}
		return problems
	}
}

// recommending is how somebody who works with the participant says that an alert may go.
var recommending = act{
	key: access.AlertRecommendCancel, title: i18n.AlertRecommendTitle, draft: RecommendForm, view: recommendView,
	check: checkText(i18n.AlertAssessmentWanted),
	saved: func(r *web.Request, p page) bool {
		return slices.ContainsFunc(p.Recommendations, func(saved Recommendation) bool {
			return saved.ID == p.Form.ID && saved.By == r.Actor().Staff && saved.Assessment == p.Form.Text
		})
	},
	save: func(r *web.Request, tx *tenancy.Tx, p page) (audit.Event, error) {
		made := Recommendation{ID: p.Form.ID, Alert: p.ID, By: r.Actor().Staff, Assessment: p.Form.Text, Standing: Pending, CreatedAt: tx.Now()}
		event := p.event(r, actionRecommend)
		event.Before, event.After = p.Alert, made
		return event, recommend(r.Context(), tx, made)
	},
	said: func(form) i18n.Message { return i18n.AlertRecommended },
}

// reviewing is how a manager decides on that.
var reviewing = act{
	key: access.AlertReviewCancelRecommendation, title: i18n.AlertReviewTitle, draft: ReviewForm, view: reviewView,
	check: func(f form) view.Problems { return f.Decision.check() },
	saved: func(r *web.Request, p page) bool {
		return slices.ContainsFunc(p.Recommendations, func(saved Recommendation) bool {
			return saved.ID == p.Form.ID && saved.ReviewedBy == r.Actor().Staff && saved.Standing == p.Form.Decision.Standing && saved.Review == p.Form.Decision.Review
		})
	},
	save: func(r *web.Request, tx *tenancy.Tx, p page) (audit.Event, error) {
		before := *p.waiting()
		after := before
		after.Standing, after.Review, after.ReviewedBy, after.ReviewedAt = p.Form.Decision.Standing, p.Form.Decision.Review, r.Actor().Staff, tx.Now()
		action := actionReject
		if after.Standing == Approved {
			action = actionApprove
		}
		event := p.event(r, action)
		event.Before, event.After = before, after
		return event, review(r.Context(), tx, after)
	},
	said: func(f form) i18n.Message {
		if f.Decision.Standing == Approved {
			return i18n.AlertReviewedApproved
		}
		return i18n.AlertReviewedRejected
	},
}

// ending is how a manager ends an alert that somebody else made.
var ending = act{
	key: access.AlertCancel, title: i18n.AlertEndTitle, draft: EndForm, view: endView,
	check: checkText(i18n.AlertReasonWanted),
	saved: func(r *web.Request, p page) bool {
		return p.Status == Ended && p.EndedBy == r.Actor().Staff && p.EndReason == p.Form.Text
	},
	save: func(r *web.Request, tx *tenancy.Tx, p page) (audit.Event, error) {
		after := p.Alert
		after.Status, after.EndedAt, after.EndedBy, after.EndReason = Ended, tx.Now(), r.Actor().Staff, p.Form.Text
		event := p.event(r, actionEnd)
		event.Before, event.After = p.Alert, after
		return event, end(r.Context(), tx, after)
	},
	said: func(form) i18n.Message { return i18n.AlertReviewedApproved },
}

// errTaken: the id of a form belongs to another row.
var errTaken = fault.New(fault.Conflict, i18n.FaultConflictTitle)
