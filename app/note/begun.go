package note

import (
	"fmt"
	"net/url"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/draft"
	"konote/app/metric"
	"konote/app/plan"
	"konote/app/web"
	"konote/tenancy"
)

// begunAbout are the words and values of a draft about goals and measures, by their names.
func begunAbout(r *web.Request, tx *tenancy.Tx, participant uuid.UUID, values url.Values) (said []draft.Said, err error) {
	actor := r.Actor().About(participant)
	programs := actor.Programs(access.PlanView)
	var pending plan.Pending
	var metrics []metric.Metric
	b := tx.Batch()
	plan.Queue(b, participant, programs, actor.Withheld(access.PlanView), &pending)
	metric.Queue(b, programs, &metrics)
	if err := b.Send(r.Context()); err != nil {
		return nil, fmt.Errorf("load goals: %w", err)
	}
	sections, err := pending.Open(tx.Box())
	if err != nil {
		return nil, err
	}
	add := func(label, text string) {
		if text != "" {
			said = append(said, draft.Said{Label: label, Text: text})
		}
	}
	asked := func(at uuid.UUID) {
		for _, m := range metrics {
			add(m.Name(r.P), values.Get("m-"+at.String()+"-"+m.ID.String()))
		}
	}
	for _, s := range sections {
		for _, t := range s.Targets {
			if how := among(values.Get(goalName(t.ID, "how")), plan.Descriptors); how != "" {
				add(t.Name, r.P.T(how.Label()))
			}
			add(t.Name, values.Get(goalName(t.ID, "text")))
			add(t.Name, values.Get(goalName(t.ID, "words")))
			asked(t.ID)
		}
	}
	for _, id := range programs { // measures of several goals stand at the program
		asked(id)
	}
	return said, nil
}
