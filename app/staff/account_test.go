package staff

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/settings"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

func TestEveryStatementIsAccepted(t *testing.T) {
	t.Parallel()
	tenancytest.PrepareAll(t, ".")
}

func TestCreateMakesAnAccountToSignInWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := New{DisplayName: "  Zéphyrine   Okafor ", Email: " zoe@example.ca", Username: "zoe", Admin: true, Language: "fr"}
	id, err := Create(t.Context(), w.agency, w.hasher, operator, n, goodPassword)
	w.must(err)
	w.view(func(tx *tenancy.Tx) error {
		got, err := ByID(t.Context(), tx, id)
		want := Staff{ID: id, DisplayName: "Zéphyrine Okafor", Email: "zoe@example.ca", Username: "zoe", Admin: true, Status: StatusActive, Language: "fr"}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		return err
	})
	w.browser("192.0.2.1").enter("zoe", goodPassword)
	if recorded := w.entries("staff.create"); len(recorded) != 1 || recorded[0].Subject != id || recorded[0].Kind != "operator" {
		t.Errorf("audit: got %+v, want one record of %s", recorded, id)
	}
	if _, err := Create(t.Context(), w.agency, w.hasher, operator, New{DisplayName: "Zoé", Username: "other"}, w.agency.Subdomain+"2026"); !says(err, i18n.StaffPasswordCommon) {
		t.Errorf("the agency's own name as password: got %v, want it refused", err)
	}
}

func TestAccountsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Email: "Zoe@Example.ca", Username: "zoe"})
	for _, test := range []struct {
		n    New
		want i18n.Message
	}{
		{New{Username: "ana"}, i18n.StaffNameWanted},
		{New{DisplayName: strings.Repeat("é", 121), Username: "ana"}, i18n.StaffNameWanted},
		{New{DisplayName: "Ana\u0007", Username: "ana"}, i18n.StaffNameWanted},
		{New{DisplayName: "Ana"}, i18n.StaffLoginWanted},
		{New{DisplayName: "Ana", Email: "ana"}, i18n.StaffEmailWrong},
		{New{DisplayName: "Ana", Email: "ana@@example.ca"}, i18n.StaffEmailWrong},
		{New{DisplayName: "Ana", Email: "ana@example"}, i18n.StaffEmailWrong},
		{New{DisplayName: "Ana", Email: "a na@example.ca"}, i18n.StaffEmailWrong},
		{New{DisplayName: "Ana", Username: "ana@example.ca"}, i18n.StaffUsernameWrong},
		{New{DisplayName: "Ana", Username: "ana＠example.ca"}, i18n.StaffUsernameWrong},
		{New{DisplayName: "Ana", Username: "ana silva"}, i18n.StaffUsernameWrong},
		{New{DisplayName: "Ana", Username: strings.Repeat("a", 65)}, i18n.StaffUsernameWrong},
		{New{DisplayName: "Ana", Username: "ana", Language: "de"}, i18n.StaffLanguageWrong},
		{New{DisplayName: "Ana", Username: "ana", PasswordHash: "pbkdf2_sha256$1$a$b"}, i18n.StaffHashWrong},
		{New{DisplayName: "Ana", Email: "ZOE@EXAMPLE.CA"}, i18n.StaffEmailTaken},
		{New{DisplayName: "Ana", Email: "ana@example.ca", Username: "ＺＯＥ"}, i18n.StaffUsernameTaken},
	} {
		err := w.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := Insert(t.Context(), tx, operator, test.n)
			return err
		})
		if !says(err, test.want) {
			t.Errorf("%+v: got %v, want %q", test.n, err, i18n.NewPrinter("en", nil, nil).T(test.want))
		}
	}
	if recorded := w.entries("staff.create"); len(recorded) != 1 {
		t.Errorf("got %d records of accounts made, want 1", len(recorded))
	}
}

func TestNothingAboutAPersonIsReadableInTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := Create(t.Context(), w.agency, w.hasher, operator, New{DisplayName: "Zéphyrine Okafor", Email: "Zephyrine@Example.ca", Username: "zokafor"}, goodPassword)
	w.must(err)
	b := w.browser("192.0.2.77")
	b.signIn("zokafor", "the-wrong-password")
	b.signIn("no-such-login", "the-wrong-password")
	b.enter("zokafor", goodPassword)
	b.get("/account/password")
	b.post("/account/password", "current_password", goodPassword, "new_password", goodPassword+" attic")

	db := w.superuser()
	for _, table := range []string{w.agency.Role() + ".staff", w.agency.Role() + ".program_roles", "outbox.audit_events"} {
		rows, err := db.Query(t.Context(), `SELECT t::text FROM `+table+` t`)
		w.must(err)
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		w.must(err)
		all := strings.ToLower(strings.Join(texts, "\n"))
		for _, secret := range []string{"zéphyrine", "zephyrine", "okafor", "example.ca", "argon2", "wrong-password", "no-such-login", "violet", "192.0.2.77"} {
			// bytea prints as hex.
			if strings.Contains(all, secret) || strings.Contains(all, hexOf(secret)) {
				t.Errorf("%s holds %q", table, secret)
			}
		}
	}
}

func hexOf(text string) string {
	var b bytes.Buffer
	for _, c := range []byte(text) {
		b.WriteString("0123456789abcdef"[c>>4 : c>>4+1])
		b.WriteString("0123456789abcdef"[c&15 : c&15+1])
	}
	return b.String()
}

func TestDeactivatingEndsSessionsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe"})
	one, two := w.browser("192.0.2.1"), w.browser("192.0.2.2")
	one.enter("zoe", goodPassword)
	two.enter("zoe", goodPassword)
	w.must(Deactivate(t.Context(), w.agency, w.sessions, operator, id))
	for _, b := range []*browser{one, two} {
		cookie := b.cookies[sessionCookie]
		if _, err := w.sessions.Load(t.Context(), w.agency.ID, cookie); err == nil {
			t.Error("a session is still in Redis")
		}
		if got := b.get("/account"); got.StatusCode != http.StatusSeeOther {
			t.Errorf("a page: got %d, want the way to sign-in", got.StatusCode)
		}
	}
	one.get("/sign-in")
	if got := one.signIn("zoe", goodPassword); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("signing in again: got %d, want 422", got.StatusCode)
	}
	if err := Deactivate(t.Context(), w.agency, w.sessions, operator, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("again: got %v, want not found", err)
	}
	if recorded := w.entries("staff.deactivate"); len(recorded) != 1 || recorded[0].Subject != id {
		t.Errorf("audit: got %+v, want one record of %s", recorded, id)
	}
}

func TestADeactivatedAccountOpensNothingEvenWithASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe"})
	b := w.browser("192.0.2.1")
	b.enter("zoe", goodPassword)
	// As if Redis had not answered: the row alone changes.
	w.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), sqlDeactivate, id, tx.Now())
		return err
	})
	if got := b.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("got %d, want the way to sign-in", got.StatusCode)
	}
}

