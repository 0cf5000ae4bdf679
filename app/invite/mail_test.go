package invite

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/mail"
	"konote/app/mail/sink"
	"konote/app/staff"
	"konote/jobs"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestTheLinkIsInTheMailAndNowhereElse(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	if err := jobs.Migrate(t.Context(), w.URL("konote_owner")); err != nil {
		t.Fatal(err)
	}
	agency := w.Agency(t)
	taken, err := sink.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(taken.Close)
	sender, err := mail.New(taken.URL(), "no-reply@konote.example")
	if err != nil {
		t.Fatal(err)
	}
	does := &workers{mail: sender, url: func(host string) string { return "https://" + host }}

	i := Invitation{ID: tenancy.NewID(), Name: "Robin\r\nBcc: x@evil.example", Email: "robin@new.example", Language: "fr", Admin: true, Roles: map[uuid.UUID]access.Role{}}
	update := func(f func(*tenancy.Tx) error) {
		t.Helper()
		if err := agency.Update(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	by := audit.By{Kind: audit.KindOperator, Operator: "test"}
	update(func(tx *tenancy.Tx) error {
		admin, err := staff.Insert(t.Context(), tx, by, staff.New{DisplayName: "Ana", Username: "ana", Admin: true})
		if err != nil {
			return err
		}
		return create(t.Context(), tx, by, staff.Powers{Staff: admin, Admin: true}, i, 7)
	})
	if err := does.send(t.Context(), agency, mailArgs{Invitation: i.ID}); err != nil {
		t.Fatal(err)
	}
	messages := taken.Messages()
	if len(messages) != 1 {
		t.Fatalf("got %d messages, want 1", len(messages))
	}
	_, token, found := strings.Cut(messages[0].Text, "https://"+agency.Host+"/invitation/")
	if !found {
		t.Fatalf("no link in %q", messages[0].Text)
	}
	token = token[:43]
	if text := messages[0].Text; strings.Contains(text, "Robin") || strings.Contains(messages[0].Subject(), "Robin") || !strings.Contains(text, "Suivez ce lien") {
		t.Errorf("the message names somebody, or is not in French: %q", text)
	}

	db, err := pgx.Connect(t.Context(), w.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	for _, table := range []string{agency.Role() + ".invitations", "jobs.river_job", "outbox.audit_events"} {
		rows, err := db.Query(t.Context(), `SELECT t::text FROM `+table+` t`)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(texts, "\n")
		for _, secret := range []string{token, "robin@new", "Robin"} {
			if strings.Contains(all, secret) {
				t.Errorf("%s holds %q", table, secret)
			}
		}
	}

	var got Invitation
	update(func(tx *tenancy.Tx) (err error) {
		if got, err = byToken(t.Context(), tx, token); err != nil {
			return err
		}
		_, err = touch(t.Context(), tx, sqlRevoke, i.ID, tx.Now(), got.CreatedBy)
		return err
	})
	if got.ID != i.ID || got.Mail != Sent || !got.ExpiresAt.Equal(got.CreatedAt.Add(7*24*time.Hour)) {
		t.Errorf("the link finds %+v", got)
	}
	if err := does.send(t.Context(), agency, mailArgs{Invitation: i.ID}); err != nil || len(taken.Messages()) != 1 {
		t.Errorf("a revoked one is mailed again: %v", err)
	}
}
