package metric_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/metric"
	"konote/app/web"
	"konote/tenancy"
)

// changed sends the form of a metric as it was made by form(nil), changed.
func (m *world) changed(r func(change func(url.Values)) *web.Request, change func(url.Values)) web.Response {
	m.t.Helper()
	response, err := m.handlers.Update(r(change))
	if err != nil {
		m.t.Fatal(err)
	}
	return response
}

func TestWhoChangesWhatNumbersMeanSaysWhy(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	if _, err := m.handlers.Create(m.request(admin, http.MethodPost, "/metrics", form(func(v url.Values) { v.Del("why") }))); err != nil {
		t.Fatal(err)
	}
	one := m.all()["Hours asleep"]
	request := func(change func(url.Values)) *web.Request {
		return m.request(admin, http.MethodPost, "/", form(func(v url.Values) {
			v.Set("version", strconv.Itoa(m.all()["Hours asleep"].Version))
			v.Del("why")
			change(v)
		}), "metric", one.ID.String())
	}
	for name, change := range map[string]func(url.Values){
		"the range":      func(v url.Values) { v.Set("high", "23.5") },
		"the direction":  func(v url.Values) { v.Set("better", "lower") },
		"the goal":       func(v url.Values) { v.Set("goal", "8") },
		"a limit":        func(v url.Values) { v.Set("warn_high", "11") },
		"a threshold":    func(v url.Values) { v.Set("band-1-to", "4"); v.Set("band-2-from", "4.5") },
		"its definition": func(v url.Values) { v.Set("definition_fr", "Les siestes comptent.") },
		"its unit":       func(v url.Values) { v.Set("unit_en", "minute|minutes") },
	} {
		response := m.changed(request, change)
		if page := m.text(response); response.Status != http.StatusUnprocessableEntity || !contains(page, `href="#why"`) {
			t.Errorf("%s is changed without a reason: status %d", name, response.Status)
		}
	}
	if response := m.changed(request, func(v url.Values) { v.Set("cadence_notes", "3") }); response.Status != http.StatusSeeOther {
		t.Errorf("how often it is asked, without a reason: status %d, want 303", response.Status)
	}
	if response := m.changed(request, func(v url.Values) { v.Set("goal", "8"); v.Set("why", strings.Repeat("é", 501)) }); response.Status != http.StatusUnprocessableEntity {
		t.Errorf("a reason of 501 characters: status %d, want 422", response.Status)
	}
	for i := range 12 {
		why := "Reason " + string(rune('A'+i))
		if response := m.changed(request, func(v url.Values) { v.Set("goal", strconv.Itoa(9+i)); v.Set("why", why) }); response.Status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, want 303", why, response.Status)
		}
	}

	show := func(query url.Values) string {
		t.Helper()
		r := m.request(admin, http.MethodGet, "/", nil, "metric", one.ID.String())
		r.Query = query
		response, err := m.handlers.Show(r)
		if err != nil {
			t.Fatal(err)
		}
		return m.text(response)
	}
	page := show(nil)
	if newest, older := strings.Index(page, "Reason L"), strings.Index(page, "Reason C"); newest < 0 || older < newest || contains(page, "Reason B") || !contains(page, "by Sam Ouellet") {
		t.Error("the page does not show the newest ten reasons first, with who gave them")
	}
	_, rest, _ := strings.Cut(page, "before=")
	before, _, _ := strings.Cut(rest, `"`)
	if page = show(url.Values{"before": {before}}); !contains(page, "Reason B") || !contains(page, "Reason A") || contains(page, "Reason C") || contains(page, "before=") {
		t.Error("the older reasons are not on the second page")
	}
}

func TestReasonsAreSealedAndKeptAsTheyWereGiven(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	one := m.own("Sleep", uuid.Nil)
	m.update(func(tx *tenancy.Tx) error {
		return metric.Explain(t.Context(), tx, one.ID, "Asked by the funder.", uuid.Nil)
	})
	m.update(func(tx *tenancy.Tx) error {
		var stored []byte
		if err := tx.QueryRow(t.Context(), `SELECT reason_sealed FROM agency.metric_reasons WHERE metric_id = $1`, one.ID).Scan(&stored); err != nil {
			return err
		}
		if strings.Contains(string(stored), "funder") {
			t.Error("stored as it was typed")
		}
		return nil
	})
	for _, sql := range []string{`UPDATE agency.metric_reasons SET given_at = now()`, `DELETE FROM agency.metric_reasons`} {
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: got %v, want a refusal", sql, err)
		}
	}
}
