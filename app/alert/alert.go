package alert

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/view"
)

// Status is where an alert stands.
type Status string

// The statuses, as stored.
const (
	Active Status = "active"
	Ended  Status = "cancelled"
)

// Alert is one alert, opened. The JSON is what the audit log keeps, sealed.
type Alert struct {
	ID          uuid.UUID `json:"-"`
	Participant uuid.UUID `json:"-"`
	Program     uuid.UUID `json:"-"`
	Author      uuid.UUID `json:"author"`
	Text        string    `json:"text,omitempty"`
	Status      Status    `json:"status"`
	CreatedAt   time.Time `json:"-"`
	EndedAt     time.Time `json:"-"` // zero while it is active
	EndedBy     uuid.UUID `json:"ended_by,omitzero"`
	EndReason   string    `json:"end_reason,omitempty"` // of a direct end
}

// Standing is where a recommendation stands.
type Standing string

// The standings, as stored.
const (
	Pending  Standing = "pending"
	Approved Standing = "approved"
	Rejected Standing = "rejected"
)

// Recommendation is that an alert should end, and what was decided.
type Recommendation struct {
	ID         uuid.UUID `json:"-"`
	Alert      uuid.UUID `json:"-"`
	By         uuid.UUID `json:"recommended_by"`
	Assessment string    `json:"assessment"`
	Standing   Standing  `json:"status"`
	CreatedAt  time.Time `json:"-"`
	ReviewedBy uuid.UUID `json:"reviewed_by,omitzero"`
	Review     string    `json:"review,omitempty"`
	ReviewedAt time.Time `json:"-"` // zero while it waits
}

const (
	maxText       = 2_000
	maxAssessment = 4_000
)

// textProblem is what is wrong with words that have to be there.
func textProblem(text string, limit int, wanted i18n.Message) i18n.Message {
	switch {
	case text == "":
		return wanted
	case utf8.RuneCountInString(text) > limit:
		return i18n.FormTooLong(limit)
	}
	return nil
}

// A dossier is an alert with its recommendations, the newest first, as one actor sees it.
type dossier struct {
	Alert
	Recommendations []Recommendation
	actor           access.Actor
}

// waiting is the recommendation that waits for a decision, nil when none does.
func (d dossier) waiting() *Recommendation {
	at := slices.IndexFunc(d.Recommendations, func(r Recommendation) bool { return r.Standing == Pending })
	if at < 0 {
		return nil
	}
	return &d.Recommendations[at]
}

func (d dossier) may(key access.Key) bool { return d.actor.MayIn(d.Program, key) }

// hindrance says why the actor cannot do something now that her role allows (key); nil
// when she can. It is asked again under the lock before anything is written.
func (d dossier) hindrance(key access.Key) i18n.Message {
	waiting := d.waiting()
	switch {
	case d.Status == Ended:
		return i18n.AlertTurnEnded
	case key == access.AlertRecommendCancel && waiting != nil:
		return i18n.AlertTurnRecommended
	case key == access.AlertReviewCancelRecommendation && waiting == nil:
		return i18n.AlertTurnDecided
	case key == access.AlertReviewCancelRecommendation && waiting.By == d.actor.Staff:
		return i18n.AlertTurnOwnRecommendation
	case key != access.AlertRecommendCancel && d.Author == d.actor.Staff:
		return i18n.AlertTurnOwn
	case key == access.AlertCancel && waiting != nil:
		return i18n.AlertTurnRecommended
	}
	return nil
}

// mayNow says whether the actor may do something with the alert as it stands.
func (d dossier) mayNow(key access.Key) bool { return d.may(key) && d.hindrance(key) == nil }

// turn says whose turn it is, as the actor needs to know it.
func (d dossier) turn() i18n.Message {
	switch {
	case d.Status == Ended:
		return nil
	case d.waiting() != nil && d.may(access.AlertReviewCancelRecommendation):
		if hindered := d.hindrance(access.AlertReviewCancelRecommendation); hindered != nil {
			return hindered
		}
		return i18n.AlertTurnYours
	case d.waiting() != nil:
		return i18n.AlertTurnManager
	case d.may(access.AlertCancel) && d.Author == d.actor.Staff:
		return i18n.AlertTurnOwn
	}
	return nil
}

// A decision is what a manager makes of a recommendation.
type decision struct {
	Standing Standing // Approved or Rejected; "" before it is chosen
	Review   string
}

func (d decision) check() view.Problems {
	var problems view.Problems
	if d.Standing != Approved && d.Standing != Rejected {
		problems.Add("decision", i18n.AlertDecisionWanted)
	}
	if problem := textProblem(d.Review, maxAssessment, i18n.AlertReviewWanted); problem != nil {
		problems.Add("review", problem)
	}
	return problems
}
