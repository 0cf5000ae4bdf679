package staff

import (
	"context"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/mail"
	"konote/jobs"
	"konote/tenancy"
)

// resetArgs are those of the job that mails a link for a forgotten password. The link itself
// is not in them: see Links.
type resetArgs struct {
	Reset uuid.UUID `json:"reset"`
}

// Kind implements jobs.Args.
func (resetArgs) Kind() string { return "staff.reset" }

func queueReset(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) error {
	return jobs.Enqueue(ctx, tx, resetArgs{Reset: id}, jobs.Options{})
}

// reset mails the link, unless it is used, over or void by now.
func (w *workers) reset(ctx context.Context, agency *tenancy.Agency, args resetArgs) error {
	return w.mailLink(ctx, agency, args.Reset, linkMail{links: resetLinks, name: "reset", path: "/reset/",
		subject: i18n.PeopleMailResetSubject, text: func(at string) i18n.Message { return i18n.PeopleMailResetText(at) }, notYou: i18n.PeopleMailResetNotYou})
}

// linkMail is what a mail with a link of one kind says.
type linkMail struct {
	links           Links
	name, path      string
	subject, notYou i18n.Message
	text            func(agency string) i18n.Message
}

// mailLink mails a link to whose account it is about, unless it is used, over or void by now.
func (w *workers) mailLink(ctx context.Context, agency *tenancy.Agency, link uuid.UUID, of linkMail) error {
	var message *mail.Message
	err := agency.View(ctx, func(tx *tenancy.Tx) error {
		message = nil
		id, token, until, err := linkToMail(ctx, tx, of.links, link)
		if err != nil || token == "" {
			return err
		}
		person, err := ByID(ctx, tx, id)
		if err != nil || person.Email == "" {
			return err
		}
		p, err := PrinterFor(ctx, tx, person.Language)
		if err != nil {
			return err
		}
		message = &mail.Message{
			ID: MessageID(agency.ID, of.name, link.String()),
			To: person.Email, Language: p.Language(), Subject: p.T(of.subject),
			Text: p.T(of.text(agency.Name(p.Language()))) + "\n\n" + w.url(agency.Host) + of.path + token + "?lang=" + p.Language() + "\n\n" +
				p.T(i18n.PeopleMailResetUntil(p.Moment(until.Truncate(time.Minute)))) + "\n\n" + p.T(of.notYou) + "\n",
		}
		return nil
	})
	if err != nil || message == nil {
		return err
	}
	return Deliver(w.mail.Send(ctx, *message))
}
