package metric_test

import (
	"bytes"
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/web"
	"konote/tenancy"
)

// exported is the table that somebody downloads, by rows.
func (m *world) exported(by access.Actor) [][]string {
	m.t.Helper()
	response, err := m.handlers.Export(m.request(by, http.MethodGet, "/metrics/export.csv", nil))
	if err != nil {
		m.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := response.Stream(&out); err != nil {
		m.t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil || !strings.HasPrefix(out.String(), "\ufeff") {
		m.t.Fatalf("no table with a byte order mark: %v", err)
	}
	return rows
}

// table writes rows as a spreadsheet does.
func table(rows [][]string) string {
	var out strings.Builder
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.WriteAll(rows)
	return "\ufeff" + out.String()
}

// cell changes one cell of a table, by the name of its column.
func cell(rows [][]string, row int, column, text string) {
	for i, name := range rows[0] {
		if name == column {
			rows[row][i] = text
		}
	}
}

// checked sends a table to be looked at, and wants a status.
func (m *world) checked(by access.Actor, text string, want int) string {
	m.t.Helper()
	r := m.request(by, http.MethodPost, "/metrics/import", url.Values{})
	r.File = []byte(text)
	response, err := m.handlers.Import(r)
	if err != nil {
		m.t.Fatal(err)
	}
	page := m.text(response)
	if response.Status != want {
		m.t.Fatalf("looking: status %d, want %d: %s", response.Status, want, page)
	}
	return page
}

var hidden = regexp.MustCompile(`(?s)<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// confirmed sends what the page of a preview sends, changed, and wants a status.
func (m *world) confirmed(by access.Actor, preview string, change func(url.Values), want int) string {
	m.t.Helper()
	form := url.Values{"why": {"The funder asks for it."}}
	for _, input := range hidden.FindAllStringSubmatch(preview, -1) {
		form.Set(input[1], html.UnescapeString(input[2]))
	}
	if change != nil {
		change(form)
	}
	response, err := m.handlers.ApplyImport(m.request(by, http.MethodPost, "/metrics/import/apply", form))
	if err != nil {
		m.t.Fatal(err)
	}
	page := ""
	if response.Body != nil {
		page = m.text(response)
	}
	if response.Status != want {
		m.t.Fatalf("confirming: status %d, want %d: %s", response.Status, want, page)
	}
	return page
}

// full is a metric in which every field has a value that a table could lose.
func (m *world) full(name string) metric.Metric {
	return metric.Metric{
		ID: tenancy.NewID(), Kind: metric.Scale, Category: metric.Housing, NameEN: name, NameFR: "=Nom", DefinitionEN: "Line, \"one\"\nline two",
		DefinitionFR: "-Une", UnitEN: "night|nights", UnitFR: "nuit|nuits", Low: new(-5.5), High: new(31.0), WarnLow: new(-4.5), WarnHigh: new(29.5),
		UnlikelyLow: new(-5.0), UnlikelyHigh: new(30.5), Decimals: 1, Better: metric.Lower, Goal: new(3.5),
		Bands:     []metric.Band{{From: -5.5, To: 4.5, EN: "Few | some", FR: `Peu \ un peu`}, {From: 5, To: 31, EN: "Many", FR: "Beaucoup"}},
		Universal: true, CadenceNotes: 2, ReviewDays: 60, Assessment: metric.Assessment{Apart: true, EveryDays: 120, AtDischarge: true}, Program: &m.open, Status: metric.Archived,
	}
}

// Whoever adds a field to Metric decides here whether the table has a column for it
// (sheetColumns), or leaves it alone.
func TestEveryFieldOfAMetricIsKnownToTheTable(t *testing.T) {
	t.Parallel()
	const known = ` ID LibraryKey Kind Counts Category NameEN NameFR DefinitionEN DefinitionFR UnitEN UnitFR Low High WarnLow WarnHigh UnlikelyLow
		UnlikelyHigh Decimals Better Goal Bands Options Universal CadenceNotes ReviewDays Assessment Program Status UpdatedAt UpdatedBy Version `
	of := reflect.TypeFor[metric.Metric]()
	for i := range of.NumField() {
		if name := of.Field(i).Name; !strings.Contains(strings.Join(strings.Fields(known), " ")+" ", name+" ") {
			t.Errorf("%s is not known to the table", name)
		}
	}
}

func TestWhatIsDownloadedComesBackUnchanged(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	m.update(func(tx *tenancy.Tx) error {
		answers := m.full("Answers")
		answers.Kind, answers.Program, answers.Bands, answers.Better, answers.Decimals, answers.UnitEN, answers.UnitFR = metric.Achievement, nil, nil, metric.Higher, 0, "", ""
		answers.Low, answers.High, answers.Goal, answers.WarnLow, answers.WarnHigh, answers.UnlikelyLow, answers.UnlikelyHigh = nil, nil, nil, nil, nil, nil, nil
		answers.Options = []metric.Option{{Value: -1, EN: "No", FR: "Non"}, {Value: 2, EN: "Yes", FR: "Oui", Achieved: true}}
		words := m.full("Words")
		words.Kind, words.Program, words.Bands, words.Better, words.Decimals, words.UnitEN, words.UnitFR = metric.OpenText, nil, nil, metric.Higher, 0, "", ""
		words.Low, words.High, words.Goal, words.WarnLow, words.WarnHigh, words.UnlikelyLow, words.UnlikelyHigh = nil, nil, nil, nil, nil, nil, nil
		for _, one := range []metric.Metric{m.full("Nights"), answers, words} {
			if err := metric.Insert(t.Context(), tx, one, uuid.Nil); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `UPDATE agency.metrics SET updated_by = $1 WHERE library_key IS NOT NULL`, admin.Staff)
		return err
	})
	before := m.all()
	rows := m.exported(admin)
	if len(rows) != 1+len(before) {
		t.Fatalf("got %d rows, want a heading and %d", len(rows), len(before))
	}
	for _, row := range rows[1:] {
		if strings.Contains(strings.Join(row, "\x00"), "\x00=") {
			t.Errorf("a cell would be taken for a formula: %q", row)
		}
	}
	page := m.checked(admin, table(rows), http.StatusOK)
	if !contains(page, "0 new") || !contains(page, "0 to change") || contains(page, "/metrics/import/apply") {
		t.Errorf("a table that was not touched changes something: %s", page)
	}
	for _, separator := range []rune{';', '\t'} {
		var out strings.Builder
		w := csv.NewWriter(&out)
		w.Comma = separator
		_ = w.WriteAll(rows)
		if page := m.checked(admin, out.String(), http.StatusOK); !contains(page, "0 to change") {
			t.Errorf("with %q between cells it changes something", separator)
		}
	}
}

func TestATableAddsAndChangesWhatWasShown(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	sleep, left := m.own("Sleep", uuid.Nil), m.own("Left alone", m.open)
	rows := m.exported(admin)
	if len(rows) != 3 {
		t.Fatalf("got %d rows, want a heading and the agency’s own two: %v", len(rows), rows)
	}
	cell(rows, 2, "goal", "7.5")
	cell(rows, 2, "decimals", "1")
	cell(rows, 2, "name_fr", "Sommeil")
	rows = append(rows, make([]string, len(rows[0])))
	for column, text := range map[string]string{"name_en": "Papers", "name_fr": "Papiers", "kind": "Achievement", "program": "youth hub",
		"options": "1 | Asked | Demandés\n2 | Got them | Obtenus | achieved", "status": "active"} {
		cell(rows, 3, column, text)
	}
	page := m.checked(admin, table(rows), http.StatusOK)
	for _, want := range []string{"1 new", "1 to change", "1 unchanged", "Aim to begin with: nothing → 7.5", "Name in French: Sleep → Sommeil", "Papers"} {
		if !contains(page, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if now := m.all(); now["Sleep"].Version != sleep.Version || len(now) != 34 {
		t.Fatal("looking has changed something")
	}
	if page := m.confirmed(admin, page, func(v url.Values) { v.Del("why") }, http.StatusUnprocessableEntity); !contains(page, `href="#why"`) {
		t.Error("an aim is changed without a reason")
	}
	m.confirmed(admin, page, nil, http.StatusSeeOther)

	now := m.all()
	changed, papers := now["Sleep"], now["Papers"]
	if *changed.Goal != 7.5 || changed.NameFR != "Sommeil" || changed.Version != sleep.Version+1 || *changed.UpdatedBy != admin.Staff {
		t.Errorf("changed: got %+v", changed)
	}
	if papers.Kind != metric.Achievement || papers.Program == nil || *papers.Program != m.open || len(papers.Options) != 2 || !papers.Options[1].Achieved {
		t.Errorf("added: got %+v", papers)
	}
	if diff := cmp.Diff(left, now["Left alone"]); diff != "" {
		t.Errorf("not changed: -want +got:\n%s", diff)
	}
	var explained int
	m.update(func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(DISTINCT metric_id) FROM agency.metric_reasons`).Scan(&explained)
	})
	if explained != 2 {
		t.Errorf("got reasons for %d metrics, want for the two", explained)
	}
	if got := m.recorded(); got["metric.create"] != 1 || got["metric.update"] != 1 || got["metric.export"] != 1 {
		t.Errorf("recorded %v, want one of each", got)
	}

	// The same table once more adds nothing.
	m.confirmed(admin, page, nil, http.StatusSeeOther)
	if again := m.all(); len(again) != 35 || again["Papers"].Version != 1 {
		t.Errorf("sent twice: got %d metrics, want 35", len(again))
	}
}

