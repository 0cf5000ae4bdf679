package watch

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/civil"
)

var (
	ana     = id(1)
	housing = id(100)
	noon    = time.Date(2026, 2, 10, 12, 0, 0, 0, time.UTC)
)

func id(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-8000-%012x", n))
}

// told is an entry as the ledger tells it.
func told(at time.Time, action audit.Action, outcome audit.Outcome, people ...uuid.UUID) audit.Told {
	e := audit.Told{At: at}
	e.ID, e.Action, e.Outcome, e.Kind, e.Staff, e.Program, e.Participants, e.Role =
		uuid.Must(uuid.NewV7()), action, outcome, audit.KindStaff, ana, housing, people, access.DirectService
	return e
}

func views(from time.Time, every time.Duration, count int) []audit.Told {
	var entries []audit.Told
	for i := range count {
		entries = append(entries, told(from.Add(time.Duration(i)*every), "participant.view", audit.Done, id(1000+i)))
	}
	return entries
}

func sheetOf(entries ...audit.Told) *sheet {
	t := newTally(time.UTC)
	for _, e := range entries {
		t.add(e)
	}
	return t.sheets[ana]
}

func kinds(findings []Finding) map[Kind]int {
	found := map[Kind]int{}
	for _, f := range findings {
		found[f.Kind] = f.Amount
	}
	return found
}

func TestManyRecordsWithinAnHourAreWorthALookBeyondHerOwnUsual(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entries []audit.Told
		usual   usual
		want    map[Kind]int
	}{
		"29, nothing known":               {views(noon, time.Minute, 29), usual{}, nil},
		"30, nothing known":               {views(noon, time.Minute, 30), usual{}, map[Kind]int{Many: 30}},
		"30, four days known":             {views(noon, time.Minute, 30), usual{Days: 4, Busiest: 40}, map[Kind]int{Many: 30}},
		"20, beyond her usual":            {views(noon, time.Minute, 20), usual{Days: 5, Busiest: 3}, nil},
		"21, beyond her usual":            {views(noon, time.Minute, 21), usual{Days: 5, Busiest: 3}, map[Kind]int{Many: 21}},
		"30, twice her usual":             {views(noon, time.Minute, 30), usual{Days: 5, Busiest: 15}, nil},
		"31, more than twice her usual":   {views(noon, time.Minute, 31), usual{Days: 5, Busiest: 15}, map[Kind]int{Many: 31}},
		"40 over a day":                   {views(noon.Add(-4*time.Hour), 12*time.Minute, 40), usual{Days: 5, Busiest: 3}, nil},
		"the same record again and again": {slices.Repeat(views(noon, time.Minute, 1), 50), usual{}, nil},
	} {
		if diff := cmp.Diff(test.want, kinds(sheetOf(test.entries...).findings(test.usual)), cmpEmpty); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	entries := views(noon, time.Minute, 60) // an hour and a minute apart, the first is no more among them
	s := sheetOf(append(entries, told(noon.Add(61*time.Minute), "participant.view", audit.Done, id(5000)))...)
	if s.busiest != 60 || len(s.busy.events) != keptEvents {
		t.Errorf("got %d in the busiest hour with %d entries kept, want 60 and %d", s.busiest, len(s.busy.events), keptEvents)
	}
}

var cmpEmpty = cmp.Transformer("empty", func(m map[Kind]int) string { return fmt.Sprint(m) })

