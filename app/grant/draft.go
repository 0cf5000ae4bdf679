package grant

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

// The forms that are kept while they are typed in. The record is the participant, that of
// a review the grant.
var (
	AskForm       = formOf("ask", i18n.GrantAskTitle, "access", i18n.GrantWhy, mayAsk)
	EmergencyForm = formOf("emergency", i18n.GrantEmergencyTitle, "emergency", i18n.GrantEmergencyWhy, mayOpen)
	ReviewForm    = draft.Form{
		Name: "grant.review", Title: i18n.GrantShowTitle, About: aboutReview,
		Page:   func(record, _ uuid.UUID) view.URL { return view.To("settings", "grants", record.String()) },
		Fields: []draft.Field{{Name: "remark", Label: i18n.GrantRemark}},
	}
)

// formOf is a form that opens a record, at /participants/:participant/<path>, for those
// whom may does not refuse.
func formOf(name string, title i18n.Message, path string, why i18n.Message, may func(*web.Request, *askPage) error) draft.Form {
	return draft.Form{
		Name: "grant." + name, Title: title, Fields: []draft.Field{{Name: "why", Label: why}},
		Page: func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), path) },
		About: func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
			p, err := reach(r, tx, record)
			if err != nil {
				return draft.About{}, err
			}
			if err := may(r, &p); err != nil {
				return draft.About{}, err
			}
			return draft.About{Participant: record, Program: p.About.Through[0], Confidential: p.About.AnyConfidential()}, nil
		},
	}
}

// aboutReview names no participant: who looks back need not reach her.
func aboutReview(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	g, err := toReview(r, tx, record)
	if err != nil {
		return draft.About{}, err
	}
	if g.Staff == r.Actor().Staff {
		return draft.About{}, fault.New(fault.Denied, i18n.GrantReviewOwn)
	}
	in, err := program.ByID(r.Context(), tx, g.Through[0])
	return draft.About{Program: in.ID, Confidential: in.Confidential}, err
}
