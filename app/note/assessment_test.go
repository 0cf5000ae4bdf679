package note

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/mistake"
	"konote/app/plan"
	"konote/app/web"
	"konote/tenancy"
)

// measureApart says that a measure of the library is taken by itself.
func (m *world) measureApart(key string, change func(*metric.Metric)) metric.Metric {
	m.t.Helper()
	changed := m.measure(key)
	changed.Apart = true
	if change != nil {
		change(&changed)
	}
	m.update(func(tx *tenancy.Tx) (err error) {
		if err = metric.Update(m.t.Context(), tx, changed, uuid.Nil); err != nil {
			return err
		}
		m.metrics, err = metric.All(m.t.Context(), tx)
		return err
	})
	return m.measure(key)
}

// assess sends the form of a measure about Léa.
func (m *world) assess(by access.Actor, measure metric.Metric, value string, change func(url.Values)) (web.Response, error) {
	m.t.Helper()
	form := url.Values{"id": {tenancy.NewID().String()}, "metric": {measure.ID.String()}, "value": {value}, "happened_on": {today.String()}, "program": {m.youth.String()}}
	if change != nil {
		change(form)
	}
	return m.handlers.CreateAssessment(m.request(by, "POST", "/participants/"+m.lea.String()+"/assessments", form, "participant", m.lea.String()))
}

// opened is the form of a measure as somebody opens it, or the choice of one.
func (m *world) opened(by access.Actor, french bool, query string) string {
	m.t.Helper()
	r := m.request(by, "GET", "/participants/"+m.lea.String()+"/assessments/new?"+query, nil, "participant", m.lea.String())
	if french {
		r.P = i18n.NewPrinter("fr", nil, nil)
		r.Frame().P = r.P
	}
	r.Query, _ = url.ParseQuery(query)
	response, err := m.handlers.NewAssessment(r)
	if err != nil {
		m.t.Fatal(err)
	}
	return m.text(response.Body)
}

// dueFor is what is due for Léa, as far as somebody may know.
func (m *world) dueFor(by access.Actor) (due []Due) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		queueDue(b, by, m.lea, today, &due)
		return b.Send(m.t.Context())
	})
	return due
}

// dueOf is what is due for the people with whom somebody works.
func (m *world) dueOf(by access.Actor) (due []Due) {
	m.t.Helper()
	m.update(func(tx *tenancy.Tx) error {
		b := tx.Batch()
		QueueDue(b, by, today, &due)
		return b.Send(m.t.Context())
	})
	return due
}

