package plan

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The forms that are kept while they are typed in.
var (
	NewForm = draft.Form{
		Name: "target.new", Title: i18n.PlanNewTitle,
		Page: func(record, _ uuid.UUID) view.URL {
			return view.To("participants", record.String(), "goals", "new")
		},
		About: participant.DraftAbout(access.PlanEdit), Fields: words,
	}
	EditForm = draft.Form{
		Name: "target.edit", Title: i18n.PlanEditTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return targetAddress(record, "edit") },
		About: aboutPlace(sqlPlaceOfTarget), Fields: words,
	}
	StatusForm = draft.Form{
		Name: "target.status", Title: i18n.PlanStatusTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return targetAddress(record, "status") },
		About: aboutPlace(sqlPlaceOfTarget), Fields: why,
	}
	JudgeForm = draft.Form{
		Name: "target.judge", Title: i18n.PlanAchievementTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return targetAddress(record, "judgement") },
		About: aboutPlace(sqlPlaceOfTarget), Fields: why,
	}
	SectionForm = draft.Form{
		Name: "plan_section.edit", Title: i18n.PlanSectionEditTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return sectionAddress(record) },
		About: aboutPlace(sqlPlaceOfSection), Fields: append([]draft.Field{{Name: "name", Label: i18n.PlanSectionName}}, why...),
	}
	NewTemplateForm = draft.Form{
		Name: "plan_template.new", Title: i18n.PlanTemplateNewTitle,
		Page:  func(_, _ uuid.UUID) view.URL { return view.To("plan-templates", "new") },
		About: aboutNewTemplate,
	}
	EditTemplateForm = draft.Form{
		Name: "plan_template.edit", Title: i18n.PlanTemplateEditTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return view.To("plan-templates", record.String()) },
		About: aboutTemplate,
	}
)

var why = []draft.Field{{Name: "reason", Label: i18n.PlanStatusReason}}

// words are the fields that hold words.
var words = []draft.Field{{Name: "words", Label: i18n.PlanWords}, {Name: "name", Label: i18n.PlanName},
	{Name: "description", Label: i18n.PlanDescription}, {Name: "new_section", Label: i18n.PlanSectionNew}}

// aboutPlace is whose a target or a section (sql) is, for those who may change it.
func aboutPlace(sql string) func(*web.Request, *tenancy.Tx, uuid.UUID) (draft.About, error) {
	return func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		at, err := placeOf(r.Context(), tx, sql, record)
		if err != nil {
			return draft.About{}, err
		}
		s, err := loadPlace(r, tx, at, access.PlanEdit)
		return draft.About{Participant: at.Participant, Program: at.Program, Confidential: s.confidential(at.Program)}, err
	}
}

// aboutNewTemplate is about no template yet.
func aboutNewTemplate(r *web.Request, _ *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if record != uuid.Nil {
		return draft.About{}, fault.Missing()
	}
	if !mayKeepAny(r.Actor()) {
		return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return draft.About{}, nil
}

// aboutTemplate is whose a template is, for those who may change it.
func aboutTemplate(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	t, err := templateByID(r.Context(), tx, record)
	switch {
	case err != nil:
		return draft.About{}, err
	case !mayKeep(r.Actor(), t.Program):
		return draft.About{}, fault.Refused()
	case t.Program == nil:
		return draft.About{}, nil
	}
	in, err := program.ByID(r.Context(), tx, *t.Program)
	return draft.About{Program: in.ID, Confidential: in.Confidential}, err
}
