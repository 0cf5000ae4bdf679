package alert

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

// The forms that are kept while they are typed in. The record of a new alert's form is
// the participant, that of the others the alert.
var (
	NewForm = draft.Form{
		Name: "alert.new", Title: i18n.AlertNewTitle,
		Page:  func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "alerts", "new") },
		About: participant.DraftAbout(access.AlertCreate), Fields: []draft.Field{{Name: "text", Label: i18n.AlertText}},
	}
	RecommendForm = formOf("recommend", i18n.AlertRecommendTitle, access.AlertRecommendCancel)
	ReviewForm    = formOf("review", i18n.AlertReviewTitle, access.AlertReviewCancelRecommendation)
	EndForm       = formOf("end", i18n.AlertEndTitle, access.AlertCancel)
)

// formOf is the form of something that is done with an alert (key), at /alerts/:alert/<path>.
func formOf(path string, title i18n.Message, key access.Key) draft.Form {
	return draft.Form{
		Name: "alert." + path, Title: title,
		Page: func(record, _ uuid.UUID) view.URL { return view.To("alerts", record.String(), path) },
		About: func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
			d, err := load(r.Context(), tx, r.Actor(), sqlByID, record)
			if err != nil {
				return draft.About{}, err
			}
			if _, err := participant.Reach(r.Context(), tx, r.Actor(), d.Participant, access.AlertView); err != nil {
				return draft.About{}, err
			}
			if !d.may(key) {
				return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
			}
			in, err := program.ByID(r.Context(), tx, d.Program)
			return draft.About{Participant: d.Participant, Program: d.Program, Confidential: in.Confidential}, err
		},
	}
}
