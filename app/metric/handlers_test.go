package metric_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

func contains(page, want string) bool { return strings.Contains(page, want) }

func TestWhoSeesAndChangesWhichMetrics(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	agency, open, quiet := m.own("Agency’s own", uuid.Nil), m.own("Open’s own", m.open), m.own("Quiet’s own", m.quiet)
	for _, test := range []struct {
		name                string
		actor               access.Actor
		in                  bool // whether the pages are hers at all
		sees, changes, news [3]bool
	}{
		{"an administrator", m.somebody(true, nil), true, [3]bool{true, true, true}, [3]bool{true, true, true}, [3]bool{true, true, true}},
		{"the manager of the open program", m.manager(m.open), true, [3]bool{true, true, false}, [3]bool{false, true, false}, [3]bool{false, true, false}},
		{"the manager of the confidential one", m.manager(m.quiet), true, [3]bool{true, false, true}, [3]bool{false, false, true}, [3]bool{false, false, true}},
		{"a worker", m.somebody(false, map[uuid.UUID]access.Role{m.open: access.DirectService}), false, [3]bool{}, [3]bool{}, [3]bool{}},
		{"an executive", m.somebody(false, map[uuid.UUID]access.Role{m.open: access.Executive}), false, [3]bool{}, [3]bool{}, [3]bool{}},
		{"the front desk", m.somebody(false, map[uuid.UUID]access.Role{m.open: access.FrontDesk}), false, [3]bool{}, [3]bool{}, [3]bool{}},
	} {
		response, err := m.handlers.List(m.request(test.actor, http.MethodGet, "/metrics", nil))
		if !test.in {
			if fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: the list: got %v, want a refusal", test.name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		page := m.text(response)
		for i, one := range []metric.Metric{agency, open, quiet} {
			if got := contains(page, one.NameEN); got != test.sees[i] {
				t.Errorf("%s: %s is listed: got %v, want %v", test.name, one.NameEN, got, test.sees[i])
			}
			ask := func(handler func(*web.Request) (web.Response, error), method string, form url.Values) error {
				_, err := handler(m.request(test.actor, method, "/metrics/"+one.ID.String(), form, "metric", one.ID.String()))
				return err
			}
			if got := ask(m.handlers.Show, http.MethodGet, nil) == nil; got != test.sees[i] {
				t.Errorf("%s: %s opens: got %v, want %v", test.name, one.NameEN, got, test.sees[i])
			}
			for name, err := range map[string]error{
				"the form":    ask(m.handlers.Edit, http.MethodGet, nil),
				"a change":    ask(m.handlers.Update, http.MethodPost, url.Values{}), // comes back with problems
				"turning off": ask(m.handlers.Turn, http.MethodPost, url.Values{"on": {"yes"}}),
			} {
				if got := err == nil; got != test.changes[i] {
					t.Errorf("%s: %s of %s: got %v, want %v", test.name, name, one.NameEN, err, test.changes[i])
				}
				if err != nil && fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s: %s of %s betrays that it is there: %v", test.name, name, one.NameEN, err)
				}
			}
			whose := "all"
			if one.Program != nil {
				whose = one.Program.String()
			}
			response, err := m.handlers.Create(m.request(test.actor, http.MethodPost, "/metrics", form(func(v url.Values) { v.Set("program", whose) })))
			if err != nil {
				t.Fatal(err)
			}
			if got := response.Status == http.StatusSeeOther; got != test.news[i] {
				t.Errorf("%s: a new one beside %s is saved: got %v, want %v", test.name, one.NameEN, got, test.news[i])
			}
			if response.Status != http.StatusSeeOther && contains(m.text(response), "Safe Harbour") != test.news[2] {
				t.Errorf("%s: the picker names the confidential program", test.name)
			}
		}
	}
}