// PHQ-9 at 27 is the worst, and 4 is better. A goal that has the measure stands by it,
// cancelling takes it back, and it is no session and no full note.
func TestAnAssessmentIsANoteOfItsOwn(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	manager := m.worker(map[uuid.UUID]access.Role{m.youth: access.ProgramManager})
	target := m.goal(m.lea, m.youth, "Sleep", "phq9")
	phq := m.measure("phq9")
	say := func(value string, on civil.Date) {
		t.Helper()
		response, err := m.assess(manager, phq, value, func(v url.Values) {
			v.Set("happened_on", on.String())
			v.Set("takeaway", "It is lighter now.")
			v.Set("text", "She slept.")
		})
		if err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("%s: status %d, %v: %s", value, response.Status, err, m.problems(response))
		}
	}
	say("27", today.AddDays(-20))
	say("4", today)
	n := m.notes(manager)[0]
	if n.Kind != Assessment || n.Measured == nil || *n.Measured.Value.Number != 4 || n.Measured.Metric.NameEN != phq.NameEN || n.Takeaway != "It is lighter now." || n.Text != "She slept." {
		t.Errorf("got %+v", n)
	}
	if got := m.achievement(target); got != plan.Achieved {
		t.Errorf("the goal: got %s, want achieved", got)
	}
	if got := m.count(`SELECT count(*) FROM agency.notes WHERE interaction IN ('session', 'group') OR kind = 'full'`); got != 0 {
		t.Errorf("%d of them count as sessions or as full notes", got)
	}
	for french, want := range map[bool][]string{false: {"Assessment: PHQ-9 (depression)", "4 · Minimal"}, true: {"Évaluation\u00a0: PHQ-9 (dépression)", "4 · Minime"}} {
		p := i18n.NewPrinter("en", nil, nil)
		if french {
			p = i18n.NewPrinter("fr", nil, nil)
		}
		r := m.request(manager, "GET", "/", nil)
		r.Frame().P = p
		e := entry{Note: n}
		if got := title(r.Frame(), e); got != want[0] {
			t.Errorf("got %q, want %q", got, want[0])
		}
		if got := m.text(words(r.Frame(), e)); !strings.Contains(got, want[1]) || !strings.Contains(got, "It is lighter now.") {
			t.Errorf("the time line lacks %q: %s", want[1], got)
		}
	}
	page := m.show(manager, n.ID)
	for _, want := range []string{"PHQ-9 (depression)", "4 · Minimal", "It is lighter now.", "She slept.", "Observations"} {
		if !strings.Contains(page, want) {
			t.Errorf("the note's page lacks %q", want)
		}
	}
	if response, err := m.cancel(manager, n.ID, "The wrong sheet."); err != nil || response.Status != http.StatusSeeOther {
		t.Fatalf("cancel: status %d, %v", response.Status, err)
	}
	if got := m.achievement(target); got == plan.Achieved {
		t.Error("after it was cancelled, the goal is still achieved")
	}
}

// What is asked of an assessment is asked in place, and confirmed as in any note; what was
// kept is kept with the measure.
func TestWhatAnAssessmentAsks(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	phq, income := m.measure("phq9"), m.measure("monthly_income")
	for _, test := range []struct {
		name, value string
		measure     metric.Metric
		change      func(url.Values)
		problem     string // the field; "" when it is saved
	}{
		{"nothing", "", phq, nil, "value"},
		{"spaces", "  ", phq, nil, "value"},
		{"beyond the scale", "28", phq, nil, "value"},
		{"no number", "many", phq, nil, "value"},
		{"a day to come", "9", phq, func(v url.Values) { v.Set("happened_on", today.AddDays(1).String()) }, "happened_on"},
		{"no day", "9", phq, func(v url.Values) { v.Set("happened_on", "") }, "happened_on"},
		{"too many words", "9", phq, func(v url.Values) { v.Set("takeaway", strings.Repeat("a", maxTakeaway+1)) }, "takeaway"},
		{"a measure about a goal", "4", m.measure("goal_progress"), nil, "metric"},
		{"a measure that KoNote counts", "4", m.measure("sessions_month"), nil, "metric"},
		{"no measure", "4", metric.Metric{}, nil, "metric"},
		{"unusual, not confirmed", "9000", income, nil, "value"},
		{"very unlikely, confirmed once", "30000", income, func(v url.Values) { v.Set("value-sure", "30000") }, "value"},
		{"very unlikely, confirmed twice", "30000", income, func(v url.Values) { v.Set("value-sure", "30000"); v.Set("value-sure2", "30000") }, ""},
		{"a day in the past", "9", phq, func(v url.Values) { v.Set("happened_on", today.AddDays(-9).String()) }, ""},
	} {
		before := len(m.notes(worker))
		response, err := m.assess(worker, test.measure, test.value, test.change)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		page := ""
		if response.Body != nil {
			page = m.text(response.Body)
		}
		saved := len(m.notes(worker)) == before+1
		if saved != (test.problem == "") || !saved && !strings.Contains(page, `href="#`+test.problem+`"`) {
			t.Errorf("%s: saved %v, the page: %s", test.name, saved, page)
		}
	}
	if got := m.count(`SELECT count(*) FROM agency.metric_checks WHERE was_kept AND level = 2 AND entered = 30000`); got != 1 {
		t.Errorf("%d confirmations are kept, want 1", got)
	}
	if got := m.count(`SELECT count(*) FROM agency.metric_values WHERE confirmed = 2 AND target_id IS NULL`); got != 1 {
		t.Errorf("%d values say that they were confirmed twice, want 1", got)
	}
}

