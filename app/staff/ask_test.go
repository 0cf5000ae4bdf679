package staff

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// changes are the pages from which the accounts of others are changed, and the forms on them.
var changes = []struct{ page, form string }{
	{"roles", "roles"}, {"administrator", "administrator"}, {"deactivate", "deactivate"}, {"reset", "reset"}, {"edit", ""},
}

var stampPattern = regexp.MustCompile(`name="stamp" value="([^"]*)"`)

func TestChangingAColleaguesAccountAsksForAFreshProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ana := h.as("ana")
	stamp := ""
	for _, at := range changes {
		got := ana.get(h.path("other", at.page))
		if found := stampPattern.FindStringSubmatch(got.text); at.page == "roles" && found != nil {
			stamp = found[1]
		}
		if got.StatusCode != http.StatusOK {
			t.Errorf("%s, just signed in: got %d, want 200", at.page, got.StatusCode)
		}
	}
	h.clock.move(11 * time.Minute)
	if got := ana.get(h.path("other")); got.StatusCode != http.StatusOK {
		t.Errorf("looking: got %d, want 200", got.StatusCode)
	}
	for _, at := range changes {
		got := ana.get(h.path("other", at.page))
		if want := "/account/confirm?next=" + strings.ReplaceAll(h.path("other", at.page), "/", "%2F"); got.Header.Get("Location") != want {
			t.Errorf("%s, eleven minutes later: got %d to %q, want %q", at.page, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	// A form that was opened in time may be filled in at leisure: nothing typed is lost.
	if got := ana.post(h.path("other", "roles"), "program", h.youth.String(), "role", "front_desk", "stamp", stamp); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a form opened in time: got %d, want 303", got.StatusCode)
	}
	for range 3 { // stays signed in, and is asked no more
		h.clock.move(20 * time.Minute)
		ana.get("/account")
	}
	before := len(h.entries("access.refused"))
	for _, at := range append(changes, struct{ page, form string }{form: "reactivate"}) {
		path := strings.TrimSuffix(h.path("other", at.form), "/")
		got := ana.post(path, "administrator", "yes", "program", h.youth.String(), "role", "direct_service", "version", "1", "name", "Somebody", "language", "en")
		if got.StatusCode != http.StatusForbidden || !strings.Contains(got.text, `href="/account/confirm"`) {
			t.Errorf("%s, too late: got %d, want 403 and the way to a proof", at.form, got.StatusCode)
		}
	}
	if h.roleOf("other", h.youth) != "front_desk" || len(h.entries("staff.administrator"))+len(h.entries("staff.deactivate"))+len(h.entries("staff.reset_ask"))+len(h.entries("staff.update")) > 0 {
		t.Error("something was changed without a fresh proof")
	}
	if got := len(h.entries("access.refused")); got != before {
		t.Errorf("being asked for a proof is recorded as %d refusals", got-before)
	}
}

func TestAQuestionSaysWhatWillHappenAndDoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ana, manager := h.as("ana"), h.as("manager")
	for _, test := range []struct {
		by        *browser
		who, page string
		says      []string
	}{
		{ana, "other", "administrator", []string{"Make administrator", "audit log", "opens no", `name="administrator" value="yes"`}},
		{ana, "aria", "administrator", []string{"End administrator", `name="administrator" value="no"`}},
		{ana, "worker", "deactivate", []string{"Every session ends at once", "name stays"}},
		{manager, "worker", "deactivate", []string{"End the work in your", "name stays"}},
		{ana, "other", "reset", []string{"within one hour", "three links"}},
	} {
		page := test.by.get(h.path(test.who, test.page))
		if page.StatusCode != http.StatusOK {
			t.Errorf("%s of %s: got %d, want 200", test.page, test.who, page.StatusCode)
		}
		for _, want := range test.says {
			if !strings.Contains(page.text, want) {
				t.Errorf("%s of %s: the page lacks %q", test.page, test.who, want)
			}
		}
	}
	for _, action := range []string{"staff.administrator", "staff.deactivate", "staff.reset_ask"} {
		if got := h.entries(action); len(got) > 0 {
			t.Errorf("asking did it: %+v", got)
		}
	}
	for who, want := range map[string]int{"boss": 403, "peer": 403, "manager": 403, "other": 404, "ana": 404} {
		for _, page := range []string{"roles", "deactivate", "administrator", "reactivate", "reset"} {
			if got := manager.get(h.path(who, page)); got.StatusCode != want {
				t.Errorf("a manager, %s of %s: got %d, want %d", page, who, got.StatusCode, want)
			}
		}
	}
	for _, page := range []string{"administrator", "reactivate", "reset"} {
		if got := manager.get(h.path("worker", page)); got.StatusCode != http.StatusForbidden {
			t.Errorf("a manager, %s of her worker: got %d, want 403", page, got.StatusCode)
		}
	}
	if got := ana.get(h.path("other", "reactivate")); got.Header.Get("Location") != strings.TrimSuffix(h.path("other"), "/") {
		t.Errorf("reactivating an active account: got %d to %q, want the way back", got.StatusCode, got.Header.Get("Location"))
	}
	ana.post(h.path("other", "deactivate"))
	if page := ana.get(h.path("other", "reactivate")); page.StatusCode != http.StatusOK || !strings.Contains(page.text, "roles") {
		t.Errorf("reactivating: got %d", page.StatusCode)
	}
}
