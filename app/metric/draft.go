package metric

import (
	"github.com/google/uuid"

	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The forms that are kept while they are typed in.
var (
	NewForm = draft.Form{
		Name: "metric.new", Title: i18n.MetricNewTitle,
		Page:  func(_, _ uuid.UUID) view.URL { return view.To("metrics", "new") },
		About: aboutNew,
	}
	EditForm = draft.Form{
		Name: "metric.edit", Title: i18n.MetricEditTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return view.To("metrics", record.String(), "edit") },
		About: aboutEdit,
	}
)

// aboutNew is about no metric yet.
func aboutNew(r *web.Request, _ *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if record != uuid.Nil {
		return draft.About{}, fault.Missing()
	}
	return draft.About{}, enter(r.Actor())
}

func aboutEdit(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if err := enter(r.Actor()); err != nil {
		return draft.About{}, err
	}
	m, err := reach(r, tx, record, mayChange)
	if err != nil || m.Program == nil {
		return draft.About{}, err
	}
	owner, err := program.ByID(r.Context(), tx, *m.Program)
	return draft.About{Program: owner.ID, Confidential: owner.Confidential}, err
}
