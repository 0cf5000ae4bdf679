package server_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/apptest"
	"konote/app/web"
)

func TestNoFormIsTakenFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	browsers := map[string]*apptest.Browser{}
	tokens := map[string]string{}
	for _, name := range []string{"worker", "manager", "admin"} {
		browsers[name] = w.SignIn(t, w.accounts[name])
		browsers[name].Open("/")
		tokens[name] = browsers[name].Token()
	}
	other := w.SignIn(t, w.Birch.Worker)
	other.Open("/")
	stranger := w.Visit(t, w.Cedar)
	stranger.Open("/sign-in")

	tries := 0
	for _, route := range w.Server.Web.Routes() {
		key := route.Method + " " + route.Path
		if route.Foreign != ownProof[key] {
			t.Errorf("%s: sent by other machines: %v, want %v", key, route.Foreign, ownProof[key])
		}
		if route.Method != http.MethodPost || route.Foreign {
			continue
		}
		name, subject := w.whoMay(key, route.Need)
		path, _, _ := w.path(key, subject)
		good, colleague := tokens[name], tokens[map[string]string{"worker": "admin", "manager": "worker", "admin": "worker"}[name]]
		for what, try := range map[string]struct {
			token  string
			header http.Header
		}{
			"without a token":               {"", nil},
			"with a colleague's token":      {colleague, nil},
			"with another agency's token":   {other.Token(), nil},
			"with a stranger's token":       {stranger.Token(), nil},
			"with half a token":             {good[:len(good)/2], nil},
			"from a foreign page":           {good, http.Header{"Origin": {"https://evil.example"}}},
			"from the other agency's page":  {good, http.Header{"Origin": {"http://" + w.Birch.Host}}},
			"from another port":             {good, http.Header{"Origin": {"http://" + w.Cedar.Host + ":81"}}},
			"from nowhere":                  {good, http.Header{"Origin": {"null"}}},
			"from a sibling":                {good, http.Header{"Sec-Fetch-Site": {"same-site"}}},
			"from a foreign page, no token": {"", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}},
		} {
			page := browsers[name].Send(http.MethodPost, path, url.Values{"csrf": {try.token}}, try.header)
			if page.Status != http.StatusForbidden {
				t.Errorf("%s %s: got %d, want 403: %s", key, what, page.Status, page.Text())
			}
			tries++
		}
		page := browsers[name].Send(http.MethodPost, path, url.Values{"csrf": {good}}, http.Header{"Content-Type": {"application/json"}})
		if page.Status != http.StatusUnsupportedMediaType {
			t.Errorf("%s as JSON: got %d, want 415", key, page.Status)
		}
	}
	if tries < 100 {
		t.Errorf("only %d tries", tries)
	}
	for _, name := range []string{"worker", "manager", "admin"} {
		if page := browsers[name].Get("/account"); page.Status != http.StatusOK {
			t.Errorf("the session of %s is over: %d", name, page.Status)
		}
	}
	w.wantOnlyRefusals(t)
}

// ownProof are the forms that other machines send, with a proof of their own that package
// sso and consent try.
var ownProof = map[string]bool{"POST /reminders/:token": true, "POST /sign-in/sso/backchannel": true, "POST /demo/id/token": true}

// whoMay finds an account to whom the form is open, and about whom; where the agency's
// tier or what is there opens it to nobody, somebody whom the route lets through.
func (w *world) whoMay(route string, need web.Need) (name, subject string) {
	for _, name := range []string{"worker", "manager", "admin"} {
		for _, subject := range slices.Sorted(maps.Keys(w.table[route])) {
			if status := w.table[route][subject][name]; status != http.StatusForbidden && status != http.StatusNotFound {
				return name, subject
			}
		}
	}
	name = "manager"
	if strings.HasPrefix(need.String(), "administrator") {
		name = "admin"
	}
	return name, slices.Sorted(maps.Keys(w.table[route]))[0]
}

// wantOnlyRefusals looks whether the three accounts have done anything but sign in.
func (w *world) wantOnlyRefusals(t *testing.T) {
	t.Helper()
	w.Drain(t)
	conn, err := pgx.Connect(t.Context(), w.World.AuditSuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT DISTINCT action FROM audit.entries
		WHERE agency_id = $1 AND actor_id = ANY ($2) ORDER BY 1`, w.Cedar.ID, []uuid.UUID{w.Cedar.Worker.ID, w.Cedar.Manager.ID, w.Cedar.Admin.ID})
	if err != nil {
		t.Fatal(err)
	}
	actions, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(actions, " "); got != "access.refused staff.sign_in" {
		t.Errorf("the audit log has %q of them, want sign-ins and refusals alone", got)
	}
}
