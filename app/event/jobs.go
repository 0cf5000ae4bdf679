package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
	"konote/app/consent"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/mail"
	"konote/app/settings"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
)

// The acts of jobs that are recorded.
const (
	actionRemind audit.Action = "meeting.remind"
	actionTell   audit.Action = "event.tell"
)

// remindArgs are those of the job that reminds a participant of a meeting. A meeting that
// was moved has another job: this one finds that it begins at another time.
type remindArgs struct {
	Meeting uuid.UUID `json:"meeting"`
	Starts  time.Time `json:"starts"`
	Try     int       `json:"try"`
}

// Kind implements jobs.Args.
func (remindArgs) Kind() string { return "meeting.remind" }

// tellArgs are those of the job that tells one member of staff of a flag.
type tellArgs struct {
	Event   uuid.UUID `json:"event"`
	Program uuid.UUID `json:"program"`
	Staff   uuid.UUID `json:"staff"`
	Flagged time.Time `json:"flagged"`
}

// Kind implements jobs.Args.
func (tellArgs) Kind() string { return "event.tell" }

// bySystem is who acts when a job does.
func bySystem() audit.By { return audit.By{Kind: audit.KindSystem} }

type workers struct {
	mail *mail.Sender
	url  func(host string) string
}

// AddJobs hands this package's workers to the registry. url is where a host's pages are.
func AddJobs(r *jobs.Registry, sender *mail.Sender, url func(host string) string) {
	w := &workers{mail: sender, url: url}
	jobs.Add(r, w.remind)
	jobs.Add(r, w.tell)
}

// queueReminder has the participant reminded in time, if the meeting waits for that.
func queueReminder(ctx context.Context, tx *tenancy.Tx, e Event) error {
	if e.Reminder != Waiting {
		return nil
	}
	return jobs.Enqueue(ctx, tx, remindArgs{Meeting: e.ID, Starts: e.StartsAt.UTC()}, jobs.Options{At: remindAt(e.StartsAt)})
}

// remind claims the reminder, sends it outside of any transaction, and notes what came of
// it.
func (w *workers) remind(ctx context.Context, agency *tenancy.Agency, args remindArgs) error {
	var message *mail.Message
	err := agency.Update(ctx, func(tx *tenancy.Tx) (err error) {
		message, err = w.prepare(ctx, tx, args)
		return err
	})
	if err != nil || message == nil {
		return err
	}
	sent := w.mail.Send(ctx, *message)
	return agency.Update(ctx, func(tx *tenancy.Tx) error { return settle(ctx, tx, args, sent) })
}

// prepare claims the reminder and writes its message; nil when there is nothing to send.
func (w *workers) prepare(ctx context.Context, tx *tenancy.Tx, args remindArgs) (*mail.Message, error) {
	participant, program, mine, err := claim(ctx, tx, args.Meeting, args.Starts)
	if err != nil || !mine {
		return nil, err
	}
	chosen, err := settings.Load(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("load settings: %w", err)
	}
	c, err := contactOf(ctx, tx, participant, civil.Of(tx.Now().In(chosen.Zone)))
	if err != nil {
		return nil, err
	}
	to, why := c.gate(), Problem("")
	if !args.Starts.After(tx.Now()) {
		to, why = Failed, TooLate
	}
	if to != Waiting {
		_, err := reminded(ctx, tx, args.Meeting, args.Starts, to, why)
		return nil, err
	}
	p := i18n.NewPrinter(c.Language, chosen.Terms, chosen.Zone)
	path, err := consent.StopPath(tx, participant)
	if err != nil {
		return nil, err
	}
	stop := w.url(tx.Agency().Host) + path + "?lang=" + p.Language()
	return &mail.Message{
			ID: messageID(tx.Agency().ID, "remind", args.Meeting.String(), args.Starts.UTC().Format(time.RFC3339)),
			To: c.Email, Language: p.Language(), Subject: p.T(i18n.EventMailReminderSubject), Stop: stop,
			Text: p.T(i18n.EventMailReminderHello) + "\n\n" +
				p.T(i18n.EventMailReminderText(p.Day(args.Starts), p.Clock(args.Starts))) + "\n\n" +
				p.T(i18n.EventMailReminderCall) + "\n\n" + p.T(i18n.EventMailReminderNoReply) + "\n\n" +
				p.T(i18n.EventMailReminderStop) + "\n" + stop + "\n",
		}, audit.Record(ctx, tx, bySystem(), audit.Event{
			Action: actionRemind, Program: program, Subject: args.Meeting, Participants: []uuid.UUID{participant},
		})
}

