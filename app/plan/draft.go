package plan

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/draft"
	"konote/app/i18n"
	"konote/app/participant"
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
		About: aboutEdit, Fields: words,
	}
)

// words are the fields that hold words.
var words = []draft.Field{{Name: "words", Label: i18n.PlanWords}, {Name: "name", Label: i18n.PlanName},
	{Name: "description", Label: i18n.PlanDescription}, {Name: "new_section", Label: i18n.PlanSectionNew}}

// aboutEdit is whose a target is, for those who may change it.
func aboutEdit(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	at, err := placeOf(r.Context(), tx, sqlPlaceOfTarget, record)
	if err != nil {
		return draft.About{}, err
	}
	s, err := loadPlace(r, tx, at, access.PlanEdit)
	return draft.About{Participant: at.Participant, Program: at.Program, Confidential: s.confidential(at.Program)}, err
}
