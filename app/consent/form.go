package consent

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// typed is an event as a form has it: days may be wrong still.
type typed struct {
	Event
	On      string
	Expires string
}

// blank is the form as it opens: today, by herself, in person, in her own language.
func blank(purpose Purpose, language string, today civil.Date) typed {
	return typed{
		Event: Event{ID: tenancy.NewID(), Purpose: purpose, By: Herself, How: InPerson, Language: language, HappenedOn: today},
		On:    today.String(),
	}
}

// decode reads a form of either kind. Anything but an id of ours is replaced.
func decode(r *web.Request, purpose Purpose) typed {
	t := typed{
		Event: Event{
			Purpose: purpose, By: By(r.Value("given_by")), How: How(r.Value("how")), Language: r.Value("language"),
			Limits: r.Value("limits"), Reason: r.Value("reason"), RecordedBy: r.Actor().Staff,
		},
		On: r.Value("happened_on"), Expires: r.Value("expires_on"),
	}
	var err error
	if t.ID, err = uuid.Parse(r.Value("id")); err != nil || t.ID.Version() != 7 {
		t.ID = tenancy.NewID()
	}
	if t.Language != "fr" {
		t.Language = "en"
	}
	t.Text, _ = uuid.Parse(r.Value("text")) // another one than stands is a problem of its own
	t.HappenedOn, _ = civil.Parse(t.On)     // no day is a problem of its own
	t.ExpiresOn, _ = civil.Parse(t.Expires) // likewise
	if kind := Kind(r.Value("answer")); slices.Contains([]Kind{Given, Refused}, kind) {
		t.Kind = kind
	}
	if purpose.casl() && t.Kind == Given {
		t.Basis = Basis(r.Value("basis"))
	}
	return t
}

// asRecorded leaves what belongs to an answer: who refuses sets no limits and nothing lapses.
func (t typed) asRecorded() typed {
	t.Reason = ""
	if t.Kind == Refused {
		t.ExpiresOn, t.Basis = civil.Date{}, ""
	}
	return t
}

// asWithdrawal leaves what belongs to a withdrawal.
func (t typed) asWithdrawal() typed {
	t.Kind, t.Text, t.Language, t.Basis, t.ExpiresOn, t.Limits = Withdrawn, uuid.Nil, "", "", civil.Date{}, ""
	return t
}

// problems are those of the event, and of days that are none.
func (t typed) problems(last Event, today civil.Date) view.Problems {
	problems := t.check(last, today)
	if t.Expires != "" && t.Kind == Given && t.ExpiresOn.IsZero() {
		problems.Add("expires_on", i18n.ConsentExpiresWrong)
	}
	return problems
}
