package staff

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"konote/app/mail/sink"
	"konote/tenancy"
)

func recipients(messages []sink.Message) []string {
	var to []string
	for _, m := range messages {
		to = append(to, m.To...)
	}
	slices.Sort(to)
	return slices.Compact(to)
}

func TestOneCorrectsOnesOwnNameAndAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.post()
	for _, who := range []string{"worker", "ana"} { // an administrator too, whom nobody else may have to ask
		b := h.as(who)
		if page := b.get("/account/details"); page.StatusCode != http.StatusOK || !strings.Contains(page.text, who+"@example.ca") {
			t.Fatalf("%s: the form: got %d, or without her address", who, page.StatusCode)
		}
		p.deliver()
		got := b.post("/account/details", "version", "1", "name", "  Renée   "+who+" ", "email", "new."+who+"@example.ca", "username", "sneaky", "language", "fr", "administrator", "yes")
		if got.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: got %d, want 303\n%s", who, got.StatusCode, got.text)
		}
		if page := b.get("/account"); !strings.Contains(page.text, "Renée "+who) || !strings.Contains(page.text, "new."+who+"@example.ca") || strings.Contains(page.text, "sneaky") {
			t.Errorf("%s: the account does not show what was saved, or more than that", who)
		}
		want := []string{"new." + who + "@example.ca", who + "@example.ca"}
		slices.Sort(want)
		if to := recipients(p.deliver()); !slices.Equal(to, want) {
			t.Errorf("%s: told at %q, want the old address and the new one", who, to)
		}
		if got := h.browser("192.0.2.3").signIn("new."+who+"@example.ca", goodPassword); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: signing in with the new address: got %d, want 303", who, got.StatusCode)
		}
		if got := h.browser("192.0.2.3").signIn(who+"@example.ca", goodPassword); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: signing in with the old one: got %d, want 422", who, got.StatusCode)
		}
		if got := b.post("/account/details", "version", "1", "name", "Late", "email", "late@example.ca"); got.StatusCode != http.StatusConflict || !strings.Contains(got.text, "late@example.ca") {
			t.Errorf("%s: from an old version: got %d, want 409 with what was typed", who, got.StatusCode)
		}
	}
	entries := h.entries("staff.update")
	if len(entries) != 2 || entries[0].Staff != h.ids["worker"] || entries[0].Subject != h.ids["worker"] {
		t.Fatalf("audit: got %+v, want each about herself", entries)
	}
	for _, e := range entries {
		if strings.Contains(e.body, "example.ca") || strings.Contains(e.body, "Ren") {
			t.Error("the audit record can be read without the key")
		}
	}
}

func TestAnAddressOfSomebodyElseIsNotTakenNorTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.as("worker")
	for _, test := range []struct{ what, name, email, says string }{
		{"a colleague's", "Person worker", "ANA@example.ca", "cannot be used"},
		{"none", "Person worker", "", "Enter an e-mail address"},
		{"no address", "Person worker", "worker", "Enter an e-mail address"},
		{"no name", " ", "worker@example.ca", "Enter the name"},
	} {
		got := b.post("/account/details", "version", "1", "name", test.name, "email", test.email)
		if got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(got.text, test.says) || strings.Contains(got.text, "Another account") {
			t.Errorf("%s: got %d, want 422 and %q", test.what, got.StatusCode, test.says)
		}
	}
	if got := h.entries("access.refused"); len(got) != 1 || got[0].Staff != h.ids["worker"] {
		t.Errorf("refusals in the audit log: got %+v, want that of the colleague's address", got)
	}
	limited := 0
	for range 10 {
		if b.post("/account/details", "version", "1", "name", "Person worker", "email", "ana@example.ca").StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited == 0 {
		t.Error("addresses can be tried without end")
	}

	h.clock.move(11 * time.Minute)
	late := h.as("desk")
	h.clock.move(11 * time.Minute)
	if got := late.get("/account/details"); got.Header.Get("Location") != "/account/confirm?next=%2Faccount%2Fdetails" {
		t.Errorf("eleven minutes after signing in: got %d to %q, want a proof", got.StatusCode, got.Header.Get("Location"))
	}
}

// Whoever sits at somebody's open account and changes the address twice in a row must not
// have the owner told at the address in between alone.
func TestTheOwnerIsToldAfterSeveralChangesInARow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.post()
	b := h.as("worker")
	p.deliver()
	for i, email := range []string{"thief@example.ca", "thief2@example.ca"} {
		if got := b.post("/account/details", "version", []string{"1", "2"}[i], "name", "Person worker", "email", email); got.StatusCode != http.StatusSeeOther {
			t.Fatalf("change %d: got %d, want 303", i, got.StatusCode)
		}
	}
	if to := recipients(p.deliver()); !slices.Contains(to, "worker@example.ca") {
		t.Errorf("told at %q, want the owner's address among them", to)
	}
	if got := b.post("/account/details", "version", "3", "name", "Person worker", "email", "third@example.ca"); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("a later change: got %d, want 303", got.StatusCode)
	}
	if to := recipients(p.deliver()); !slices.Equal(to, []string{"thief2@example.ca", "third@example.ca"}) {
		t.Errorf("a later change is told at %q, want the address before and the new one", to)
	}
}

// An address that somebody wrote into her own account is not hers for that: it counts once a
// link that was mailed there is used, or an administrator writes it.
func TestAnAddressThatOneWroteOneselfIsNotProved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.as("worker")
	id := h.ids["worker"]
	want := func(when string, proved bool) {
		t.Helper()
		err := h.agency.View(t.Context(), func(tx *tenancy.Tx) error {
			got, err := EmailIsProved(t.Context(), tx, id)
			if err == nil && got != proved {
				t.Errorf("%s: proved is %t, want %t", when, got, proved)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want("as the administrator made it", true)
	b.post("/account/details", "version", "1", "name", "Person worker", "email", "worker@example.ca")
	want("the same address again", true)
	b.post("/account/details", "version", "2", "name", "Person worker", "email", "newcomer@example.ca")
	want("another address", false)
	b.post("/account/details", "version", "3", "name", "Somebody Else", "email", "newcomer@example.ca")
	want("another name", false)
	h.as("ana").post("/staff/"+id.String(), "version", "4", "name", "Person worker", "email", "worker2@example.ca", "username", "worker", "language", "en")
	want("as the administrator wrote it", true)
}
