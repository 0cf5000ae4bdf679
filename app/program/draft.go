package program

import (
	"github.com/google/uuid"

	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The forms that are kept while they are typed in.
var (
	NewForm = draft.Form{
		Name: "program.new", Title: i18n.ProgramNewTitle, About: aboutNew,
		Page: func(_, _ uuid.UUID) view.URL { return view.To("programs", "new") },
	}
	EditForm = draft.Form{
		Name: "program.edit", Title: i18n.ProgramEditTitle, About: aboutEdit,
		Page: func(record, _ uuid.UUID) view.URL { return view.To("programs", record.String(), "edit") },
	}
)

// aboutNew is about no program yet.
func aboutNew(r *web.Request, _ *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if record != uuid.Nil {
		return draft.About{}, fault.Missing()
	}
	if !r.Actor().Admin {
		return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return draft.About{}, nil
}

func aboutEdit(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	p, err := toChange(r, tx, record)
	return draft.About{Program: p.ID, Confidential: p.Confidential}, err
}