func TestChangingThePasswordEndsOtherSessionsAndRenewsThisOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe", Email: "zoe@example.ca"})
	here, there := w.browser("192.0.2.1"), w.browser("192.0.2.2")
	here.enter("zoe", goodPassword)
	there.enter("zoe", goodPassword)
	here.get("/account/password")
	for _, test := range []struct{ current, chosen, want string }{
		{"wrong", "quatre tuiles molles bleues", "This is not your current password"},
		{"", "quatre tuiles molles bleues", "This is not your current password"},
		{goodPassword, goodPassword, "This is the password you have now"},
		{goodPassword, "short", "Use at least 12 characters"},
		{goodPassword, "password1234", "easy to guess"},
		{goodPassword, "Zephyrine2026", "easy to guess"},
	} {
		got := here.post("/account/password", "current_password", test.current, "new_password", test.chosen)
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.text, test.want) || strings.Contains(got.text, `"`+test.chosen+`"`) {
			t.Errorf("%q to %q: got %d, want 422 saying %q", test.current, test.chosen, got.StatusCode, test.want)
		}
	}
	old := here.cookies[sessionCookie]
	const chosen = "quatre tuiles molles bleues"
	got := here.post("/account/password", "current_password", goodPassword, "new_password", chosen)
	if got.StatusCode != http.StatusSeeOther || here.cookies[sessionCookie] == old {
		t.Fatalf("got %d, want 303 and another session id", got.StatusCode)
	}
	if got := here.get("/account"); got.StatusCode != http.StatusOK || !strings.Contains(got.text, "Your password is changed") {
		t.Errorf("here: got %d, want to stay and be told", got.StatusCode)
	}
	if got := there.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the other session: got %d, want it ended", got.StatusCode)
	}
	if got := w.browser("192.0.2.3").signIn("zoe", goodPassword); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the old password: got %d, want 422", got.StatusCode)
	}
	w.browser("192.0.2.3").enter("zoe", chosen)
	if recorded := w.entries("staff.password_change"); len(recorded) != 1 || recorded[0].Staff != id {
		t.Errorf("audit: got %+v, want one record of %s", recorded, id)
	}
}

func TestAnOpenScreenIsNoPlaceToGuessAt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	b := w.browser("192.0.2.1")
	b.enter("zoe", goodPassword)
	b.get("/account/password")
	token := b.token
	var last page
	for range 11 {
		b.token = token
		last = b.post("/account/password", "current_password", "a guess", "new_password", "quatre tuiles molles bleues")
	}
	if last.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the eleventh guess: got %d, want 429", last.StatusCode)
	}
}

func TestSigningOutEverywhereEndsEverySession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.staff(New{Username: "zoe"})
	here, there := w.browser("192.0.2.1"), w.browser("192.0.2.2")
	here.enter("zoe", goodPassword)
	there.enter("zoe", goodPassword)
	if got := here.post("/account/sign-out-everywhere"); got.StatusCode != http.StatusSeeOther || here.cookies[sessionCookie] != "" {
		t.Errorf("got %d, want 303 and no session", got.StatusCode)
	}
	if got := there.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the other session: got %d, want it ended", got.StatusCode)
	}
}

// What Redis was not told, or was told too early, the database knows: a sign-in whose
// password was right before the change, and whose session begins after all were ended.
func TestASessionThatBeginsAfterAllWereEndedIsOver(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(*browser) page{
		"a new password": func(b *browser) page {
			return b.post("/account/password", "current_password", goodPassword, "new_password", "quatre tuiles molles bleues")
		},
		"signing out everywhere": func(b *browser) page { return b.post("/account/sign-out-everywhere") },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.staff(New{Username: "zoe"})
			b := w.browser("192.0.2.1")
			b.enter("zoe", goodPassword)
			b.get("/account/password")
			var at time.Time
			w.update(func(tx *tenancy.Tx) error {
				read, err := byLogin(t.Context(), tx, "zoe")
				if err == nil {
					at, _, err = signedIn(t.Context(), tx, read, "")
				}
				return err
			})
			if got := end(b); got.StatusCode != http.StatusSeeOther {
				t.Fatalf("got %d, want 303", got.StatusCode)
			}
			late, err := w.sessions.Start(t.Context(), w.agency.ID, id, at, session.Password, 0)
			w.must(err)
			thief := w.browser("192.0.2.2")
			thief.cookies[sessionCookie] = late.Token().Cookie()
			if got := thief.get("/account"); got.StatusCode != http.StatusSeeOther || thief.cookies[sessionCookie] != "" {
				t.Errorf("the late session: got %d, want it ended", got.StatusCode)
			}
			if _, err := w.sessions.Load(t.Context(), w.agency.ID, late.Token().Cookie()); !errors.Is(err, session.ErrNone) {
				t.Errorf("in Redis: got %v, want %v", err, session.ErrNone)
			}

			// Nothing has moved the clock: whoever signs in now is in, and stays.
			password := goodPassword
			if what == "a new password" {
				password = "quatre tuiles molles bleues"
				if got := b.get("/account"); got.StatusCode != http.StatusOK {
					t.Errorf("the session that changed the password: got %d, want 200", got.StatusCode)
				}
			}
			again := w.browser("192.0.2.3")
			again.enter("zoe", password)
			if got := again.get("/account"); got.StatusCode != http.StatusOK {
				t.Errorf("a session after it: got %d, want 200", got.StatusCode)
			}
		})
	}
}

