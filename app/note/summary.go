package note

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/plan"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

// A quote is something that the participant said, on a day, in a note.
type quote struct {
	Note   uuid.UUID
	On     civil.Date
	Text   string
	Weight Weight // of a suggestion
}

// A herGoal is a goal with what she said of it, and how often it went how.
type herGoal struct {
	plan.Target
	Quotes []quote
	Counts map[plan.Descriptor]int
	Notes  int
}

// summaryPage is what a participant has said over a time.
type summaryPage struct {
	About       *participant.Reached
	Range       string // one of spans
	Goals       []herGoal
	Takeaways   []quote
	Suggestions []quote
}

// A span is a time that can be chosen, by its name in the address; 0 months is all.
type span struct {
	Name   string
	Months int
	Label  i18n.Key
}

var spans = []span{{"3", 3, i18n.NoteSummaryQuarter}, {"6", 6, i18n.NoteSummaryHalf}, {"12", 12, i18n.NoteSummaryYear}, {"all", 0, i18n.NoteSummaryAll}}

// since is the first day of the chosen time.
func since(name string, today civil.Date) civil.Date {
	for _, r := range spans {
		if r.Name == name && r.Months > 0 {
			return today.AddDays(-r.Months * 365 / 12)
		}
	}
	return civil.Date{Year: 1900, Month: time.January, Day: 1}
}

// InTheirWords is what a participant has said, goal by goal: the qualitative half of her
// record, in the words of the one whose record it is.
func (h *Handlers) InTheirWords(r *web.Request) (web.Response, error) {
	id, err := r.ID("participant")
	if err != nil {
		return web.Response{}, err
	}
	page := summaryPage{Range: r.Query.Get("since")}
	if !slices.ContainsFunc(spans, func(s span) bool { return s.Name == page.Range }) {
		page.Range = "6"
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		if err := page.load(r, tx, id); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{
			Action: actionWords, Subject: id, Participants: []uuid.UUID{id}, Confidential: page.About.AnyConfidential(),
			Program: page.About.Through[0], Role: r.Actor().Roles[page.About.Through[0]],
		})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.NoteSummaryTitle, summaryView(r.Frame(), page)), nil
}

const actionWords audit.Action = "note.words"

// load reads the page in one batch.
func (p *summaryPage) load(r *web.Request, tx *tenancy.Tx, id uuid.UUID) error {
	actor := r.Actor().About(id)
	programs, withheld := actor.Programs(access.NoteView), actor.Withheld(access.NoteView)
	from := since(p.Range, civil.Of(tx.Now().In(r.P.Zone())))
	var words []herWordsRow
	var goals []herGoalRow
	var targets plan.Pending
	b := tx.Batch()
	pending := participant.Queue(b, r.Actor(), id)
	b.Queue(sqlHerWords, tenancy.Into(&words), id, programs, from, withheld)
	b.Queue(sqlHerGoals, tenancy.Into(&goals), id, programs, from, withheld)
	plan.Queue(b, id, actor.Programs(access.PlanView), actor.Withheld(access.PlanView), &targets)
	if err := b.Send(r.Context()); err != nil {
		return fmt.Errorf("load a participant's words: %w", err)
	}
	var err error
	if p.About, err = pending.Reach(tx.Box(), access.NoteView); err != nil {
		return err
	}
	sections, err := targets.Open(tx.Box())
	if err != nil {
		return err
	}
	o := tx.Box().Opener()
	for _, w := range words {
		if text := o.Open(colTakeaway, w.ID, w.Takeaway); text != "" {
			p.Takeaways = append(p.Takeaways, quote{Note: w.ID, On: w.On, Text: text})
		}
		if text := o.Open(colSuggestion, w.ID, w.Suggestion); text != "" {
			p.Suggestions = append(p.Suggestions, quote{Note: w.ID, On: w.On, Text: text, Weight: w.Weight})
		}
	}
	p.Goals = herGoals(sections, goals, o)
	if err := o.Err(); err != nil {
		return fmt.Errorf("open a participant's words: %w", err)
	}
	return nil
}

// herGoals puts what was said beside the goals that the reader may see, in the order of
// the plan; goals of which nothing was said are left out.
func herGoals(sections []plan.Section, rows []herGoalRow, o *keyring.Opener) []herGoal {
	var goals []herGoal
	for _, s := range sections {
		for _, t := range s.Targets {
			g := herGoal{Target: t, Counts: map[plan.Descriptor]int{}}
			for _, row := range rows {
				if row.Target != t.ID {
					continue
				}
				g.Notes++
				if row.Descriptor != "" {
					g.Counts[row.Descriptor]++
				}
				if text := o.Open(colGoalWords, row.ID, row.Words); text != "" {
					g.Quotes = append(g.Quotes, quote{Note: row.Note, On: row.On, Text: text})
				}
			}
			if g.Notes > 0 {
				goals = append(goals, g)
			}
		}
	}
	return goals
}