func TestANewMetricIsSavedAsItWasTyped(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	r := m.request(admin, http.MethodPost, "/metrics", form(func(v url.Values) { v.Set("goal", "7,5") }))
	r.P = i18n.NewPrinter("fr", nil, nil)
	if _, err := m.handlers.Create(r); err != nil {
		t.Fatal(err)
	}
	got, ok := m.all()["Hours asleep"]
	if !ok {
		t.Fatal("it is not there")
	}
	if *got.Goal != 7.5 || *got.WarnHigh != 12 || *got.UnlikelyLow != 1 || got.Decimals != 1 || len(got.Bands) != 2 || got.Bands[0].To != 4.9 || got.Program != nil || got.UpdatedBy == nil {
		t.Errorf("got %+v", got)
	}

	_, err := m.handlers.Create(m.request(admin, http.MethodPost, "/metrics", url.Values{
		"name_en": {"Papers"}, "name_fr": {"Papiers"}, "category": {"custom"}, "kind": {"achievement"}, "program": {m.open.String()},
		"cadence_notes": {"1"}, "review_days": {"90"}, "high": {"nonsense"},
		"option-1-value": {"2"}, "option-1-en": {"Got them"}, "option-1-fr": {"Obtenus"}, "option-1-achieved": {"yes"},
		"option-2-value": {"1"}, "option-2-en": {"Asked"}, "option-2-fr": {"Demandés"},
		"option-3-value": {""}, "option-3-en": {""}, "option-3-fr": {""},
	}))
	if err != nil {
		t.Fatal(err)
	}
	papers := m.all()["Papers"]
	if len(papers.Options) != 2 || papers.Options[0].EN != "Asked" || !papers.Options[1].Achieved || papers.High != nil || papers.Program == nil || *papers.Program != m.open {
		t.Errorf("got %+v", papers)
	}
}

// When a measure is taken by itself stands ready and is off until somebody says so; where,
// is asked of those of the whole agency.
func TestAMetricIsTakenByItself(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	phq := m.all()["phq9"]
	if phq.Apart || !phq.AtIntake || phq.EveryDays != 90 || !phq.AtDischarge {
		t.Errorf("in the library: %+v", phq.Assessment)
	}
	save := func(name, whose string, change func(url.Values)) metric.Metric {
		t.Helper()
		response, err := m.handlers.Create(m.request(admin, http.MethodPost, "/metrics", form(func(v url.Values) {
			v.Set("name_en", name)
			v.Set("program", whose)
			change(v)
		})))
		if err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("%s: %d, %v", name, response.Status, err)
		}
		return m.all()[name]
	}
	apart := func(v url.Values) {
		v.Set("is_assessment", "yes")
		v.Set("at_intake", "yes")
		v.Set("every_days", "30")
		v["assessed_in"] = []string{m.open.String(), "nonsense", m.open.String()}
	}
	if got := save("Everywhere", "all", apart); !got.Apart || !got.AtIntake || got.EveryDays != 30 || got.AtDischarge || !slices.Equal(got.In, []uuid.UUID{m.open}) {
		t.Errorf("of the agency: %+v", got.Assessment)
	}
	if got := save("Own", m.open.String(), apart); !got.Apart || len(got.In) != 0 {
		t.Errorf("of a program: %+v", got.Assessment)
	}
	if got := save("Off", "all", func(v url.Values) { v.Set("every_days", "often") }); got.Apart || got.EveryDays != 90 {
		t.Errorf("not taken by itself: %+v", got.Assessment)
	}
	response, err := m.handlers.Show(m.request(admin, http.MethodGet, "/", nil, "metric", m.all()["Everywhere"].ID.String()))
	if err != nil {
		t.Fatal(err)
	}
	if page := m.text(response); !contains(page, "at the beginning · every 30 days") || !contains(page, "Only in these programs") {
		t.Errorf("its page: %s", page)
	}
	response, err = m.handlers.Edit(m.request(admin, http.MethodGet, "/", nil, "metric", m.all()["Everywhere"].ID.String()))
	if err != nil {
		t.Fatal(err)
	}
	if page := m.text(response); !contains(page, `value="`+m.open.String()+`" checked`) {
		t.Errorf("its form: %s", page)
	}
}