func TestNothingIsSavedWhenMetricsHaveChangedMeanwhile(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	m.own("Sleep", uuid.Nil)
	rows := m.exported(admin)
	cell(rows, 1, "name_fr", "Sommeil")
	preview := m.checked(admin, table(rows), http.StatusOK)
	m.update(func(tx *tenancy.Tx) error {
		one := m.all()["Sleep"]
		one.DefinitionEN = "Hours."
		return metric.Update(t.Context(), tx, one, uuid.Nil)
	})
	page := m.confirmed(admin, preview, nil, http.StatusConflict)
	if !contains(page, ": Hours. → nothing") {
		t.Error("the page does not show what would change now")
	}
	if now := m.all()["Sleep"]; now.NameFR == "Sommeil" {
		t.Error("it was saved")
	}
	if m.confirmed(admin, preview, func(v url.Values) { v.Set("csv", strings.ReplaceAll(v.Get("csv"), "Sommeil", "Dodo")) }, http.StatusConflict); m.all()["Sleep"].NameFR == "Dodo" {
		t.Error("another table than the one that was shown was saved")
	}
	m.confirmed(admin, page, nil, http.StatusSeeOther)
	if now := m.all()["Sleep"]; now.NameFR != "Sommeil" {
		t.Errorf("confirmed once more: got %q", now.NameFR)
	}
}

