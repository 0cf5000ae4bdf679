package apptest

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Whoever can write to the database can move what is sealed. It must not open where it
// does not belong: the page says that something is wrong, and shows nobody's words.
func TestWhatIsSealedOpensNowhereElse(t *testing.T) {
	t.Parallel()
	p := NewAlone(t)
	b := p.SignIn(t, p.Cedar.Worker)
	own, twin := p.Cedar.Own, p.Cedar.Twin
	pages := []string{"/participants/" + own.ID.String(), "/participants/" + own.ID.String() + "/about", "/participants",
		"/participants/" + own.ID.String() + "/timeline", "/notes/" + own.Enrolments[0].Note.String(), "/find", "/"}
	b.Open("/")
	b.Find(own.RecordID)
	for _, page := range pages {
		b.Open(page)
	}
	conn := superuser(t, p.World.SuperuserURL())
	for _, test := range []struct {
		name, set, from string // $1 the person, $2 her note, $3 another person, $4 the other's note
	}{
		{"the first name of another person", "participants SET first_name_sealed", "SELECT first_name_sealed FROM cedar.participants WHERE id = $3"},
		{"the last name in the place of the first", "participants SET first_name_sealed", "SELECT last_name_sealed FROM cedar.participants WHERE id = $1"},
		{"the address of another person", "participants SET address_sealed", "SELECT address_sealed FROM cedar.participants WHERE id = $3"},
		{"a note in the place of a phone number", "participants SET phone_sealed", "SELECT text_sealed FROM cedar.notes WHERE id = $2"},
		{"a name from the other agency", "participants SET first_name_sealed", "SELECT first_name_sealed FROM birch.participants LIMIT 1"},
		{"another person's note", "notes SET text_sealed", "SELECT text_sealed FROM cedar.notes WHERE id = $4"},
		{"what she takes away in the place of the note", "notes SET text_sealed", "SELECT takeaway_sealed FROM cedar.notes WHERE id = $2"},
		{"a note of the other agency", "notes SET text_sealed", "SELECT text_sealed FROM birch.notes LIMIT 1"},
		{"one bit changed", "participants SET last_name_sealed", "SELECT set_bit(last_name_sealed, octet_length(last_name_sealed) * 8 - 9, 1 - get_bit(last_name_sealed, octet_length(last_name_sealed) * 8 - 9)) FROM cedar.participants WHERE id = $1"},
		{"the end cut off", "participants SET last_name_sealed", "SELECT substring(last_name_sealed FOR octet_length(last_name_sealed) - 1) FROM cedar.participants WHERE id = $1"},
		{"nothing at all", "participants SET last_name_sealed", "SELECT ''::bytea"},
		{"plain text", "participants SET last_name_sealed", "SELECT 'Plain'::bytea"},
		{"another version of the format", "notes SET text_sealed", "SELECT set_byte(text_sealed, 0, 255) FROM cedar.notes WHERE id = $2"},
		{"another version of the key", "notes SET text_sealed", "SELECT set_byte(text_sealed, 4, get_byte(text_sealed, 4) + 1) FROM cedar.notes WHERE id = $2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := "$1"
			if strings.HasPrefix(test.set, "notes") {
				id = "$2"
			}
			table, column, _ := strings.Cut(test.set, " SET ")
			var kept []byte
			p.exec(t, conn, "SELECT "+column+" FROM cedar."+table+" WHERE id = "+id+" AND ($1::uuid, $2::uuid, $3::uuid, $4::uuid) IS NOT NULL", own, twin, &kept)
			p.exec(t, conn, "UPDATE cedar."+test.set+" = ("+test.from+") WHERE id = "+id+" AND ($1::uuid, $2::uuid, $3::uuid, $4::uuid) IS NOT NULL", own, twin, nil)
			p.wantNothingOpened(t, b, pages, own)
			if _, err := conn.Exec(t.Context(), p.named("UPDATE cedar."+table+" SET "+column+" = $1 WHERE id = $2"), kept,
				map[string]any{"participants": own.ID, "notes": own.Enrolments[0].Note}[table]); err != nil {
				t.Fatal(err)
			}
			for _, page := range pages {
				b.Open(page)
			}
		})
	}
}

