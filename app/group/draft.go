package group

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The forms that are kept while they are typed in. The record of what is new in a group is
// the group; what is there is its own.
var (
	NewForm = draft.Form{
		Name: "group.new", Title: i18n.GroupNewTitle, About: aboutNew,
		Page: func(_, _ uuid.UUID) view.URL { return view.To("groups", "new") },
	}
	EditForm = draft.Form{
		Name: "group.edit", Title: i18n.GroupEditTitle, About: aboutGroup(access.GroupEdit),
		Page: func(record, _ uuid.UUID) view.URL { return view.To("groups", record.String(), "edit") },
	}
	SessionForm = draft.Form{
		Name: "group.session", Title: i18n.GroupSessionNewTitle, About: aboutGroup(access.GroupLogSession),
		Page: func(record, _ uuid.UUID) view.URL { return view.To("groups", record.String(), "sessions", "new") },
	}
	EditSessionForm = draft.Form{
		Name: "group.session_edit", Title: i18n.GroupSessionEditTitle, About: aboutPart(sqlGroupOfSession, access.GroupLogSession),
		Page: func(record, _ uuid.UUID) view.URL { return view.To("sessions", record.String(), "edit") },
	}
	NewMilestoneForm = draft.Form{
		Name: "group.milestone", Title: i18n.GroupStepMilestone, About: aboutGroup(access.GroupManageContent),
		Page: func(record, _ uuid.UUID) view.URL { return view.To("groups", record.String(), "steps", "new") },
	}
	NewOutcomeForm = draft.Form{
		Name: "group.outcome", Title: i18n.GroupStepOutcome, About: aboutGroup(access.GroupManageContent),
		Page: func(record, _ uuid.UUID) view.URL {
			return view.To("groups", record.String(), "steps", "new").With("kind", string(Outcome))
		},
	}
	EditStepForm = draft.Form{
		Name: "group.step_edit", Title: i18n.GroupStepEditTitle, About: aboutPart(sqlGroupOfStep, access.GroupManageContent),
		Page: func(record, _ uuid.UUID) view.URL { return view.To("steps", record.String(), "edit") },
	}
)

// aboutNew is about no group yet.
func aboutNew(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if record != uuid.Nil {
		return draft.About{}, fault.Missing()
	}
	programs, err := program.All(r.Context(), tx)
	if err == nil && len(creatable(r.Actor(), programs)) == 0 {
		err = fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return draft.About{}, err
}

// aboutGroup says in which program the group is, to those who may do something (key) there.
func aboutGroup(key access.Key) func(*web.Request, *tenancy.Tx, uuid.UUID) (draft.About, error) {
	return func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		p, err := openID(r, tx, sqlByID, record, key)
		return draft.About{Program: p.Program, Confidential: p.In.Confidential}, err
	}
}

// aboutPart is aboutGroup for a form whose record is a part of a group (sql).
func aboutPart(sql string, key access.Key) func(*web.Request, *tenancy.Tx, uuid.UUID) (draft.About, error) {
	return func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		group, err := groupOf(r.Context(), tx, sql, record)
		if err != nil {
			return draft.About{}, err
		}
		return aboutGroup(key)(r, tx, group)
	}
}
