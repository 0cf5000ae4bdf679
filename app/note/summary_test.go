package note

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
)

func TestHerWordsGatherInOnePlace(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	youth := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	housing := m.worker(map[uuid.UUID]access.Role{m.housing: access.DirectService})
	for by, words := range map[string]string{"youth": "I can call them.", "housing": "Elsewhere I said this."} {
		actor := map[string]access.Actor{"youth": youth, "housing": housing}[by]
		if _, err := m.write(actor, func(v url.Values) { v.Set("takeaway", words) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.write(youth, func(v url.Values) {
		v.Set("takeaway", "Long ago.")
		v.Set("happened_on", today.AddDays(-300).String())
	}); err != nil {
		t.Fatal(err)
	}
	read := func(by access.Actor, since string) string {
		t.Helper()
		r := m.request(by, "GET", "/", nil, "participant", m.lea.String())
		r.Query = url.Values{"since": {since}}
		response, err := m.handlers.InTheirWords(r)
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response.Body)
	}
	page := read(youth, "")
	if !strings.Contains(page, "I can call them.") || strings.Contains(page, "Elsewhere") || strings.Contains(page, "Long ago") {
		t.Errorf("half a year of the youth program is\n%s", page)
	}
	if page = read(youth, "all"); !strings.Contains(page, "Long ago.") {
		t.Error("everything leaves the oldest out")
	}
	if _, err := m.handlers.InTheirWords(m.request(m.worker(nil), "GET", "/", nil, "participant", m.lea.String())); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v, want not found", err)
	}
}
