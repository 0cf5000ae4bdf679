package staff

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/mail"
	"konote/app/mail/sink"
	"konote/tenancy"
)

const newPassword = "quatre tuiles molles bleues"

// A post runs the jobs of a kind that this agency has and that have not run yet, and returns
// what was mailed.
type post struct {
	*world
	sink *sink.Sink
	does *workers
	done map[int64]bool
}

func (w *world) post() *post {
	w.t.Helper()
	taken, err := sink.Start()
	w.must(err)
	w.t.Cleanup(taken.Close)
	sender, err := mail.New(taken.URL(), "no-reply@konote.example")
	w.must(err)
	return &post{world: w, sink: taken, done: map[int64]bool{}, does: &workers{mail: sender, url: func(host string) string { return "https://" + host }}}
}

// deliver works off the agency's jobs and says what arrived since.
func (p *post) deliver() []sink.Message {
	p.t.Helper()
	before := len(p.sink.Messages())
	rows, err := p.superuser().Query(p.t.Context(), `SELECT id, kind, args FROM jobs.river_job WHERE args->>'agency' = $1 ORDER BY id`, p.agency.ID.String())
	p.must(err)
	type job struct {
		ID   int64
		Kind string
		Args []byte
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[job])
	p.must(err)
	for _, one := range all {
		if p.done[one.ID] {
			continue
		}
		p.done[one.ID] = true
		switch one.Kind {
		case "staff.reset":
			var args struct{ Args resetArgs }
			p.must(json.Unmarshal(one.Args, &args))
			p.must(p.does.reset(p.t.Context(), p.agency, args.Args))
		case "staff.notice":
			var args struct{ Args noticeArgs }
			p.must(json.Unmarshal(one.Args, &args))
			p.must(p.does.notice(p.t.Context(), p.agency, args.Args))
		}
	}
	return p.sink.Messages()[:len(p.sink.Messages())-before] // the newest stand first
}

var linkPattern = regexp.MustCompile(`/reset/([A-Za-z0-9_-]{43})`)

// link is the token of the only message.
func (p *post) link() string {
	p.t.Helper()
	messages := p.deliver()
	for _, m := range messages {
		if found := linkPattern.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	p.t.Fatalf("no link in %d messages", len(messages))
	return ""
}

// reset follows a link in a new browser and chooses a password.
func (w *world) reset(token, password string) (*browser, page) {
	w.t.Helper()
	b := w.browser("192.0.2.9")
	b.get("/sign-in")
	if got := b.get("/reset/" + token); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/reset" || got.Header.Get("Referrer-Policy") != "no-referrer" {
		w.t.Fatalf("the link: got %d to %q, Referrer-Policy %q", got.StatusCode, got.Header.Get("Location"), got.Header.Get("Referrer-Policy"))
	}
	page := b.get("/reset")
	if strings.Contains(page.text, token) {
		w.t.Error("the page holds the token")
	}
	id := ""
	if found := regexp.MustCompile(`name="id" value="([^"]*)"`).FindStringSubmatch(page.text); found != nil {
		id = found[1]
	}
	return b, b.post("/reset", "id", id, "new_password", password)
}

func (w *world) forgot(login string) page {
	w.t.Helper()
	b := w.browser("192.0.2.50")
	b.get("/forgot")
	return b.post("/forgot", "login", login)
}

func TestAForgottenPasswordIsReplacedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.post()
	id := w.staff(New{Username: "zoe", Email: "zoe@example.ca", Language: "fr"})
	signedIn := w.browser("192.0.2.1")
	signedIn.enter("zoe", goodPassword)
	w.forgot(" ZOE@example.ca ")
	token := p.link()

	if _, got := w.reset(token, "password1234"); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a password that is easy to guess: got %d, want 422 (D16)", got.StatusCode)
	}
	if _, got := w.reset(token, "short"); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a short password: got %d, want 422 (D16)", got.StatusCode)
	}
	_, got := w.reset(token, newPassword)
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/sign-in?done=reset" {
		t.Fatalf("got %d to %q, want 303 to sign-in", got.StatusCode, got.Header.Get("Location"))
	}
	if got := signedIn.get("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("an older session: got %d, want the way to sign-in", got.StatusCode)
	}
	if _, got := w.reset(token, newPassword+" attic"); got.StatusCode != http.StatusGone {
		t.Errorf("the link again: got %d, want 410", got.StatusCode)
	}
	w.browser("192.0.2.2").enter("zoe", newPassword)
	messages := p.deliver()
	changed := false
	for _, m := range messages {
		changed = changed || strings.Contains(m.Text, "Le mot de passe de votre compte KoNote a été changé")
	}
	if !changed {
		t.Errorf("she was not told in French: %d messages", len(messages))
	}
	if recorded := w.entries("staff.password_reset"); len(recorded) != 1 || recorded[0].Subject != id {
		t.Errorf("audit: got %+v", recorded)
	}
	db := w.superuser()
	for _, table := range []string{w.agency.Role() + ".password_resets", "jobs.river_job", "outbox.audit_events"} {
		var found int
		w.must(db.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` t WHERE t::text LIKE '%' || $1 || '%'`, token).Scan(&found))
		if found > 0 {
			t.Errorf("%s holds the token", table)
		}
	}
}

func TestALinkIsGoodForTheAccountAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.post()
	other := w.base.Agency(t)
	for what, change := range map[string]func(id uuid.UUID){
		"after an hour":                  func(uuid.UUID) { w.clock.move(61 * time.Minute) },
		"after a change of the password": func(id uuid.UUID) { w.bump(id) },
		"of a closed account": func(id uuid.UUID) {
			w.must(Deactivate(t.Context(), w.agency, w.sessions, operator, id))
		},
	} {
		name := "u" + uuid.NewString()[:8]
		id := w.staff(New{Username: name, Email: name + "@example.ca"})
		w.forgot(name)
		token := p.link()
		if err := other.View(t.Context(), func(tx *tenancy.Tx) error {
			_, good, err := resetOf(t.Context(), tx, token)
			if good {
				t.Error("another agency takes the link")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		change(id)
		if _, got := w.reset(token, newPassword); got.StatusCode != http.StatusGone {
			t.Errorf("%s: got %d, want 410", what, got.StatusCode)
		}
	}
}

// bump is what a change of password, address or status does to an account.
func (w *world) bump(id uuid.UUID) {
	w.t.Helper()
	w.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(w.t.Context(), `UPDATE agency.staff SET version = version + 1 WHERE id = $1`, id)
		return err
	})
}

func TestOfManyWhoUseALinkAtOnceOneChangesThePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.post()
	w.staff(New{Username: "zoe", Email: "zoe@example.ca"})
	w.forgot("zoe")
	token := p.link()
	var wg sync.WaitGroup
	var mu sync.Mutex
	answers := map[int]int{}
	for range 4 {
		wg.Go(func() {
			_, got := w.reset(token, newPassword)
			mu.Lock()
			defer mu.Unlock()
			answers[got.StatusCode]++
		})
	}
	wg.Wait()
	if answers[http.StatusSeeOther] != 1 || answers[http.StatusGone] != 3 {
		t.Errorf("got %v, want one 303 and three 410", answers)
	}
}

func TestAskingForALinkTellsNothingAndFloodsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handlers.AnswerAfter = 150 * time.Millisecond
	p := w.post()
	w.staff(New{Username: "zoe", Email: "zoe@example.ca"})
	w.staff(New{Username: "nomail"})
	closed := w.staff(New{Username: "closed", Email: "closed@example.ca"})
	w.must(Deactivate(t.Context(), w.agency, w.sessions, operator, closed))
	texts := map[string]bool{}
	for _, login := range []string{"zoe", "nobody", "nomail", "closed", "nobody@example.ca", "zoe\r\nBcc: x@evil.example"} {
		began := time.Now()
		got := w.forgot(login)
		// The page is asked for first, which takes a few milliseconds.
		if took := time.Since(began); got.StatusCode != http.StatusOK || took < 150*time.Millisecond || took > 600*time.Millisecond {
			t.Errorf("%q: got %d after %v, want 200 after 150 ms and a little", login, got.StatusCode, took)
		}
		texts[regexp.MustCompile(`(?s)<main.*</main>`).FindString(tokenPattern.ReplaceAllString(got.text, ""))] = true
	}
	if len(texts) != 1 {
		t.Errorf("there are %d different answers, want 1", len(texts))
	}
	w.handlers.AnswerAfter = time.Millisecond
	for _, login := range []string{"zoe", "zoe@example.ca", "ZOE", "zoe@example.ca", "zoe@example.ca", "Zoe", "zoe"} {
		w.forgot(login)
	}
	if got := len(p.deliver()); got != resetsAnHour {
		t.Errorf("%d messages were mailed within the hour, want %d", got, resetsAnHour)
	}
	if recorded := w.entries("staff.reset_ask"); len(recorded) < 6 {
		t.Errorf("audit: got %d records", len(recorded))
	}
	w.clock.move(61 * time.Minute)
	w.forgot("zoe")
	if got := len(p.deliver()); got != 1 {
		t.Errorf("an hour later: %d messages, want 1", got)
	}
}

func TestOnesOwnNewDeviceIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.post()
	w.staff(New{Username: "zoe", Email: "zoe@example.ca"})
	first := w.browser("192.0.2.1")
	first.enter("zoe", goodPassword)
	if got := p.deliver(); len(got) != 0 {
		t.Errorf("the very first device: %d messages, want none", len(got))
	}
	second := w.browser("192.0.2.2")
	second.enter("zoe", goodPassword)
	if got := p.deliver(); len(got) != 1 || got[0].To[0] != "zoe@example.ca" || !strings.Contains(got[0].Text, "device that was not used before") || strings.Contains(got[0].Text, "192.0.2") {
		t.Errorf("a second device: got %+v", got)
	}
	second.post("/sign-out")
	second.get("/sign-in")
	second.enter("zoe", goodPassword)
	if got := p.deliver(); len(got) != 0 {
		t.Errorf("the second device again: %d messages, want none", len(got))
	}
	w.clock.move(91 * 24 * time.Hour)
	again := w.browser("192.0.2.2")
	again.cookies = map[string]string{}
	for name, value := range second.cookies {
		if !strings.Contains(name, "session") {
			again.cookies[name] = value
		}
	}
	again.get("/sign-in")
	again.enter("zoe", goodPassword)
	if got := p.deliver(); len(got) != 1 {
		t.Errorf("after 91 days: %d messages, want 1", len(got))
	}
}

func TestAChangeOfAddressIsToldAtBoth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.world.post()
	ana := h.as("ana")
	p.deliver()
	if got := ana.post(h.path("other"), "version", "1", "name", "Other", "email", "fresh@example.ca", "username", "other", "language", "en"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("got %d, want 303", got.StatusCode)
	}
	told := map[string]bool{}
	for _, m := range p.deliver() {
		told[m.To[0]] = true
	}
	if len(told) != 2 || !told["other@example.ca"] || !told["fresh@example.ca"] {
		t.Errorf("told: %v, want both addresses", told)
	}
}