func TestWhatIsWrongIsSaidByRowAndColumn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	own := m.own("Sleep", m.open)
	head := []string{"id", "program", "kind", "name_en", "name_fr", "low", "high", "goal", "better", "options", "bands", "decimals", "status", "is_universal", "cadence_notes"}
	row := func(change map[string]string) string {
		rows := [][]string{head, make([]string, len(head))}
		cell(rows, 1, "name_en", "New one")
		cell(rows, 1, "name_fr", "Nouvelle")
		for column, text := range change {
			cell(rows, 1, column, text)
		}
		return table(rows)
	}
	m.checked(admin, row(nil), http.StatusOK)
	for name, c := range map[string]struct {
		column string
		change map[string]string
	}{
		"an id that is none":          {"id", map[string]string{"id": "17"}},
		"an id of nothing":            {"id", map[string]string{"id": uuid.NewString()}},
		"another kind":                {"kind", map[string]string{"id": own.ID.String(), "kind": "open_text", "program": "Youth Hub", "status": "active"}},
		"another owner":               {"program", map[string]string{"id": own.ID.String(), "kind": "scale", "program": "Safe Harbour", "status": "active"}},
		"a program that there is not": {"program", map[string]string{"program": "Nowhere"}},
		"no name":                     {"name_fr", map[string]string{"name_fr": ""}},
		"a scale upside down":         {"high", map[string]string{"low": "5", "high": "1"}},
		"a number in words":           {"low", map[string]string{"low": "none"}},
		"a goal outside":              {"goal", map[string]string{"low": "0", "high": "5", "goal": "9"}},
		"a direction":                 {"better", map[string]string{"better": "sideways"}},
		"decimals":                    {"decimals", map[string]string{"decimals": "many"}},
		"yes or no":                   {"is_universal", map[string]string{"is_universal": "perhaps"}},
		"how often":                   {"cadence_notes", map[string]string{"cadence_notes": "often"}},
		"a status":                    {"status", map[string]string{"status": "asleep"}},
		"one answer alone":            {"options", map[string]string{"options": "1 | a | b"}},
		"an answer with too much":     {"options", map[string]string{"options": "1 | a | b | maybe\n2 | c | d"}},
		"a band without a name":       {"bands", map[string]string{"low": "0", "high": "9", "bands": "0 | 4 | few"}},
		"too many bands":              {"bands", map[string]string{"low": "0", "high": "99", "bands": strings.Repeat("1 | 1 | a | b\n", 21)}},
	} {
		page := m.checked(admin, row(c.change), http.StatusUnprocessableEntity)
		if !contains(page, "Row 2, "+c.column) || !contains(page, `href="#row-2"`) || !contains(page, `id="row-2"`) || contains(page, "/metrics/import/apply") {
			t.Errorf("%s: the page does not lead to row 2, %s", name, c.column)
		}
	}
	for name, text := range map[string]string{
		"nothing": "", "a heading alone": "id,name_en\n", "no table": "id,name_en\n\"torn,", "not UTF-8": "id,name_fr\n,\xe9t\xe9", "an unknown column": "id,colour\n,red",
		"a column twice": "id,id\n,", "too many rows": "name_en\n" + strings.Repeat("x\n", 201), "too much": "name_en\n" + strings.Repeat("x", 210<<10),
	} {
		if page := m.checked(admin, text, http.StatusUnprocessableEntity); !contains(page, `href="#file"`) {
			t.Errorf("%s: is not refused at the file", name)
		}
	}
	if page := m.checked(admin, "name_en,name_fr\nHope, love,Espoir\n", http.StatusUnprocessableEntity); !contains(page, "more cells than there are columns") {
		t.Error("a row that a comma has split is read")
	}
	if page := m.checked(admin, "id,name_en\n"+own.ID.String()+",a\n"+own.ID.String()+",b\n", http.StatusUnprocessableEntity); !contains(page, "Another row has the same id.") {
		t.Error("one metric is changed by two rows")
	}
	if now := m.all(); len(now) != 33 || now["Sleep"].Version != 1 {
		t.Error("something was saved")
	}
}

