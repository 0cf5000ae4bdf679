package consent

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/web"
	"konote/keyring"
	"konote/tenancy"
)

// link is the token of the link in an e-mail to somebody.
func (m *world) link(participant uuid.UUID) (token string) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		path, err := StopPath(tx, participant)
		token = strings.TrimPrefix(path, "/reminders/")
		return err
	})
	return token
}

// follow opens a link, or posts to it, with nobody signed in.
func (m *world) follow(method, token string) web.Response {
	m.t.Helper()
	r := web.NewRequest(m.t.Context(), method, "/reminders/"+token, url.Values{})
	r.Agency, r.Params["token"] = m.agency, token
	handler := m.handlers.AskStop
	if method == http.MethodPost {
		handler = m.handlers.Stop
	}
	response, err := handler(r)
	if err != nil {
		m.t.Fatal(err)
	}
	return response
}

func (m *world) mayWrite(participant uuid.UUID) (allowed bool) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) (err error) {
		allowed, err = MayWrite(m.t.Context(), tx, participant, Email, civil.Of(m.clock().In(i18n.Toronto())))
		return err
	})
	return allowed
}

// Defect D21 of the existing KoNote: the link to unsubscribe did not work.
func TestSheStopsEmailByTheLinkInIt(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Email, Given)
	token := m.link(m.lea)
	m.at(noon.AddDate(9, 0, 0)) // it works for years

	asked := m.follow(http.MethodGet, token)
	if page := m.text(asked); asked.Status != http.StatusOK || strings.Count(page, "<form") != 1 || strings.Contains(page, "Léa") || strings.Contains(page, "Tremblay") {
		t.Errorf("the page that asks: %d %s", asked.Status, page)
	}
	if !m.mayWrite(m.lea) {
		t.Error("opening the link stops e-mail, so a scanner of mail would")
	}
	done := m.follow(http.MethodPost, token)
	if page := m.text(done); done.Status != http.StatusOK || !strings.Contains(page, "call ") || strings.Contains(page, "Léa") {
		t.Errorf("the page afterwards: %d %s", done.Status, page)
	}
	if m.mayWrite(m.lea) {
		t.Error("she may still be written to")
	}
	if tab := m.tab(m.worker); !strings.Contains(tab, "By the link in an e-mail") {
		t.Errorf("staff do not see how it was withdrawn: %s", tab)
	}
	acts := m.audited()
	at := strings.LastIndex(acts, `"action":"consent.withdraw"`)
	if at < 0 || !strings.Contains(acts[at:], `"actor_kind":"anonymous"`) || strings.Contains(acts[at:], `"staff"`) || !strings.Contains(acts[at:], m.lea.String()) {
		t.Errorf("the audit log: %s", acts)
	}

	// Once more, and many at once: one withdrawal.
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { m.follow(http.MethodPost, token) })
	}
	all.Wait()
	if n := m.count(`SELECT count(*) FROM agency.consents WHERE kind = 'withdrawn' AND how = 'email_link' AND recorded_by IS NULL`); n != 1 {
		t.Errorf("got %d withdrawals, want 1", n)
	}
	m.record(Email, Given)
	if !m.mayWrite(m.lea) {
		t.Error("it cannot be given again")
	}
}

func TestALinkThatIsNotGoodHasOneAnswerAndChangesNothing(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	m.record(Email, Given)
	good := m.link(m.lea)
	if strings.Contains(good, m.lea.String()) || good == m.link(m.lea) {
		t.Error("a link names her, or can be told from another one of hers")
	}
	if raw, _ := base64.RawURLEncoding.DecodeString(good); strings.Contains(string(raw), string(m.lea[:])) {
		t.Error("a link holds her id as it is")
	}
	bent := []byte(good)
	bent[len(bent)/2] ^= 1
	var foreign, sealed string
	other := m.w.Agency(t)
	if err := other.Update(t.Context(), func(tx *tenancy.Tx) (err error) {
		foreign, err = StopPath(tx, m.lea)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	// What a stolen database holds opens nothing: it is sealed for its own column and row.
	m.update(func(tx *tenancy.Tx) error {
		raw, err := tx.Box().Seal(keyring.Column{Table: "consents", Name: "scope", Pad: 1}, uuid.Nil, string(m.lea[:]))
		sealed = base64.RawURLEncoding.EncodeToString(raw)
		return err
	})
	want := ""
	for what, token := range map[string]string{
		"nothing": "", "her id": m.lea.String(), "no base64": "%%%", "short": "AAAA", "long": strings.Repeat("A", 5000), "cut": good[:len(good)-4],
		"bent": string(bent), "of another agency": strings.TrimPrefix(foreign, "/reminders/"), "another column's": sealed,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			got := m.follow(method, token)
			page := m.text(got)
			if want == "" {
				want = page
			}
			if got.Status != http.StatusGone || page != want {
				t.Errorf("%s, %s: got %d %s", what, method, got.Status, page)
			}
		}
	}
	if !m.mayWrite(m.lea) {
		t.Error("one of them stopped her e-mail")
	}
}
