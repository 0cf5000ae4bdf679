package audit

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/web"
	"konote/tenancy"
)

var (
	admin  = uuid.MustParse("018f0000-0000-7000-8000-0000000000ad")
	people = map[uuid.UUID]string{admin: "Odile Admin", testBy.Staff: "=Wendy Worker"}
)

// A viewing is the audit log of one agency in front of its administrator.
type viewing struct {
	*bench
	t        *testing.T
	agency   *tenancy.Agency
	handlers *Handlers
	reaches  map[uuid.UUID]string // whom a manager reaches, with their names
}

func newViewing(t *testing.T) *viewing {
	t.Helper()
	b := newBench(t)
	names := func(context.Context, *tenancy.Tx, []uuid.UUID) (map[uuid.UUID]string, error) { return people, nil }
	v := &viewing{bench: b, t: t, agency: b.Agency(t)}
	v.handlers = &Handlers{Ledger: b.ledger, Names: names, People: v.people}
	return v
}

// people knows those whom the test says that the manager reaches.
func (v *viewing) people(_ context.Context, _ *tenancy.Tx, actor access.Actor, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	for _, id := range ids {
		if name := v.reaches[id]; name != "" && len(actor.Roles) > 0 {
			names[id] = name
		}
	}
	return names, nil
}

func (v *viewing) record(events ...Event) {
	v.t.Helper()
	for _, e := range events {
		err := v.agency.Update(v.t.Context(), func(tx *tenancy.Tx) error { return Record(v.t.Context(), tx, testBy, e) })
		if err != nil {
			v.t.Fatal(err)
		}
	}
	v.drain(v.t)
}

func (v *viewing) request(address string) *web.Request {
	r := web.NewRequest(v.t.Context(), "GET", address, nil)
	r.Agency, r.Visitor = v.agency, web.Visitor{Actor: access.Actor{Staff: admin, Admin: true}}
	r.Session = &session.Session{Staff: admin, Agency: v.agency.ID}
	return r
}

func (v *viewing) page(address string) string {
	v.t.Helper()
	response, err := v.handlers.List(v.request(address))
	if err != nil {
		v.t.Fatal(err)
	}
	return v.text(response)
}

func (v *viewing) entry(seq string) (string, error) {
	r := v.request("/audit/" + seq)
	r.Params["seq"] = seq
	response, err := v.handlers.Show(r)
	if err != nil {
		return "", err
	}
	return v.text(response), nil
}

func (v *viewing) text(response web.Response) string {
	v.t.Helper()
	var out bytes.Buffer
	if err := response.Body.Render(v.t.Context(), &out); err != nil {
		v.t.Fatal(err)
	}
	return out.String()
}

func (v *viewing) has(page string, wants ...string) {
	v.t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			v.t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}

func (v *viewing) lacks(page string, refused ...string) {
	v.t.Helper()
	for _, text := range refused {
		if strings.Contains(page, text) {
			v.t.Errorf("the page has %q:\n%s", text, page)
		}
	}
}

func TestTheListTellsWhoDidWhatInWords(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	participant := tenancy.NewID()
	v.record(
		Event{Action: "participant.view", Subject: participant, Participants: []uuid.UUID{participant}, Confidential: true},
		Event{Action: "participant.list", Participants: []uuid.UUID{participant, tenancy.NewID()}},
		Event{Action: "staff.role_grant", Subject: admin},
		Event{Action: "access.refused", Outcome: Refused},
	)
	page := v.page("/audit")
	v.has(page, "=Wendy Worker", "Record of a participant opened", "Record "+participant.String()[24:], "2 records", "Confidential",
		"Role given", "Odile Admin", "Access refused", "Refused")
	v.lacks(page, ">participant.view", ">role", participant.String(), `href="/participants`)
}