func TestWhatCannotBeSaved(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	for _, test := range []struct {
		name, field string
		change      func(url.Values)
	}{
		{"no name in French", "name_fr", func(v url.Values) { v.Set("name_fr", "") }},
		{"a name that is too long", "name_en", func(v url.Values) { v.Set("name_en", strings.Repeat("a", 121)) }},
		{"no category", "category", func(v url.Values) { v.Del("category") }},
		{"no kind", "kind", func(v url.Values) { v.Set("kind", "guess") }},
		{"no direction", "better", func(v url.Values) { v.Set("better", "sideways") }},
		{"a limit in words", "low", func(v url.Values) { v.Set("low", "none") }},
		{"the scale upside down", "high", func(v url.Values) { v.Set("high", "0") }},
		{"unusual beyond very unlikely", "warn_low", func(v url.Values) { v.Set("warn_low", "0.5") }},
		{"unusual above beyond very unlikely", "unlikely_high", func(v url.Values) { v.Set("warn_high", "20") }},
		{"limits that cross", "warn_high", func(v url.Values) { v.Set("warn_low", "13") }},
		{"a limit outside of the scale", "high", func(v url.Values) { v.Set("unlikely_high", "30") }},
		{"a goal outside of the scale", "goal", func(v url.Values) { v.Set("goal", "25") }},
		{"a band without an end", "band-1-from", func(v url.Values) { v.Set("band-1-to", "") }},
		{"a band without a name", "band-1-from", func(v url.Values) { v.Set("band-1-fr", "") }},
		{"bands that overlap", "band-2-from", func(v url.Values) { v.Set("band-2-from", "4") }},
		{"a band beyond the scale", "band-2-from", func(v url.Values) { v.Set("band-2-to", "25") }},
		{"one answer alone", "option-1-value", func(v url.Values) {
			v.Set("option-1-value", "1")
			v.Set("option-1-en", "a")
			v.Set("option-1-fr", "a")
		}},
		{"an achievement without answers", "option-1-value", func(v url.Values) { v.Set("kind", "achievement") }},
		{"never asked", "cadence_notes", func(v url.Values) { v.Set("cadence_notes", "0") }},
		{"reviewed never", "review_days", func(v url.Values) { v.Set("review_days", "9999") }},
		{"taken by itself, and never", "at_intake", func(v url.Values) { v.Set("is_assessment", "yes") }},
		{"taken by itself every day", "every_days", func(v url.Values) { v.Set("is_assessment", "yes"); v.Set("every_days", "1") }},
		{"taken by itself now and then", "every_days", func(v url.Values) { v.Set("is_assessment", "yes"); v.Set("every_days", "often") }},
		{"a program that there is not", "program", func(v url.Values) { v.Set("program", tenancy.NewID().String()) }},
	} {
		before := len(m.all())
		response, err := m.handlers.Create(m.request(admin, http.MethodPost, "/metrics", form(test.change)))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		page := m.text(response)
		if response.Status != http.StatusUnprocessableEntity || !contains(page, `href="#`+test.field+`"`) || !contains(page, `id="`+test.field+`"`) {
			t.Errorf("%s: got status %d, no problem that leads to %s", test.name, response.Status, test.field)
		}
		if after := len(m.all()); after != before {
			t.Errorf("%s: saved", test.name)
		}
	}
}

func TestMoreRowsKeepWhatIsTypedAndSaveNothing(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	response, err := m.handlers.Create(m.request(m.somebody(true, nil), http.MethodPost, "/metrics", form(func(v url.Values) {
		v.Set("then", "rows")
		v.Set("low", "halfway typed")
	})))
	if err != nil {
		t.Fatal(err)
	}
	page := m.text(response)
	if response.Status != http.StatusOK || !contains(page, "halfway typed") || !contains(page, "band-9-from") || contains(page, "page-errors") {
		t.Errorf("got status %d: %s", response.Status, page)
	}
	if _, saved := m.all()["Hours asleep"]; saved {
		t.Error("it was saved")
	}
}

