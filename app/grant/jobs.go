package grant

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/mail"
	"konote/app/settings"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
)

// tellArgs are those of the job that tells one person of an emergency.
type tellArgs struct {
	Grant uuid.UUID `json:"grant"`
	Staff uuid.UUID `json:"staff"`
}

// Kind implements jobs.Args.
func (tellArgs) Kind() string { return "grant.tell" }

type workers struct {
	mail *mail.Sender
	url  func(host string) string
}

// AddJobs hands this package's workers to the registry. url is where a host's pages are.
func AddJobs(r *jobs.Registry, sender *mail.Sender, url func(host string) string) {
	jobs.Add(r, (&workers{mail: sender, url: url}).tell)
}

// responsible are those who answer for what was opened, but for the one who opened it.
func responsible(ctx context.Context, tx *tenancy.Tx, g Grant) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, sqlResponsible, g.Through, g.Staff)
	if err != nil {
		return nil, fmt.Errorf("find who is responsible: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find who is responsible: %w", err)
	}
	return people, nil
}

// tellOf has everybody who is responsible told of an emergency.
func tellOf(ctx context.Context, tx *tenancy.Tx, g Grant) error {
	people, err := responsible(ctx, tx, g)
	if err != nil || len(people) == 0 {
		return err
	}
	many := make([]tellArgs, len(people))
	for i, person := range people {
		many[i] = tellArgs{Grant: g.ID, Staff: person}
	}
	return jobs.EnqueueMany(ctx, tx, many, jobs.Options{})
}

// tell sends one person word that there was an emergency, and nothing about whom. It looks
// again whether she is responsible: roles may have changed.
func (w *workers) tell(ctx context.Context, agency *tenancy.Agency, args tellArgs) error {
	var message *mail.Message
	var g Grant
	err := agency.View(ctx, func(tx *tenancy.Tx) (err error) {
		message = nil
		if g, err = load(ctx, tx, sqlByID, args.Grant); err != nil {
			return err
		}
		people, err := responsible(ctx, tx, g)
		if err != nil || !slices.Contains(people, args.Staff) {
			return err
		}
		person, err := staff.ByID(ctx, tx, args.Staff)
		if err != nil || person.Email == "" {
			return err
		}
		chosen, err := settings.Load(ctx, tx)
		message = w.notice(agency, g, person, chosen.Zone)
		return err
	})
	if err != nil || message == nil {
		return err
	}
	if err := w.mail.Send(ctx, *message); err != nil {
		return err
	}
	return agency.Update(ctx, func(tx *tenancy.Tx) error {
		return audit.Record(ctx, tx, audit.By{Kind: audit.KindSystem}, audit.Event{
			Action: actionTell, Program: g.Through[0], Subject: g.ID, After: map[string]uuid.UUID{"staff": args.Staff},
		})
	})
}

func (w *workers) notice(agency *tenancy.Agency, g Grant, person staff.Staff, zone *time.Location) *mail.Message {
	p := i18n.NewPrinter(person.Language, nil, zone)
	sum := sha256.Sum256([]byte("grant|" + g.ID.String() + "|" + person.ID.String()))
	return &mail.Message{
		ID: hex.EncodeToString(sum[:12]) + "." + agency.ID.String(), // the same when it is sent again
		To: person.Email, Language: p.Language(), Urgent: true, Subject: p.T(i18n.GrantMailSubject),
		Text: p.T(i18n.GrantMailText(agency.Name(p.Language()), p.Moment(g.CreatedAt))) + "\n\n" +
			p.T(i18n.GrantMailSignIn) + "\n" + w.url(agency.Host) + "\n",
	}
}