// A form that comes twice is one assessment; one that comes again with another answer is
// another. All that was said is sealed.
func TestAnAssessmentIsSavedOnceAndSealed(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	id := tenancy.NewID()
	send := func(value string) {
		t.Helper()
		response, err := m.assess(worker, m.measure("phq9"), value, func(v url.Values) {
			v.Set("id", id.String())
			v.Set("takeaway", "Quellwort")
			v.Set("text", "Bachwort")
		})
		if err != nil || response.Status != http.StatusSeeOther {
			t.Fatalf("status %d, %v", response.Status, err)
		}
	}
	send("12")
	send("12")
	if got := m.count(`SELECT count(*) FROM agency.metric_values`); got != 1 {
		t.Errorf("sent twice: %d values", got)
	}
	send("13")
	if got := m.count(`SELECT count(*) FROM agency.notes WHERE kind = 'assessment'`); got != 2 {
		t.Errorf("with another answer: %d notes, want 2", got)
	}
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.metrics SET kind = 'open_text' WHERE library_key = 'phq9'`)
		return err
	})
	m.metrics = nil
	id = tenancy.NewID()
	send("Quellwort, in her words")
	if got := m.notes(worker)[0]; got.Measured == nil || got.Measured.Value.Words != "Quellwort, in her words" {
		t.Errorf("an answer in words: got %+v", got.Measured)
	}
	if got := m.count(`SELECT (SELECT count(*) FROM agency.notes n WHERE n::text LIKE '%wort%') + (SELECT count(*) FROM agency.metric_values v WHERE v::text LIKE '%wort%')`); got != 0 {
		t.Errorf("%d rows can be read", got)
	}
}

// Who may write a note may record a measure, in the same programs, and only as far as
// measures are not closed to her; what was recorded before is for those who read notes.
func TestWhoRecordsMeasures(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	phq := m.measureApart("phq9", nil)
	author := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	if response, err := m.assess(author, phq, "21", func(v url.Values) { v.Set("happened_on", today.AddDays(-100).String()) }); err != nil || response.Status != http.StatusSeeOther {
		t.Fatal(response.Status, err)
	}
	first := m.notes(author)[0].ID
	closed := func(kind access.Kind) func(*access.Actor) {
		return func(a *access.Actor) { a.Closed = []access.Closed{{Participant: m.lea, Kind: kind}} }
	}
	for _, test := range []struct {
		name         string
		role         access.Role
		in           uuid.UUID
		change       func(*access.Actor)
		writes, sees bool // sees what is due and what was recorded last
	}{
		{"a colleague", access.DirectService, m.youth, nil, true, true},
		{"a worker of her other program", access.DirectService, m.housing, nil, true, false},
		{"a worker of a program that she is not in", access.DirectService, tenancy.NewID(), nil, false, false},
		{"the front desk", access.FrontDesk, m.youth, nil, false, false},
		{"an executive", access.Executive, m.youth, nil, false, false},
		{"a manager", access.ProgramManager, m.youth, nil, true, true},
		{"a manager at tier 3, without a grant", access.ProgramManager, m.youth, func(a *access.Actor) { a.Policy.Tier = access.Safeguarded }, true, false},
		{"a colleague to whom that assessment is closed", access.DirectService, m.youth, func(a *access.Actor) {
			a.Closed = []access.Closed{{Participant: m.lea, Kind: access.NotesKind, Item: first}}
		}, true, false},
		{"a colleague to whom notes are closed", access.DirectService, m.youth, closed(access.NotesKind), false, false},
		{"a colleague to whom plans and measures are closed", access.DirectService, m.youth, closed(access.PlanKind), false, false},
		{"a colleague to whom the file is closed", access.DirectService, m.youth, closed(access.WholeFile), false, false},
	} {
		by := author
		by.Roles = map[uuid.UUID]access.Role{test.in: test.role}
		if test.change != nil {
			test.change(&by)
		}
		sees := false
		for _, d := range m.dueFor(by) {
			sees = sees || d.LastOn == today.AddDays(-100)
		}
		if sees != test.sees {
			t.Errorf("%s sees what is due and since when: got %v, want %v", test.name, sees, test.sees)
		}
		if test.writes {
			if page := m.opened(by, false, "metric="+phq.ID.String()); strings.Contains(page, "Last time: 21 (") != test.sees {
				t.Errorf("%s: the form shows the value before: want %v: %s", test.name, test.sees, page)
			}
		}
		response, err := m.assess(by, phq, "20", func(v url.Values) { v.Set("program", test.in.String()) })
		if refused := err != nil; refused == test.writes {
			t.Errorf("%s is refused: got %v", test.name, err)
		}
		if got := err == nil && response.Status == http.StatusSeeOther; got != test.writes {
			t.Errorf("%s writes: got %v (%d, %v), want %v", test.name, got, response.Status, err, test.writes)
		}
		m.update(func(tx *tenancy.Tx) error { // as if it had not been
			_, err := tx.Exec(t.Context(), `UPDATE agency.notes SET cancelled_at = now(), cancelled_by = author_id, cancel_reason_sealed = '\x00' WHERE happened_on = $1`, today)
			return err
		})
	}

	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.enrolments SET worker_id = $1`, author.Staff)
		return err
	})
	if due := m.dueOf(author); len(due) != 1 {
		t.Errorf("at home: %+v, want one", due)
	}
	for _, kind := range []access.Kind{access.NotesKind, access.PlanKind, access.WholeFile} {
		by := author
		closed(kind)(&by)
		if due := m.dueOf(by); len(due) != 0 {
			t.Errorf("%s is closed to her, and at home there is %+v", kind, due)
		}
	}
	m.update(func(tx *tenancy.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE agency.participants SET consent = 'withdrawn' WHERE id = $1`, m.lea)
		return err
	})
	if _, err := m.assess(author, phq, "20", nil); fault.KindOf(err) != fault.Denied {
		t.Errorf("after she withdrew her consent: got %v", err)
	}
	if due := m.dueOf(author); len(due) != 0 {
		t.Errorf("after she withdrew her consent, it is due at home: %+v", due)
	}
}

// A measure of one program is recorded there; one of the whole agency in any in which the
// author writes.
func TestAMeasureIsRecordedInItsProgram(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	own := m.measure("phq9")
	own.ID, own.LibraryKey, own.NameEN, own.NameFR, own.Program = tenancy.NewID(), "", "Rent paid", "Loyer payé", &m.housing
	m.update(func(tx *tenancy.Tx) error { return metric.Insert(t.Context(), tx, own, uuid.Nil) })
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	both := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService, m.housing: access.DirectService})
	if page := m.opened(worker, false, ""); strings.Contains(page, "Rent paid") || !strings.Contains(page, "PHQ-9") {
		t.Errorf("a worker of another program chooses from: %s", page)
	}
	if response, err := m.assess(worker, own, "3", nil); err != nil || response.Status == http.StatusSeeOther {
		t.Errorf("a worker of another program recorded it: %d, %v", response.Status, err)
	}
	if page := m.opened(both, true, ""); !strings.Contains(page, "Loyer payé") || !strings.Contains(page, "Consigner une mesure") {
		t.Errorf("the choice in French: %s", page)
	}
	if response, err := m.assess(both, own, "3", nil); err != nil || response.Status != http.StatusSeeOther { // the form says youth
		t.Fatalf("got %d, %v", response.Status, err)
	}
	if n := m.notes(both)[0]; n.Program != m.housing {
		t.Errorf("recorded in %s, want the measure's program", n.Program)
	}
}

// When a measure is due. Léa began 30 days ago in each program.
func TestWhenAMeasureIsDue(t *testing.T) {
	t.Parallel()
	type value struct {
		daysAgo   int
		cancelled bool
		elsewhere bool // in another program
	}
	enrolled := func(set string, args ...any) func(*tenancy.Tx) error {
		return func(tx *tenancy.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE agency.enrolments SET `+set, args...)
			return err
		}
	}
	ended := func(daysAgo int, reason string) func(*tenancy.Tx) error {
		return enrolled(`status = 'finished', started_on = $1, ended_on = $2, end_reason = $3`, today.AddDays(-300), today.AddDays(-daysAgo), reason)
	}
	m := newWorld(t)
	phq := m.measureApart("phq9", nil)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.update(enrolled(`worker_id = $1`, worker.Staff))
	again := func(tx *tenancy.Tx) error {
		if err := ended(2, "completed")(tx); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO agency.enrolments (id, participant_id, program_id, status) VALUES ($1, $2, $3, 'planned')`, tenancy.NewID(), m.lea, m.youth)
		return err
	}
	undo := errors.New("undo")
	for _, test := range []struct {
		name   string
		metric func(*metric.Metric)
		before func(*tenancy.Tx) error
		values []value
		due    bool
	}{
		{"at intake, nothing yet", nil, nil, nil, true},
		{"at intake, taken", nil, nil, []value{{daysAgo: 30}}, false},
		{"at intake, taken shortly before she began", nil, nil, []value{{daysAgo: 45}}, false},
		{"at intake, taken long before, when she was here once", nil, nil, []value{{daysAgo: 61}}, true},
		{"at intake, the value cancelled", nil, nil, []value{{daysAgo: 3, cancelled: true}}, true},
		{"at intake, taken in another program", nil, nil, []value{{daysAgo: 3, elsewhere: true}}, true},
		{"at intake, she has not begun", nil, enrolled(`started_on = $1`, today.AddDays(1)), nil, false},
		{"at intake, she waits", nil, enrolled(`status = 'waitlist'`), nil, false},
		{"at intake, on hold", nil, enrolled(`status = 'on_hold'`), nil, false},
		{"not taken by itself", func(x *metric.Metric) { x.Apart = false }, nil, nil, false},
		{"turned off", func(x *metric.Metric) { x.Status = metric.Archived }, nil, nil, false},
		{"only in another program", func(x *metric.Metric) { x.In = []uuid.UUID{uuid.New()} }, nil, nil, false},
		{"in this program", func(x *metric.Metric) { x.In = []uuid.UUID{m.youth} }, nil, nil, true},
		{"not at intake, before the first interval", func(x *metric.Metric) { x.AtIntake, x.EveryDays = false, 31 }, nil, nil, false},
		{"not at intake, at the first interval", func(x *metric.Metric) { x.AtIntake, x.EveryDays = false, 30 }, nil, nil, true},
		{"every 20 days, 19 days ago", func(x *metric.Metric) { x.EveryDays = 20 }, nil, []value{{daysAgo: 30}, {daysAgo: 19}}, false},
		{"every 20 days, 20 days ago", func(x *metric.Metric) { x.EveryDays = 20 }, nil, []value{{daysAgo: 20}}, true},
		{"not again, 300 days ago", func(x *metric.Metric) { x.EveryDays = 0 }, enrolled(`started_on = $1`, today.AddDays(-300)), []value{{daysAgo: 300}}, false},
		{"at the end", nil, ended(2, "completed"), []value{{daysAgo: 200}}, true},
		{"at the end, never taken", nil, ended(30, "completed"), nil, true},
		{"at the end, too long ago", nil, ended(31, "completed"), nil, false},
		{"at the end, taken at the last meeting", nil, ended(2, "completed"), []value{{daysAgo: 9}}, false},
		{"at the end, taken afterwards", nil, ended(9, "completed"), []value{{daysAgo: 2}}, false},
		{"at the end, and she comes again", nil, again, nil, false},
		{"not at the end", func(x *metric.Metric) { x.AtDischarge = false }, ended(2, "completed"), nil, false},
		{"she has died", nil, ended(2, "deceased"), nil, false},
		{"nobody can reach her", nil, ended(2, "lost_contact"), nil, false},
		{"the enrolment was cancelled", nil, enrolled(`status = 'cancelled'`), nil, false},
	} {
		var notes []Note
		for _, v := range test.values {
			number := 12.0
			n := Note{ID: tenancy.NewID(), Participant: m.lea, Program: m.youth, Author: worker.Staff, AuthorRole: access.DirectService, Kind: Assessment,
				Interaction: Other, HappenedOn: today.AddDays(-v.daysAgo), CreatedAt: noon, Shared: []Value{{Metric: phq.ID, Number: &number}}}
			if v.elsewhere {
				n.Program = m.housing
			}
			if v.cancelled {
				n.InError = mistake.Mark{At: noon, By: worker.Staff, Reason: "The wrong sheet."}
			}
			notes = append(notes, n)
		}
		var page, home []Due
		err := m.agency.Update(t.Context(), func(tx *tenancy.Tx) error {
			changed := phq
			if test.metric != nil {
				test.metric(&changed)
			}
			if err := metric.Update(t.Context(), tx, changed, uuid.Nil); err != nil {
				return err
			}
			if test.before != nil {
				if err := test.before(tx); err != nil {
					return err
				}
			}
			if err := Bulk(t.Context(), tx, notes); err != nil {
				return err
			}
			b := tx.Batch()
			queueDue(b, worker, m.lea, today, &page)
			QueueDue(b, worker, today, &home)
			if err := b.Send(t.Context()); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatalf("%s: %v", test.name, err)
		}
		want := 0
		if test.due {
			want = 1
		}
		if len(page) != want || len(home) != want {
			t.Errorf("%s: %d times due on her page, %d at home, want %d", test.name, len(page), len(home), want)
		}
	}
}

// The lines that say so, in both languages, lead to the form of that measure.
func TestWhatIsDueIsSaid(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	phq := m.measureApart("phq9", nil)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	for french, want := range map[bool]string{false: "Not recorded yet", true: "Pour la première fois"} {
		page := m.opened(worker, french, "")
		if !strings.Contains(page, want) || !strings.Contains(page, "metric="+phq.ID.String()) {
			t.Errorf("the choice lacks %q: %s", want, page)
		}
	}
	if page := m.opened(worker, true, "metric="+phq.ID.String()); !strings.Contains(page, "PHQ-9 (dépression)") || !strings.Contains(page, "Enregistrer") {
		t.Errorf("the form in French: %s", page)
	}
	last := today.AddDays(-100)
	for want, d := range map[string]Due{
		"X is due: last recorded Nov.\u00a02, 2025.":            {NameEN: "X", LastOn: last},
		"X is due at the end: last recorded Nov.\u00a02, 2025.": {NameEN: "X", LastOn: last, Ending: true},
		"X is due at the end: never recorded.":                  {NameEN: "X", Ending: true},
	} {
		p := i18n.NewPrinter("en", nil, nil)
		if got := p.T(d.Said(p)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A draft that cannot be opened as a form any more is read with the name of its measure.
func TestABegunAssessmentIsReadWithItsMeasure(t *testing.T) {
	t.Parallel()
	m := newWorld(t)
	worker := m.worker(map[uuid.UUID]access.Role{m.youth: access.DirectService})
	m.measure("phq9")
	m.update(func(tx *tenancy.Tx) error {
		said, err := begunMeasure(m.request(worker, "GET", "/", nil), tx, m.lea, url.Values{"metric": {m.measure("phq9").ID.String()}, "value": {"12"}})
		if len(said) != 1 || said[0].Label != "PHQ-9 (depression)" || said[0].Text != "12" {
			t.Errorf("got %+v", said)
		}
		return err
	})
}
