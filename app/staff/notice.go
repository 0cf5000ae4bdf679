package staff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/mail"
	"konote/app/settings"
	"konote/jobs"
	"konote/keyring"
	"konote/tenancy"
)

// Notice is something about her own account that a person is told by e-mail, because she
// should know when it was not she who did it.
type Notice string

// The notices, as jobs name them.
const (
	NewDevice       Notice = "new_device"       // somebody signed in where nobody had before
	PasswordChanged Notice = "password_changed" // by her, or with a link
	EmailChanged    Notice = "email_changed"    // told to the address before too
	FactorAdded     Notice = "factor_added"
	FactorRemoved   Notice = "factor_removed"
	FactorReset     Notice = "factor_reset" // by an administrator
	CodesMade       Notice = "codes_made"
	SignInConnected Notice = "sign_in_connected" // to a provider elsewhere
	CalendarShared  Notice = "calendar_shared"   // an address was made that others can read it at
)

// Valid implements jobs.Enum.
func (n Notice) Valid() bool { return noticeWords[n].subject != "" }

var noticeWords = map[Notice]struct {
	subject i18n.Key
	text    func(at string) i18n.Message
}{
	NewDevice:       {i18n.PeopleMailDeviceSubject, func(at string) i18n.Message { return i18n.PeopleMailDeviceText(at) }},
	PasswordChanged: {i18n.PeopleMailPasswordSubject, func(at string) i18n.Message { return i18n.PeopleMailPasswordText(at) }},
	EmailChanged:    {i18n.PeopleMailEmailSubject, func(at string) i18n.Message { return i18n.PeopleMailEmailText(at) }},
	FactorAdded:     {i18n.PeopleMailFactorSubject, func(at string) i18n.Message { return i18n.PeopleMailFactorAdded(at) }},
	FactorRemoved:   {i18n.PeopleMailFactorSubject, func(at string) i18n.Message { return i18n.PeopleMailFactorRemoved(at) }},
	FactorReset:     {i18n.PeopleMailFactorSubject, func(at string) i18n.Message { return i18n.PeopleMailFactorReset(at) }},
	CodesMade:       {i18n.PeopleMailFactorSubject, func(at string) i18n.Message { return i18n.PeopleMailCodesMade(at) }},
	SignInConnected: {i18n.SsoMailConnectedSubject, func(at string) i18n.Message { return i18n.SsoMailConnectedText(at) }},
	CalendarShared:  {i18n.EventMailFeedSubject, func(at string) i18n.Message { return i18n.EventMailFeedText(at) }},
}

// noticeArgs are those of the job that tells somebody something.
type noticeArgs struct {
	Staff uuid.UUID `json:"staff"`
	What  Notice    `json:"what"`
	At    time.Time `json:"at"`
}

// Kind implements jobs.Args.
func (noticeArgs) Kind() string { return "staff.notice" }

// Notify has a person told by e-mail, in her language, of what has happened to her account
// in this transaction. Whoever has no address is not told.
func Notify(ctx context.Context, tx *tenancy.Tx, person uuid.UUID, what Notice) error {
	return jobs.Enqueue(ctx, tx, noticeArgs{Staff: person, What: what, At: tx.Now()}, jobs.Options{})
}

// deviceFor is how long a device on which nobody signs in stays known.
const deviceFor = 90 * 24 * time.Hour

var colDevice = keyring.Column{Table: "known_devices", Name: "device_hash"}

// NoteDevice remembers the device that somebody signs in on, and has her told when it is a
// new one. The very first device of an account is no news. device is web.Request.Device; it
// is kept as a keyed hash together with the person, so two people at one computer cannot be
// told to be that.
func NoteDevice(ctx context.Context, tx *tenancy.Tx, person uuid.UUID, device string) error {
	hashes, err := tx.Box().Index(colDevice, person.String()+"|"+device)
	if err != nil {
		return fmt.Errorf("hash a device: %w", err)
	}
	var known, first bool
	if err := tx.QueryRow(ctx, sqlDevice, person, hashes, tx.Now().Add(-deviceFor)).Scan(&known, &first); err != nil {
		return fmt.Errorf("look for a device: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlSeeDevice, person, newest(hashes), tx.Now()); err != nil {
		return fmt.Errorf("note a device: %w", err)
	}
	if known || first {
		return nil
	}
	return Notify(ctx, tx, person, NewDevice)
}

type workers struct {
	mail *mail.Sender
	url  func(host string) string
}

// AddJobs hands this package's workers to the registry. url is where a host's pages are.
func AddJobs(r *jobs.Registry, sender *mail.Sender, url func(host string) string) {
	w := &workers{mail: sender, url: url}
	jobs.Add(r, w.notice)
	jobs.Add(r, w.reset)
	jobs.Add(r, w.connect)
}

// notice writes to the person, and after a change of address to the one before as well.
func (w *workers) notice(ctx context.Context, agency *tenancy.Agency, args noticeArgs) error {
	var messages []mail.Message
	var told keyring.Sealed
	err := agency.View(ctx, func(tx *tenancy.Tx) error {
		messages = nil
		person, err := ByID(ctx, tx, args.Staff)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		addresses := []string{person.Email}
		if args.What == EmailChanged {
			before := ""
			if before, told, err = previousEmail(ctx, tx, args.Staff); err != nil {
				return err
			}
			addresses = append(addresses, before)
		}
		p, err := PrinterFor(ctx, tx, person.Language)
		if err != nil {
			return err
		}
		words := noticeWords[args.What]
		for i, address := range addresses {
			if address == "" {
				continue
			}
			messages = append(messages, mail.Message{
				ID: MessageID(agency.ID, "notice", string(args.What), args.Staff.String(), args.At.UTC().Format(time.RFC3339Nano), fmt.Sprint(i)),
				To: address, Language: p.Language(), Subject: p.T(words.subject),
				Text: p.T(words.text(p.Moment(args.At))) + "\n\n" + p.T(i18n.PeopleMailNotYou) + "\n\n" + w.url(agency.Host) + "\n",
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, message := range messages {
		if err := Deliver(w.mail.Send(ctx, message)); err != nil {
			return err
		}
	}
	if told == nil {
		return nil
	}
	return agency.Update(ctx, func(tx *tenancy.Tx) error { return toldPrevious(ctx, tx, args.Staff, told) })
}

// PrinterFor writes to somebody in her language, in the agency's words and on its clock.
func PrinterFor(ctx context.Context, tx *tenancy.Tx, language string) (*i18n.Printer, error) {
	chosen, err := settings.Load(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("load settings: %w", err)
	}
	return i18n.NewPrinter(language, chosen.Terms, chosen.Zone), nil
}

// Deliver is what a job makes of an answer of mail.Sender.Send: where trying again cannot
// help, it has done what it could.
func Deliver(err error) error {
	if errors.Is(err, mail.ErrNotConfigured) || errors.Is(err, mail.ErrRefused) {
		return nil
	}
	return err
}

// MessageID names a message: the same for the same occasion, and of the agency. It tells
// nothing of what it is about.
func MessageID(agency uuid.UUID, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "|")))
	return hex.EncodeToString(sum[:12]) + "." + agency.String()
}