func superuser(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// named puts the agencies' schemas in the place of their names.
func (p *Platform) named(sql string) string {
	return strings.NewReplacer("cedar.", p.Cedar.Role()+".", "birch.", p.Birch.Role()+".").Replace(sql)
}

func (p *Platform) exec(t *testing.T, conn *pgx.Conn, sql string, own, other *Participant, into *[]byte) {
	t.Helper()
	args := []any{own.ID, own.Enrolments[0].Note, other.ID, other.Enrolments[0].Note}
	if into != nil {
		if err := conn.QueryRow(t.Context(), p.named(sql), args...).Scan(into); err != nil {
			t.Fatal(err)
		}
		return
	}
	tag, err := conn.Exec(t.Context(), p.named(sql), args...)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("%s: %v, %d rows", sql, err, tag.RowsAffected())
	}
}

var referencePattern = regexp.MustCompile(`[0-9A-Z]{5}-[0-9A-Z]{5}`)

// wantNothingOpened looks at the pages about somebody with whose record something is
// wrong: each either does not need what is wrong and is as it was, or is an error page
// with a reference.
func (p *Platform) wantNothingOpened(t *testing.T, b *Browser, pages []string, about *Participant) {
	t.Helper()
	failed := 0
	for _, path := range pages {
		page := b.follow(b.Get(path))
		if page.Status >= 500 {
			failed++
			if !referencePattern.MatchString(strings.Join(page.Texts(".reference"), "")) {
				t.Errorf("%s: the error page has no reference: %s", page, page.Text())
			}
			continue
		}
		if page.Status != http.StatusOK {
			t.Errorf("%s: got %d, want 200 or an error of ours", page, page.Status)
		}
		if strings.HasPrefix(path, "/participants/") || strings.HasPrefix(path, "/notes/") {
			p.wantOnlyHerWords(t, page, about)
		}
		if page.Has("[sealed]") || page.Has("Plain") {
			t.Errorf("%s: shows what is in the place of a name", page)
		}
	}
	if failed == 0 {
		t.Error("every page opened")
	}
}

func (p *Platform) wantOnlyHerWords(t *testing.T, page *Page, about *Participant) {
	t.Helper()
	for _, someone := range append(p.Cedar.Participants(), p.Birch.Participants()...) {
		for _, word := range someone.Words() {
			if someone != about && page.Has(word) {
				t.Errorf("%s: shows %q, which is another person's", page, word)
			}
		}
	}
}

// Somebody who knows one password and can write to the database gives the account of an
// administrator her own hash, or her own name.
func TestAnotherAccountsHashOpensNoDoor(t *testing.T) {
	t.Parallel()
	p := NewAlone(t)
	conn := superuser(t, p.World.SuperuserURL())
	if _, err := conn.Exec(t.Context(), p.named(`UPDATE cedar.staff SET password_hash_sealed = (SELECT password_hash_sealed FROM cedar.staff WHERE id = $1)
		WHERE id = $2`), p.Cedar.Worker.ID, p.Cedar.Admin.ID); err != nil {
		t.Fatal(err)
	}
	b := p.Visit(t, p.Cedar)
	page := b.Open("/sign-in").Form("form[action=/sign-in]").Set("login", p.Cedar.Admin.Login).Set("password", Password).Submit()
	if page.Status < 500 {
		t.Errorf("got %d, want an error page: %s", page.Status, page.Text())
	}
	if answer := b.Get("/account"); answer.Status != http.StatusSeeOther {
		t.Errorf("signed in with another account's hash: %d", answer.Status)
	}

	worker := p.SignIn(t, p.Cedar.Worker)
	if _, err := conn.Exec(t.Context(), p.named(`UPDATE cedar.staff SET display_name_sealed = (SELECT display_name_sealed FROM cedar.staff WHERE id = $1)
		WHERE id = $2`), p.Cedar.Manager.ID, p.Cedar.Worker.ID); err != nil {
		t.Fatal(err)
	}
	if page := worker.Get("/"); page.Status < 500 || page.Has(p.Cedar.Manager.Name) {
		t.Errorf("got %d with another one's name, want an error page", page.Status)
	}
}