func TestTheFilterNarrowsTheList(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	v.record(Event{Action: "note.create"}, Event{Action: "program.create"}, Event{Action: "access.refused", Outcome: Refused})
	superuserClock := func(days int, seq int) { // entries of other days, as if written then
		superuser(t, v.AuditSuperuserURL(), "ALTER TABLE audit.entries DISABLE TRIGGER refuse_change")
		superuser(t, v.AuditSuperuserURL(), "UPDATE audit.entries SET at = at - make_interval(days => $1) WHERE seq = $2", days, seq)
	}
	superuserClock(10, 1)
	cell := func(words string) string { return ">" + words + "</td>" }
	day := func(ago int) string {
		return time.Now().AddDate(0, 0, -ago).In(i18n.Toronto()).Format(time.DateOnly)
	}
	for address, want := range map[string][3]bool{
		"/audit":                                   {true, true, true},
		"/audit?action=program.create":             {false, true, false},
		"/audit?outcome=refused":                   {false, false, true},
		"/audit?staff=" + testBy.Staff.String():    {true, true, true},
		"/audit?staff=" + admin.String():           {false, false, false},
		"/audit?from=" + day(1):                    {false, true, true},
		"/audit?to=" + day(1):                      {true, false, false},
		"/audit?from=" + day(10) + "&to=" + day(9): {true, false, false},
		"/audit?outcome=nonsense&staff=nobody":     {true, true, true},
		"/audit?from=2026-02-30":                   {true, true, true},
		"/audit?before=nonsense":                   {true, true, true},
	} {
		page := v.page(address)
		for i, words := range []string{"Note written", "Program created", "Access refused"} {
			if got := strings.Contains(page, cell(words)); got != want[i] {
				t.Errorf("%s: %s shown: %t, want %t", address, words, got, want[i])
			}
		}
	}
	if n := strings.Count(v.page("/audit?from=2026-02-30"), "Enter a day that exists"); n < 2 {
		t.Error("a day that does not exist is not a problem")
	}
	v.has(v.page("/audit?from=2026-02-10&to=2026-02-09"), "The last day comes before the first")
}

func TestPagesFollowEachOtherWithoutGapOrRepetition(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	recordMany(t, v.agency, 120) // many within one millisecond
	v.drain(t)
	link := regexp.MustCompile(`href="(/audit\?before=[^"]+)"`)
	number := regexp.MustCompile(`href="/audit/(\d+)"`)
	seen := map[string]bool{}
	pages := 0
	for address := "/audit"; address != ""; pages++ {
		page := v.page(address)
		for _, match := range number.FindAllStringSubmatch(page, -1) {
			if seen[match[1]] {
				t.Errorf("entry %s is shown twice", match[1])
			}
			seen[match[1]] = true
		}
		address = ""
		if match := link.FindStringSubmatch(page); match != nil {
			address = strings.ReplaceAll(match[1], "&amp;", "&")
		}
	}
	if len(seen) != 120 || pages != 3 {
		t.Errorf("got %d entries on %d pages, want 120 on 3", len(seen), pages)
	}
}

func TestAnEntryShowsValuesOfTheAgencysOwnMattersOnly(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	participant := tenancy.NewID()
	v.record(
		Event{Action: "program.update", Before: map[string]any{"NameEN": "Old House", "Version": 1}, After: map[string]any{"NameEN": "New <House>", "Version": 1}},
		Event{Action: "participant.update", Participants: []uuid.UUID{participant},
			Before: map[string]string{"last_name": "Tremblay", "phone": "6135550101"}, After: map[string]string{"last_name": "Nguyen", "phone": "6135550101"}},
		Event{Action: "staff.note", Participants: []uuid.UUID{participant}, After: map[string]string{"text": "Tremblay"}},
		Event{Action: "novelty.create", After: map[string]string{"text": "Tremblay"}},
	)
	own, err := v.entry("1")
	if err != nil {
		t.Fatal(err)
	}
	v.has(own, "Name in English", "Old House", "New &lt;House&gt;", "192.0.2.7", "r-1", "Entry number")
	v.lacks(own, ">Version<")
	for _, seq := range []string{"2", "3", "4"} {
		page, err := v.entry(seq)
		if err != nil {
			t.Fatal(err)
		}
		v.lacks(page, "Tremblay", "Nguyen", "613")
	}
	page, _ := v.entry("2")
	v.has(page, "Last name", "Administrators do not open records")
	v.lacks(page, "Phone")
}

func TestAnEntryThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	other := v.Agency(t)
	record(t, other, 3)
	v.drain(t)
	for _, seq := range []string{"1", "0", "-1", "x", "99999999999999999999"} {
		if _, err := v.entry(seq); fault.KindOf(err) != fault.NotFound {
			t.Errorf("entry %s: got %v, want not found", seq, err)
		}
	}
	v.lacks(v.page("/audit"), "Details of a participant changed")
}

func TestLookingAtTheLogIsRecorded(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	v.record(Event{Action: "note.create"})
	v.page("/audit?outcome=done")
	if _, err := v.entry("1"); err != nil {
		t.Fatal(err)
	}
	v.export("/audit/export.csv")
	v.drain(t)
	page := v.page("/audit")
	v.has(page, "Audit log read", "Audit log entry opened", "Audit log downloaded", "Odile Admin")
}

func (v *viewing) export(address string) [][]string {
	v.t.Helper()
	response, err := v.handlers.Export(v.request(address))
	if err != nil {
		v.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := response.Stream(&out); err != nil {
		v.t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), "\ufeff")
	if !marked {
		v.t.Error("the table has no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		v.t.Fatal(err)
	}
	return rows
}

func TestTheTableHoldsEveryEntryAndNoFormula(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	recordMany(t, v.agency, 1200)
	v.record(Event{Action: "note.create", Role: access.DirectService, Confidential: true, After: map[string]string{"text": "Tremblay"}})
	rows := v.export("/audit/export.csv")
	if len(rows) != 1202 {
		t.Fatalf("got %d rows, want 1,201 and a heading", len(rows))
	}
	want := []string{"1201", "", "'=Wendy Worker", "Direct service", "Note written", "Done", "", "", "Yes", "r-1"}
	got := append([]string{}, rows[1]...)
	got[1] = ""
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if rows := v.export("/audit/export.csv?action=note.create"); len(rows) != 2 {
		t.Errorf("got %d rows of one action, want 1 and a heading", len(rows))
	}
}

func TestWhileTheAuditDatabaseIsDownTheLogSaysSo(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	v.setAuditDatabase(t, false)
	if _, err := v.handlers.List(v.request("/audit")); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want unavailable", err)
	}
}

func TestAnAlteredDetailIsAnErrorAndNoPage(t *testing.T) {
	t.Parallel()
	v := newViewing(t)
	v.record(Event{Action: "program.update", After: map[string]string{"a": "b"}})
	superuser(t, v.AuditSuperuserURL(), "ALTER TABLE audit.entries DISABLE TRIGGER refuse_change")
	superuser(t, v.AuditSuperuserURL(), `UPDATE audit.entries SET body = convert_to(regexp_replace(convert_from(body, 'UTF8'), '"sealed":".{20}', '"sealed":"AQAAAAEAAAAAAAAAAAAA'), 'UTF8')`)
	_, err := v.entry("1")
	if err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("got %v, want an internal error", err)
	}
}

// Every act of every feature has its words in both languages.
func TestEveryActHasItsWords(t *testing.T) {
	t.Parallel()
	declared := regexp.MustCompile(`(?:audit\.Action = |Action:\s+|Action = )"([a-z_]+\.[a-z_]+)"`)
	acts := map[string]string{}
	err := filepath.WalkDir("..", func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range declared.FindAllSubmatch(source, -1) {
			acts[string(match[1])] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(acts) < 10 {
		t.Fatalf("found only %d acts", len(acts))
	}
	for act, path := range acts {
		for _, language := range []string{"en", "fr"} {
			w := words{printer: i18n.NewPrinter(language, nil, nil)}
			if w.what(Action(act)) == strings.ReplaceAll(act, "_", " ") {
				t.Errorf("%s (%s) has no words: add audit.action.%s to app/i18n/catalogue/audit.txt", act, path, act)
			}
		}
	}
}

func TestAPlaceInAnAddressReadsAsWritten(t *testing.T) {
	t.Parallel()
	want := Place{At: time.UnixMilli(1770732300007).UTC(), Seq: 42}
	if got := parsePlace(want.String()); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, text := range []string{"", "1", "x-1", "1-x", "-1-1", "1-0", strconv.Itoa(1<<60) + "-1"} {
		if got := parsePlace(text); got != (Place{}) {
			t.Errorf("%q: got %v, want none", text, got)
		}
	}
}
