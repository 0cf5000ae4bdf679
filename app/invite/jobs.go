package invite

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/mail"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
)

// mailArgs are those of the job that mails an invitation. The link is not in them.
type mailArgs struct {
	Invitation uuid.UUID `json:"invitation"`
}

// Kind implements jobs.Args.
func (mailArgs) Kind() string { return "invitation.mail" }

type workers struct {
	mail *mail.Sender
	url  func(host string) string
}

// AddJobs hands this package's worker to the registry. url is where a host's pages are.
func AddJobs(r *jobs.Registry, sender *mail.Sender, url func(host string) string) {
	w := &workers{mail: sender, url: url}
	jobs.Add(r, w.send)
}

// send mails the link of an open invitation and notes what came of it. What a mail server
// may take later is tried again by the queue.
func (w *workers) send(ctx context.Context, agency *tenancy.Agency, args mailArgs) error {
	var message *mail.Message
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		message, err = w.compose(ctx, tx, args.Invitation)
		return err
	})
	if err != nil || message == nil {
		return err
	}
	sent := w.mail.Send(ctx, *message)
	became := Sent
	if errors.Is(sent, mail.ErrNotConfigured) || errors.Is(sent, mail.ErrRefused) {
		became = Failed
	} else if sent != nil {
		return sent
	}
	return agency.Update(ctx, func(tx *tenancy.Tx) error {
		_, err := touch(ctx, tx, sqlMailed, args.Invitation, became)
		return err
	})
}

// compose writes the message; nil when the invitation is not open any more.
func (w *workers) compose(ctx context.Context, tx *tenancy.Tx, id uuid.UUID) (*mail.Message, error) {
	i, hash, err := load(ctx, tx, sqlByID, id)
	if err != nil || i.State(tx.Now()) != Open {
		return nil, err
	}
	token, err := links.Again(tx.Box(), i.ID, hash)
	if err != nil || token == "" {
		return nil, err
	}
	p, err := staff.PrinterFor(ctx, tx, i.Language)
	if err != nil {
		return nil, err
	}
	agency := tx.Agency()
	name := agency.Name(p.Language())
	return &mail.Message{
		ID: staff.MessageID(agency.ID, "invitation", i.ID.String()),
		To: i.Email, Language: p.Language(), Subject: p.T(i18n.InviteMailSubject(name)),
		Text: p.T(i18n.InviteMailText(name)) + "\n\n" + w.url(agency.Host) + "/invitation/" + token + "?lang=" + p.Language() + "\n\n" +
			p.T(i18n.InviteMailUntil(p.Moment(i.ExpiresAt.Truncate(time.Minute)))) + "\n\n" + p.T(i18n.InviteMailUnexpected) + "\n",
	}, nil
}