// settle notes what came of sending, and has it tried again when the server did not
// answer.
func settle(ctx context.Context, tx *tenancy.Tx, args remindArgs, sent error) error {
	to, why := Failed, Problem("")
	again := false
	switch {
	case sent == nil:
		to = Sent
	case errors.Is(sent, mail.ErrNotConfigured):
		why = NoServer
	case errors.Is(sent, mail.ErrRefused):
		why = Refused
	default:
		why = Unreachable
		if again = args.Try+1 < remindTries; again {
			to = Waiting
		}
	}
	noted, err := reminded(ctx, tx, args.Meeting, args.Starts, to, why)
	if err != nil || !noted || !again {
		return err
	}
	wait := 5 * time.Minute
	for range args.Try {
		wait *= 3
	}
	args.Try++
	return jobs.Enqueue(ctx, tx, args, jobs.Options{At: tx.Now().Add(wait)})
}

// tellResponsible has those who are responsible told of a flag, but for whoever flagged.
func tellResponsible(ctx context.Context, tx *tenancy.Tx, e Event) error {
	people, err := responsibleFor(ctx, tx, e.Program)
	if err != nil {
		return err
	}
	var many []tellArgs
	for _, person := range people {
		if person != e.FlaggedBy {
			many = append(many, tellArgs{Event: e.ID, Program: e.Program, Staff: person, Flagged: e.FlaggedAt.UTC()})
		}
	}
	if len(many) == 0 {
		return nil
	}
	return jobs.EnqueueMany(ctx, tx, many, jobs.Options{})
}

// tell sends one member of staff word that there is a serious event, and nothing about it.
// Nobody is told to whom the participant has closed it: that there is one is word of her.
func (w *workers) tell(ctx context.Context, agency *tenancy.Agency, args tellArgs) error {
	reader, _, err := staff.Visitor(ctx, agency, args.Staff)
	if fault.KindOf(err) == fault.SignedOut { // her account is closed
		return nil
	}
	if err != nil {
		return err
	}
	var message *mail.Message
	err = agency.View(ctx, func(tx *tenancy.Tx) error {
		message = nil
		severity, tell, err := untold(ctx, tx, args, reader.Actor.Withheld(access.SreViewReport))
		if err != nil || !tell {
			return err
		}
		person, err := staff.ByID(ctx, tx, args.Staff)
		if err != nil {
			return err
		}
		message = w.notice(agency, args, person, severity)
		return nil
	})
	if err != nil || message == nil {
		return err
	}
	if err := w.mail.Send(ctx, *message); err != nil {
		return err
	}
	return agency.Update(ctx, func(tx *tenancy.Tx) error {
		if _, err := tx.Exec(ctx, sqlTold, args.Event, args.Staff); err != nil {
			return fmt.Errorf("note who was told: %w", err)
		}
		return audit.Record(ctx, tx, bySystem(), audit.Event{
			Action: actionTell, Program: args.Program, Subject: args.Event, After: map[string]uuid.UUID{"staff": args.Staff},
		})
	})
}

func (w *workers) notice(agency *tenancy.Agency, args tellArgs, person staff.Staff, severity int) *mail.Message {
	p := i18n.NewPrinter(person.Language, nil, nil)
	subject, text := i18n.EventMailSeriousSubject, i18n.EventMailSeriousText(agency.Name(p.Language()))
	if severity == 1 {
		subject = i18n.EventMailSeriousUrgent
	}
	return &mail.Message{
		ID: messageID(agency.ID, "tell", args.Event.String(), args.Staff.String(), args.Flagged.Format(time.RFC3339Nano)),
		To: person.Email, Language: p.Language(), Urgent: severity == 1, Subject: p.T(subject),
		Text: p.T(text) + "\n\n" + p.T(i18n.EventMailSeriousSignIn) + "\n" + w.url(agency.Host) + "\n",
	}
}

// messageID names a message: the same for the same occasion, and of the agency, so that
// the demo's mailbox shows each agency its own. It tells nothing of what it is about.
func messageID(agency uuid.UUID, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return hex.EncodeToString(sum[:12]) + "." + agency.String()
}
