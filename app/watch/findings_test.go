package watch_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/apptest"
	"konote/app/audit"
	"konote/app/i18n"
	"konote/app/staff"
	"konote/app/watch"
	"konote/tenancy"
)

// yesterday is an hour of it on the agencies' clock, days later.
func yesterday(hour, minute, days int) time.Time {
	now := time.Now().In(i18n.Toronto())
	return time.Date(now.Year(), now.Month(), now.Day()-1+days, hour, minute, 0, 0, now.Location())
}

// did records invented acts of the past.
func (h *history) did(who uuid.UUID, at time.Time, e audit.Event) {
	h.t.Helper()
	err := h.Cedar.Update(h.t.Context(), func(tx *tenancy.Tx) error {
		return audit.RecordPast(tx, audit.By{Kind: audit.KindStaff, Staff: who, Reference: "past"}, e, at)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) opened(who uuid.UUID, at time.Time, participant uuid.UUID) {
	h.did(who, at, audit.Event{Action: "participant.view", Role: access.DirectService, Program: h.Cedar.Housing, Subject: participant, Participants: []uuid.UUID{participant}})
}

func (h *history) hire(name, email string) uuid.UUID {
	h.t.Helper()
	var id uuid.UUID
	err := h.Cedar.Update(h.t.Context(), func(tx *tenancy.Tx) (err error) {
		by := audit.By{Kind: audit.KindOperator, Operator: "tests"}
		if id, err = staff.Insert(h.t.Context(), tx, by, staff.New{DisplayName: name, Email: email}); err != nil {
			return err
		}
		return staff.Grant(h.t.Context(), tx, by, id, h.Cedar.Housing, access.DirectService)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// read moves what waits and reads the days up to yesterday.
func (h *history) read() {
	h.t.Helper()
	h.Drain(h.t)
	s := h.Server
	reader := &watch.Reader{Platform: s.Platform, Ledger: s.Ledger, VerifierKey: s.Signer.VerifierKey()}
	if err := reader.CatchUp(h.t.Context(), h.Cedar.Agency); err != nil {
		h.t.Fatal(err)
	}
}

// found are the amounts of findings about somebody by kind, and their programs in all.
func (h *history) found(who uuid.UUID) (amounts map[string]int, programs map[uuid.UUID]bool) {
	h.t.Helper()
	amounts, programs = map[string]int{}, map[uuid.UUID]bool{}
	err := h.Cedar.View(h.t.Context(), func(tx *tenancy.Tx) error {
		rows, err := tenancy.Rows[struct {
			Kind     string      `db:"kind"`
			Amount   int         `db:"amount"`
			Programs []uuid.UUID `db:"program_ids"`
		}](h.t.Context(), tx, `SELECT kind, amount, program_ids FROM agency.watch_findings WHERE staff_id = $1 AND day > '2026-01-05'`, who)
		for _, row := range rows {
			amounts[row.Kind] = row.Amount
			for _, id := range row.Programs {
				programs[id] = true
			}
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return amounts, programs
}

func (h *history) exec(sql string, args ...any) error {
	return h.Cedar.Update(h.t.Context(), func(tx *tenancy.Tx) error {
		_, err := tx.Exec(context.WithoutCancel(h.t.Context()), sql, args...)
		return err
	})
}

func TestTheDaysAreReadOnceAndSayWhatIsWorthALook(t *testing.T) {
	t.Parallel()
	h := &history{apptest.New(t), t}
	c := h.Cedar
	cousin := h.hire("Zoé "+c.Own.LastName, "zoe@staff.example")
	twin := h.hire("Somebody Else", c.Twin.Email)
	h.opened(cousin, yesterday(12, 0, 0), c.Own.ID)
	h.opened(c.Worker.ID, yesterday(12, 5, 0), c.Own.ID)
	h.opened(c.Worker.ID, yesterday(12, 6, 0), c.Twin.ID)
	h.opened(c.Worker.ID, yesterday(2, 0, 0), c.Own.ID)
	for i := range 5 {
		h.did(c.FrontDesk.ID, yesterday(9, i, 0), audit.Event{Action: "access.refused", Outcome: audit.Refused, Participants: []uuid.UUID{c.Hidden.ID}})
	}
	h.did(c.Manager.ID, yesterday(13, 0, 0), audit.Event{Action: "group.export", Program: c.Housing})
	for i := range 30 {
		h.opened(twin, yesterday(15, i, -1), tenancy.NewID())
	}
	// A month before: one whom she wrote about in time, one a day too late, one not at all.
	early, late, never := tenancy.NewID(), tenancy.NewID(), tenancy.NewID()
	for i, id := range []uuid.UUID{early, late, never} {
		h.opened(c.Worker.ID, yesterday(10, i, -30), id)
	}
	wrote := func(about uuid.UUID, at time.Time) {
		h.did(c.Worker.ID, at, audit.Event{Action: "note.create", Program: c.Housing, Participants: []uuid.UUID{about}})
	}
	wrote(early, yesterday(12, 7, 0))                          // the thirtieth day after
	wrote(late, yesterday(23, 0, -61))                         // the thirty-first before
	h.opened(c.Worker.ID, yesterday(8, 0, 0), tenancy.NewID()) // today is no day that was read
	h.did(c.Worker.ID, yesterday(3, 0, 1), audit.Event{Action: "note.view", Program: c.Housing, Participants: []uuid.UUID{c.Own.ID}})
	h.read()

	for _, test := range []struct {
		who  uuid.UUID
		want map[string]int
	}{
		{cousin, map[string]int{"family": 1}},
		{c.Worker.ID, map[string]int{"colleague": 1, "hours": 1, "no_work": 2}},
		{c.FrontDesk.ID, map[string]int{"refused": 5}},
		{c.Manager.ID, map[string]int{"export": 1}},
		{twin, map[string]int{"many": 30}},
	} {
		got, programs := h.found(test.who)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.who, diff)
		}
		if len(programs) != 1 || !programs[c.Housing] {
			t.Errorf("%s: in %v, want Housing alone", test.who, programs)
		}
	}
	h.read() // again: nothing is doubled
	var days, findings int
	err := c.View(t.Context(), func(tx *tenancy.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM agency.watch_runs), (SELECT count(*) FROM agency.watch_findings)`).Scan(&days, &findings)
	})
	if err != nil || days != 14 || findings != 9 { // two of them are the fixture's
		t.Errorf("got %d days and %d findings (%v), want 14 and 9", days, findings, err)
	}
	if page := h.SignIn(t, c.Admin).Open("/audit"); !page.Has("Unbroken up to entry") {
		t.Errorf("the log does not say how the chain stands:\n%s", page.Text())
	}
}

func TestFindingsAreForThoseWhoManageAllThatTheyTouch(t *testing.T) {
	t.Parallel()
	h := &history{apptest.New(t), t}
	c := h.Cedar
	both, about := tenancy.NewID(), tenancy.NewID()
	for id, of := range map[uuid.UUID]struct{ programs, people []uuid.UUID }{
		both:  {programs: []uuid.UUID{c.Housing, c.Youth}},                                     // touches a program of somebody else
		about: {programs: []uuid.UUID{c.Housing}, people: []uuid.UUID{c.Hidden.ID, c.Gone.ID}}, // of people she does not reach
	} {
		if of.people == nil {
			of.people = []uuid.UUID{}
		}
		err := h.exec(`INSERT INTO agency.watch_findings (id, day, kind, staff_id, program_ids, participant_ids, event_ids, amount, found_at)
			VALUES ($1, '2026-01-06', $2, $3, $4, $5, '{}', 1, now())`, id, map[bool]string{true: "export", false: "family"}[id == both], c.Worker.ID, of.programs, of.people)
		if err != nil {
			t.Fatal(err)
		}
	}
	b := h.SignIn(t, c.Manager)
	list := b.Open("/settings/watch")
	if got := list.Texts("ul.list .row-title"); len(got) != 1 || got[0] != c.Worker.Name {
		t.Errorf("the manager's list has %q, want one about the worker", got)
	}
	if !b.Open("/").Has("1 pattern in the audit log is worth a look") {
		t.Error("the home page does not say that one waits")
	}
	for what, id := range map[string]uuid.UUID{"two programs'": both, "about people she does not reach": about, "a hidden program's": c.HiddenFinding, "another agency's": h.Birch.Finding} {
		for _, page := range []*apptest.Page{b.Get("/settings/watch/" + id.String()), b.Post("/settings/watch/"+id.String(), url.Values{"verdict": {"proper"}, "version": {"1"}})} {
			if page.Status != http.StatusNotFound {
				t.Errorf("%s: got %d, want not found", what, page.Status)
			}
		}
	}
	admin := h.SignIn(t, c.Admin)
	if got := admin.Open("/settings/watch").Texts("ul.list .row-title"); len(got) != 4 {
		t.Errorf("the administrator's list has %q, want all four", got)
	}
	page := admin.Open("/settings/watch/" + about.String())
	for _, word := range c.Hidden.Words() {
		if page.Has(word) {
			t.Errorf("an administrator reads %q of a participant", word)
		}
	}
}

func TestNobodyJudgesWhatIsFoundAboutHerself(t *testing.T) {
	t.Parallel()
	h := &history{apptest.New(t), t}
	c := h.Cedar
	own := tenancy.NewID()
	err := h.exec(`INSERT INTO agency.watch_findings (id, day, kind, staff_id, program_ids, event_ids, amount, found_at)
		VALUES ($1, '2026-01-06', 'export', $2, $3, '{}', 1, now())`, own, c.Manager.ID, []uuid.UUID{c.Housing})
	if err != nil {
		t.Fatal(err)
	}
	b := h.SignIn(t, c.Manager)
	page := b.Open("/settings/watch/" + own.String())
	if !page.Has("somebody else looks at it") || len(page.Texts("form.form")) != 0 {
		t.Errorf("she can judge her own:\n%s", page.Text())
	}
	b.Post("/settings/watch/"+own.String(), url.Values{"verdict": {"proper"}, "version": {"1"}}).WantStatus(http.StatusForbidden)
	err = h.exec(`UPDATE agency.watch_findings SET verdict = 'proper', looked_at = now(), looked_by = staff_id WHERE id = $1`, own)
	if err == nil {
		t.Error("the database lets somebody judge her own")
	}
	if b.Open("/").Has("2 patterns") {
		t.Error("her own is counted for her")
	}
	if page := h.SignIn(t, c.Admin).Open("/settings/watch/" + own.String()); len(page.Texts("form.form")) != 1 {
		t.Error("an administrator cannot judge it")
	}
}

func TestAJudgementIsSealedRecordedAndMadeOnce(t *testing.T) {
	t.Parallel()
	h := &history{apptest.New(t), t}
	c := h.Cedar
	path := "/settings/watch/" + c.Finding.String()
	b, admin := h.SignIn(t, c.Manager), h.SignIn(t, c.Admin)
	form, other := b.Open(path).Form("form.form"), admin.Open(path).Form("form.form")
	if page := b.Open(path).Form("form.form").Set("remark", "half a thought").Submit(); page.Status != http.StatusUnprocessableEntity || !page.Has("half a thought") {
		t.Errorf("without a verdict: got %d, want the form again", page.Status)
	}
	form.Set("verdict", "follow_up").Set("remark", "She covered the night for a colleague.").Send()
	if page := other.Set("verdict", "proper").Submit(); page.Status != http.StatusConflict {
		t.Errorf("a second judgement at once: got %d, want a conflict", page.Status)
	}
	if page := b.Open(path); !page.Has("covered the night") || !page.Has("It needs follow-up") || !page.Has(c.Manager.Name) {
		t.Errorf("the judgement is not shown:\n%s", page.Text())
	}
	if page := b.Open("/settings/watch"); len(page.Texts("ul.list li")) != 0 {
		t.Error("it waits still")
	}
	if page := b.Open("/settings/watch?looked=yes"); !page.Has(c.Worker.Name) {
		t.Error("it is not among those that were looked at")
	}
	err := c.View(t.Context(), func(tx *tenancy.Tx) error {
		var whole string
		err := tx.QueryRow(t.Context(), `SELECT f::text || encode(remark_sealed, 'escape') FROM agency.watch_findings f WHERE id = $1`, c.Finding).Scan(&whole)
		if strings.Contains(whole, "covered") {
			t.Error("the remark stands in the database in clear")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Drain(t)
	if page := admin.Open("/audit?action=watch.mark"); !page.Has("A pattern judged") || page.Has("covered") {
		t.Errorf("the audit log does not say that it was judged:\n%s", page.Text())
	}
}
