package participant

import (
	"github.com/google/uuid"

	"konote/app/access"
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
		Name: "participant.new", Title: i18n.ParticipantNewTitle,
		Page:  func(_, _ uuid.UUID) view.URL { return view.To("participants", "new") },
		About: aboutNew,
	}
	EditForm = draft.Form{
		Name: "participant.edit", Title: i18n.ParticipantEditTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "edit") },
		About: aboutEdit,
	}
	ChangeForm = draft.Form{
		Name: "enrolment.change", Title: i18n.EnrolmentChangeTitle,
		Page: func(record, participant uuid.UUID) view.URL {
			return view.To("participants", participant.String(), "enrolments", record.String())
		},
		About: aboutChange, Fields: []draft.Field{{Name: "reason", Label: i18n.EnrolmentReason}},
	}
)

// aboutNew is about nobody yet.
func aboutNew(r *web.Request, _ *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if record != uuid.Nil {
		return draft.About{}, fault.Missing()
	}
	if !r.Actor().May(access.ParticipantCreate) {
		return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return draft.About{}, nil
}

func aboutEdit(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	p, err := Reach(r.Context(), tx, r.Actor(), record, access.ParticipantViewName)
	if err != nil {
		return draft.About{}, err
	}
	if !p.Levels.EditsAny() {
		return draft.About{}, p.editDenied()
	}
	return p.about(), nil
}

// aboutChange is whose an enrolment is, for those who may change it.
func aboutChange(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	id, err := enrolledBy(r.Context(), tx, record)
	if err != nil {
		return draft.About{}, err
	}
	page, err := reachChange(r, tx, id, record)
	return draft.About{Participant: id, Program: page.Enrolment.Program, Confidential: page.Enrolment.Confidential}, err
}

// DraftAbout is the About of a form whose record is a participant, for those who may do
// something (key) with her.
func DraftAbout(key access.Key) func(*web.Request, *tenancy.Tx, uuid.UUID) (draft.About, error) {
	return func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		p, err := Reach(r.Context(), tx, r.Actor(), record, key)
		if err != nil {
			return draft.About{}, err
		}
		return p.about(), nil
	}
}

func (r *Reached) about() draft.About {
	return draft.About{Participant: r.ID, Program: r.Through[0], Confidential: anyConfidential(r.Enrolments)}
}