func TestRefusalsInARowAreWorthALook(t *testing.T) {
	t.Parallel()
	refusals := func(every time.Duration, count int) []audit.Told {
		var entries []audit.Told
		for i := range count {
			entries = append(entries, told(noon.Add(time.Duration(i)*every), "access.refused", audit.Refused, id(7)))
		}
		return entries
	}
	five := refusals(time.Minute, 5)
	interrupted := slices.Insert(refusals(time.Minute, 8), 4, told(noon.Add(4*time.Minute), "note.view", audit.Done, id(8)))
	for name, test := range map[string]struct {
		entries []audit.Told
		want    map[Kind]int
	}{
		"four":              {five[:4], nil},
		"five":              {five, map[Kind]int{Refused: 5}},
		"five in an hour":   {refusals(15*time.Minute, 5), map[Kind]int{Refused: 5}},
		"five in longer":    {refusals(16*time.Minute, 5), nil},
		"work in between":   {interrupted, nil},
		"a list in between": {slices.Insert(slices.Clone(five), 2, told(noon.Add(2*time.Minute), "participant.list", audit.Done, id(1), id(2))), map[Kind]int{Refused: 5}},
	} {
		if diff := cmp.Diff(test.want, kinds(sheetOf(test.entries...).findings(usual{})), cmpEmpty); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestOddHoursAreOutsideTheAgencysAndHerOwn(t *testing.T) {
	t.Parallel()
	at := func(hour, minute int) []audit.Told {
		return []audit.Told{told(time.Date(2026, 2, 10, hour, minute, 0, 0, time.UTC), "note.view", audit.Done, id(7))}
	}
	night := usual{Days: 5, First: 22 * 60, Last: 23 * 60}
	for name, test := range map[string]struct {
		entries []audit.Told
		usual   usual
		want    map[Kind]int
	}{
		"6:59":                        {at(6, 59), usual{}, map[Kind]int{Hours: 1}},
		"7:00":                        {at(7, 0), usual{}, nil},
		"20:59":                       {at(20, 59), usual{}, nil},
		"21:00":                       {at(21, 0), usual{}, map[Kind]int{Hours: 1}},
		"an hour before her night":    {at(21, 0), night, nil},
		"more than an hour after it":  {at(5, 0), night, map[Kind]int{Hours: 1}},
		"her night, four days known":  {at(22, 30), usual{Days: 4, First: 22 * 60, Last: 23 * 60}, map[Kind]int{Hours: 1}},
		"an early start, within hers": {at(6, 0), usual{Days: 5, First: 7 * 60, Last: 16 * 60}, nil},
		"earlier than that":           {at(5, 59), usual{Days: 5, First: 7 * 60, Last: 16 * 60}, map[Kind]int{Hours: 1}},
	} {
		if diff := cmp.Diff(test.want, kinds(sheetOf(test.entries...).findings(test.usual)), cmpEmpty); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestADownloadIsWorthALookAndOthersWorkIsNotHers(t *testing.T) {
	t.Parallel()
	other := told(noon, "group.export", audit.Done)
	other.Staff = id(2)
	job := told(noon, "audit.export", audit.Done)
	job.Kind, job.Staff = audit.KindSystem, uuid.Nil
	s := sheetOf(told(noon, "audit.export", audit.Done), told(noon, "group.export", audit.Done), told(noon, "group.export", audit.Failed), other, job)
	if diff := cmp.Diff(map[Kind]int{Export: 2}, kinds(s.findings(usual{})), cmpEmpty); diff != "" {
		t.Error(diff)
	}
}

func TestNamesAreComparedAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		staff, last string
		want        bool
	}{
		{"Élodie Tremblay-Côté", "Tremblay", true},
		{"Élodie Tremblay-Côté", "COTE", true},
		{"Tom Nguyen", "Nguyễn", true},
		{"Rose Jean-Baptiste", "Jean", true}, // a part of it may be a family name
		{"Jean Roy", "Jean", false},          // a first name is none
		{"Fatima El-Sayed", "El", false},     // too short to say anything
		{"Madonna", "Madonna", false},
		{"Luc Bélanger", "Roy", false},
	} {
		if got := share(familyOf(test.staff), newSomebody("", test.last, "").family); got != test.want {
			t.Errorf("%s and %s: got %t, want %t", test.staff, test.last, got, test.want)
		}
	}
	worker := newSomebody("Luc Bélanger", "", "Luc@Example.org ")
	for _, test := range []struct {
		other somebody
		want  bool
	}{
		{newSomebody("Luc", "Belanger", ""), true},
		{newSomebody("Lucie", "Bélanger", ""), false},
		{newSomebody("Somebody", "Else", "luc@example.org"), true},
		{newSomebody("", "", ""), false},
	} {
		if got := worker.same(test.other); got != test.want {
			t.Errorf("%v: got %t, want %t", test.other, got, test.want)
		}
	}
}

func TestVisitsEndWithAPauseAndAreEachOnesOwn(t *testing.T) {
	t.Parallel()
	bea := id(2)
	by := func(who uuid.UUID, minute int, action audit.Action, outcome audit.Outcome) audit.Told {
		e := told(noon.Add(time.Duration(minute)*time.Minute), action, outcome, id(7))
		e.Staff = who
		return e
	}
	newestFirst := []audit.Told{
		by(ana, 100, "note.create", audit.Done),
		by(bea, 95, "access.refused", audit.Refused),
		by(ana, 71, "note.view", audit.Done),
		by(ana, 70, "participant.view", audit.Done), // thirty minutes are no pause
		by(ana, 40, "note.view", audit.Done),
		by(ana, 9, "participant.view", audit.Done), // thirty-one are
	}
	type seen struct {
		Staff    uuid.UUID
		From, To int
		Deeds    []deed
		Refused  int
	}
	var got []seen
	for _, v := range visits(newestFirst) {
		got = append(got, seen{v.Staff, int(v.From.Sub(noon).Minutes()), int(v.To.Sub(noon).Minutes()), v.Deeds, v.Refused})
	}
	want := []seen{
		{ana, 40, 100, []deed{{"participant.view", false, 1}, {"note.view", false, 2}, {"note.create", false, 1}}, 0},
		{bea, 95, 95, []deed{{"access.refused", true, 1}}, 1},
		{ana, 9, 9, []deed{{"participant.view", false, 1}}, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	made := visits(newestFirst)
	markEmergencies(made, []emergency{{Staff: ana, From: noon, To: noon.Add(9 * time.Minute)}, {Staff: bea, From: noon.Add(2 * time.Hour), To: noon.Add(3 * time.Hour)}})
	if made[0].Emergency || made[1].Emergency || !made[2].Emergency {
		t.Errorf("the wrong visits were made in an emergency: %+v", made)
	}
}

func TestAPlaceThatIsNoneIsTheBeginning(t *testing.T) {
	t.Parallel()
	want := place{Day: civil.Date{Year: 2026, Month: 2, Day: 10}, ID: ana}
	if got := parsePlace(want.Day.String() + "_" + ana.String()); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, text := range []string{"", "_", "2026-02-30_" + ana.String(), "2026-02-10_x"} {
		if got := parsePlace(text); got != first {
			t.Errorf("%q: got %v, want the beginning", text, got)
		}
	}
}