func TestALateChangeIsShownBesideWhatIsThere(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	one := m.own("Sleep", uuid.Nil)
	send := func(change func(url.Values)) web.Response {
		response, err := m.handlers.Update(m.request(admin, http.MethodPost, "/metrics/"+one.ID.String(), form(change), "metric", one.ID.String()))
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	if response := send(nil); response.Status != http.StatusSeeOther {
		t.Fatalf("the first change: got status %d", response.Status)
	}
	late := send(func(v url.Values) {
		v.Set("name_en", "Nights of sleep")
		v.Set("goal", "8")
		v.Set("band-2-en", "Plenty")
	})
	page := m.text(late)
	for _, want := range []string{"Nights of sleep", "Saved meanwhile: Hours asleep", "Saved meanwhile: 7.5", "5–24 Enough / Assez", `name="version" value="2"`} {
		if !contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if late.Status != http.StatusConflict {
		t.Errorf("got status %d, want a conflict", late.Status)
	}
	if response := send(func(v url.Values) {
		v.Set("version", "2")
		v.Set("kind", "open_text")
		v.Set("program", m.open.String())
	}); response.Status != http.StatusSeeOther {
		t.Errorf("saved again: got status %d", response.Status)
	}
	if got := m.all()["Hours asleep"]; got.Kind != metric.Scale || got.Program != nil || got.Version != 3 {
		t.Errorf("kind or owner changed: %+v", got)
	}
}

func TestAFormThatIsSentTwiceSavesOnce(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin, id := m.somebody(true, nil), tenancy.NewID().String()
	send := func(by access.Actor, change func(url.Values)) (web.Response, error) {
		return m.handlers.Create(m.request(by, http.MethodPost, "/metrics", form(func(v url.Values) { v.Set("id", id); change(v) })))
	}
	for range 2 {
		response, err := send(admin, func(url.Values) {})
		if err != nil || response.To.String() != "/metrics/"+id {
			t.Fatalf("leads to %s, %v", response.To, err)
		}
	}
	if got := len(m.all()); got != 33 {
		t.Errorf("got %d metrics, want 33", got)
	}
	_, err := send(m.manager(m.open), func(v url.Values) { v.Set("program", m.open.String()); v.Set("name_en", "Taken over") })
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("the id of another metric: got %v, want a refusal", err)
	}
	if _, there := m.all()["Taken over"]; there || len(m.all()) != 33 {
		t.Error("another metric was overwritten")
	}
}

func TestTurningOffAndOn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	phq9 := m.all()["phq9"]
	for _, test := range []struct {
		form url.Values
		want metric.Status
	}{{url.Values{}, metric.Archived}, {url.Values{}, metric.Archived}, {url.Values{"on": {"yes"}}, metric.Active}} {
		if _, err := m.handlers.Turn(m.request(admin, http.MethodPost, "/metrics/"+phq9.ID.String()+"/status", test.form, "metric", phq9.ID.String())); err != nil {
			t.Fatal(err)
		}
		if got := m.all()["phq9"].Status; got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestAFieldAsksInPlace(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	all := m.all()
	f := &view.Frame{P: i18n.NewPrinter("en", nil, nil)}
	for _, test := range []struct {
		name, key   string
		form        url.Values
		want, never []string
	}{
		{"steps with words", "feeling_today", url.Values{"x": {"4"}}, []string{`value="4" checked`, "Very good", `id="x-none"`, "1 = Very bad"}, []string{"checkbox"}},
		{"a number", "phq9", url.Values{"x": {"12"}}, []string{`inputmode="decimal"`, `value="12"`, "0 to 27"}, []string{"checkbox", "radio"}},
		{"answers", "job_placement", url.Values{}, []string{"Looking", `type="radio"`}, []string{"checkbox"}},
		{"words", "experience_good", url.Values{"x": {"Tea"}}, []string{"<textarea", "Tea"}, nil},
		{"counted", "sessions_month", url.Values{"x": {"5"}}, nil, []string{"<input"}},
		{"unusual", "hours_worked", url.Values{"x": {"70"}}, []string{"70\u00a0hours is unusual", `name="x-sure" value="70"`, `name="x-asked" value="70"`}, []string{"x-sure2", "checked"}},
		{"very unlikely, half confirmed", "hours_worked", url.Values{"x": {"150"}, "x-sure": {"150"}}, []string{"very unlikely", `name="x-sure" value="150" checked`, `name="x-sure2" value="150"`}, nil},
		{"corrected", "hours_worked", url.Values{"x": {"15"}, "x-asked": {"150"}}, []string{`name="x-asked" value="150"`}, []string{"checkbox"}},
		{"hostile", "hours_worked", url.Values{"x": {`"><script>`}, "x-asked": {`"><script>`}}, []string{"&lt;script&gt;"}, []string{"<script"}},
	} {
		e := metric.Read(f.P, test.form, all[test.key], "x")
		page := m.text(web.Page(i18n.MetricListTitle, metric.Input(f, e, e.Problem())))
		for _, want := range test.want {
			if !contains(page, want) {
				t.Errorf("%s: lacks %q: %s", test.name, want, page)
			}
		}
		for _, never := range test.never {
			if contains(page, never) {
				t.Errorf("%s: has %q: %s", test.name, never, page)
			}
		}
	}
}