func TestATableReachesNoFurtherThanTheForm(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.manager(m.open)
	agencys, hers, hidden := m.own("The agency’s", uuid.Nil), m.own("Hers", m.open), m.own("Hidden", m.quiet)
	rows := m.exported(manager)
	if len(rows) != 2 || rows[1][0] != hers.ID.String() {
		t.Errorf("she downloads %v, want hers alone", rows)
	}
	for _, other := range []metric.Metric{agencys, hidden} {
		if page := m.checked(manager, "id,name_en\n"+other.ID.String()+",Mine now\n", http.StatusUnprocessableEntity); contains(page, other.NameEN) || !contains(page, "nothing with this id") {
			t.Errorf("she may change %s by a table", other.NameEN)
		}
	}
	for _, program := range []string{"", "Safe Harbour", m.quiet.String()} {
		m.checked(manager, "name_en,name_fr,program\na,b,"+program+"\n", http.StatusUnprocessableEntity)
	}
	m.checked(manager, "name_en,name_fr,program\na,b,Youth Hub\n", http.StatusOK)

	worker := m.somebody(false, map[uuid.UUID]access.Role{m.open: access.DirectService})
	for name, handler := range map[string]web.Handler{"export": m.handlers.Export, "form": m.handlers.ImportForm, "import": m.handlers.Import, "apply": m.handlers.ApplyImport} {
		if _, err := handler(m.request(worker, http.MethodPost, "/", url.Values{"csv": {"name_en\na"}})); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s, by a worker: got %v, want denied", name, err)
		}
	}
}

func TestATableIsReadInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	admin := m.somebody(true, nil)
	r := m.request(admin, http.MethodPost, "/metrics/import", url.Values{})
	r.P = i18n.NewPrinter("fr", nil, nil)
	r.File = []byte("name_en;name_fr;decimals;low;high\nSleep;Sommeil;1;0;23,5\n")
	response, err := m.handlers.Import(r)
	if err != nil {
		t.Fatal(err)
	}
	if page := m.text(response); response.Status != http.StatusOK || !contains(page, ": 23,5</div>") {
		t.Errorf("status %d: %s", response.Status, page)
	}
}
