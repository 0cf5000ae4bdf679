package directive

import (
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The forms that are kept while they are typed in; the record is the participant, that of
// the end of a directive the directive.
var (
	NewForm = draft.Form{
		Name: "directive.new", Title: i18n.DirectiveNewTitle, About: participant.DraftAbout(access.ConsentManage),
		Page: func(record, _ uuid.UUID) view.URL { return address(record, "new") },
	}
	LiftForm = draft.Form{
		Name: "directive.lift", Title: i18n.DirectiveLiftTitle, About: aboutLift,
		Page: func(record, participant uuid.UUID) view.URL { return address(participant, record.String(), "lift") },
	}
	RemovalForm = draft.Form{
		Name: "guard.remove", Title: i18n.GuardRemoveTitle, About: aboutRemoval,
		Page: func(record, _ uuid.UUID) view.URL { return guardAddress(record) },
	}
)

// aboutLift is whose a directive is, for those who may lift it.
func aboutLift(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	d, err := anyByID(r.Context(), tx, record)
	if err != nil {
		return draft.About{}, err
	}
	about, err := participant.DraftAbout(access.ConsentManage)(r, tx, d.Participant)
	if err != nil {
		return draft.About{}, err
	}
	roles, err := rolesOf(r.Context(), tx, r.Actor().Staff)
	if err == nil && d.Against(r.Actor().Staff, roles) {
		err = fault.New(fault.Denied, i18n.DirectiveLiftMine)
	}
	return about, err
}

// aboutRemoval is for agencies that guard whereabouts.
func aboutRemoval(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if r.Actor().Policy.Tier < access.RoleBased {
		return draft.About{}, fault.New(fault.Denied, i18n.GuardTierDenied)
	}
	return participant.DraftAbout(access.ConsentManage)(r, tx, record)
}

// address is that of a participant's directives, or of a page below it.
func address(participant uuid.UUID, below ...string) view.URL {
	return view.To(append([]string{"participants", participant.String(), "directives"}, below...)...)
}

func guardAddress(participant uuid.UUID, below ...string) view.URL {
	return view.To(append([]string{"participants", participant.String(), "guard"}, below...)...)
}
