package consent

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

// The forms that are kept while they are typed in: of each purpose, one in which consent
// is recorded, one in which it is withdrawn, and one for its text.
var (
	recordForms   = formsOf("record", i18n.ConsentRecordTitle)
	withdrawForms = formsOf("withdraw", i18n.ConsentWithdrawTitle, "withdraw")
	textForms     = func() map[Purpose]draft.Form {
		forms := map[Purpose]draft.Form{}
		for _, purpose := range Purposes {
			forms[purpose] = draft.Form{
				Name: "consent_text." + string(purpose), Title: i18n.ConsentTextTitle,
				Page:  func(_, _ uuid.UUID) view.URL { return view.To("settings", "consent-texts", string(purpose)) },
				About: aboutText,
			}
		}
		return forms
	}()
)

// formsOf are the forms about a participant's consent, one of each purpose.
func formsOf(name string, title i18n.Message, below ...string) map[Purpose]draft.Form {
	forms := map[Purpose]draft.Form{}
	for _, purpose := range Purposes {
		forms[purpose] = draft.Form{
			Name: "consent." + name + "." + string(purpose), Title: title,
			Page: func(record, _ uuid.UUID) view.URL {
				return address(record, append([]string{string(purpose)}, below...)...)
			},
			About: participant.DraftAbout(access.ConsentManage),
		}
	}
	return forms
}

func aboutText(r *web.Request, _ *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if record != uuid.Nil {
		return draft.About{}, fault.Missing()
	}
	if !r.Actor().Admin {
		return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	return draft.About{}, nil
}

// Forms are all of them.
func Forms() draft.Forms {
	var all draft.Forms
	for _, purpose := range Purposes {
		all = append(all, recordForms[purpose], withdrawForms[purpose], textForms[purpose])
	}
	return all
}

// address is that of the tab of a participant's consent, or of a page below it.
func address(participant uuid.UUID, below ...string) view.URL {
	return view.To(append([]string{"participants", participant.String(), "consent"}, below...)...)
}