func TestTheAccountPageSpeaksOfRolesInBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe", Admin: true})
	program := w.program("Housing first", "Un toit d’abord", false)
	w.update(func(tx *tenancy.Tx) error { return Grant(t.Context(), tx, operator, id, program, access.FrontDesk) })
	b := w.browser("192.0.2.1")
	b.enter("zoe", goodPassword)
	for _, want := range []string{"Housing first", "Front desk", "You do not see notes.", "You are an administrator", "Sign out everywhere"} {
		if got := b.get("/account").text; !strings.Contains(got, want) {
			t.Errorf("English: %q is missing", want)
		}
	}
	if got := b.post("/account/language", "language", "fr"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("choosing French: got %d, want 303", got.StatusCode)
	} else if got := b.get(got.Header.Get("Location")); got.Header.Get("Location") != "/account" {
		t.Fatalf("choosing French: got %q, want the account", got.Header.Get("Location"))
	}
	for _, want := range []string{`lang="fr-CA"`, "Un toit d’abord", "Accueil", "Vous ne voyez pas les notes.", "Vous faites partie de l’administration"} {
		if got := b.get("/account").text; !strings.Contains(got, want) {
			t.Errorf("French: %q is missing", want)
		}
	}
	visitor, _, err := Visitor(t.Context(), w.agency, id)
	if err != nil || visitor.Language != "fr" {
		t.Errorf("her language on every device: got %q, %v, want fr", visitor.Language, err)
	}
	if got := b.post("/account/language", "language", "de"); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("German: got %d, want 422", got.StatusCode)
	}
}

// program makes a program without package program, which is above this one.
func (w *world) program(en, fr string, confidential bool) uuid.UUID {
	w.t.Helper()
	id := tenancy.NewID()
	w.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(w.t.Context(), `INSERT INTO agency.programs (id, name_en, name_fr, service_model, is_confidential) VALUES ($1, $2, $3, 'both', $4)`,
			id, en, fr, confidential)
		return err
	})
	return id
}

func TestAPersonHasOneRoleInAProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe"})
	boss := audit.By{Kind: audit.KindStaff, Staff: w.staff(New{Username: "ana", DisplayName: "Ana Silva"})}
	open, hidden := w.program("Open", "Ouvert", false), w.program("Hidden", "Caché", true)
	grant := func(program uuid.UUID, role access.Role) {
		t.Helper()
		w.update(func(tx *tenancy.Tx) error { return Grant(t.Context(), tx, boss, id, program, role) })
	}
	expect := func(want map[uuid.UUID]access.Role) {
		t.Helper()
		visitor, _, err := Visitor(t.Context(), w.agency, id)
		w.must(err)
		if len(visitor.Actor.Roles) != len(want) {
			t.Errorf("got %v, want %v", visitor.Actor.Roles, want)
		}
		for program, role := range want {
			if visitor.Actor.Roles[program] != role {
				t.Errorf("got %v, want %v", visitor.Actor.Roles, want)
			}
		}
	}
	grant(open, access.FrontDesk)
	grant(open, access.DirectService)
	grant(open, access.DirectService) // nothing changes, nothing is recorded
	grant(hidden, access.ProgramManager)
	expect(map[uuid.UUID]access.Role{open: access.DirectService, hidden: access.ProgramManager})
	w.update(func(tx *tenancy.Tx) error { return Remove(t.Context(), tx, boss, id, open) })
	expect(map[uuid.UUID]access.Role{hidden: access.ProgramManager})
	grant(open, access.Executive)
	expect(map[uuid.UUID]access.Role{open: access.Executive, hidden: access.ProgramManager})

	recorded := w.entries("staff.role_grant")
	if len(recorded) != 4 {
		t.Fatalf("got %d records of grants, want 4", len(recorded))
	}
	for i, e := range recorded {
		if e.Subject != id || e.Staff != boss.Staff || e.Secret != (e.Program == hidden) {
			t.Errorf("%d: got %s", i, e.body)
		}
	}
	if removed := w.entries("staff.role_remove"); len(removed) != 1 || removed[0].Program != open {
		t.Errorf("got %+v, want one removal", removed)
	}
	w.view(func(tx *tenancy.Tx) error {
		team, err := Team(t.Context(), tx, open)
		if len(team) != 1 || team[0] != (Member{ID: id, Name: "Zéphyrine Okafor-Lachance", Role: access.Executive}) {
			t.Errorf("team: got %+v", team)
		}
		return err
	})
}

func TestRolesNeedAPersonAndAProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, gone := w.staff(New{Username: "zoe"}), w.staff(New{Username: "gone"})
	w.must(Deactivate(t.Context(), w.agency, w.sessions, operator, gone))
	program := w.program("Open", "Ouvert", false)
	for what, f := range map[string]func(*tenancy.Tx) error{
		"no such program": func(tx *tenancy.Tx) error {
			return Grant(t.Context(), tx, operator, id, uuid.New(), access.FrontDesk)
		},
		"no such person": func(tx *tenancy.Tx) error {
			return Grant(t.Context(), tx, operator, uuid.New(), program, access.FrontDesk)
		},
		"deactivated": func(tx *tenancy.Tx) error {
			return Grant(t.Context(), tx, operator, gone, program, access.FrontDesk)
		},
		"no role to remove": func(tx *tenancy.Tx) error { return Remove(t.Context(), tx, operator, id, program) },
	} {
		if err := w.agency.Update(t.Context(), f); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: got %v, want not found", what, err)
		}
	}
}

func TestVisitorIsWhoSheIsNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.staff(New{Username: "zoe", Admin: true, Language: "fr"})
	w.update(func(tx *tenancy.Tx) error {
		return settings.Set(t.Context(), tx, operator, settings.HelpContact, "Ana, poste 12")
	})
	visitor, chosen, err := Visitor(t.Context(), w.agency, id)
	w.must(err)
	if visitor.Name != "Zéphyrine Okafor-Lachance" || visitor.Language != "fr" || !visitor.Actor.Admin || visitor.Actor.Staff != id || chosen.HelpContact != "Ana, poste 12" {
		t.Errorf("got %+v, %+v", visitor, chosen)
	}
	if _, _, err := Visitor(t.Context(), w.agency, uuid.New()); fault.KindOf(err) != fault.SignedOut {
		t.Errorf("nobody: got %v, want signed out", err)
	}
	if _, _, err := Visitor(t.Context(), w.base.Agency(t), id); fault.KindOf(err) != fault.SignedOut {
		t.Errorf("at another agency: got %v, want signed out", err)
	}
}

func TestNamesAndLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zoe := w.staff(New{Username: "zoe", DisplayName: "Zoé"})
	emile := w.staff(New{Username: "emile", DisplayName: "Émile"})
	gone := w.staff(New{Username: "gone", DisplayName: "Gone"})
	w.must(Deactivate(t.Context(), w.agency, w.sessions, operator, gone))
	w.view(func(tx *tenancy.Tx) error {
		names, err := Names(t.Context(), tx, []uuid.UUID{zoe, gone, gone, uuid.New()})
		if len(names) != 2 || names[zoe] != "Zoé" || names[gone] != "Gone" {
			t.Errorf("names: got %v, want Zoé and Gone", names)
		}
		if err != nil {
			return err
		}
		active, err := Active(t.Context(), tx)
		if len(active) != 2 || active[0].ID != emile || active[1].ID != zoe {
			t.Errorf("active: got %v, want Émile and Zoé", active)
		}
		return err
	})
}
