package participant

import (
	"slices"
	"strings"
	"testing"

	"konote/app/access"
	"konote/app/civil"
)

var allStatuses = []access.EnrolmentStatus{
	access.Planned, access.Waitlist, access.Enrolled, access.OnHold, access.Finished, access.Cancelled,
}

func TestEnrolmentsChangeAlongTheTableOnly(t *testing.T) {
	t.Parallel()
	want := map[access.EnrolmentStatus]string{
		access.Planned: "waitlist active cancelled", access.Waitlist: "planned active cancelled",
		access.Enrolled: "on_hold finished cancelled", access.OnHold: "active finished", access.Finished: "", access.Cancelled: "",
	}
	for _, from := range allStatuses {
		var got []string
		for _, to := range allStatuses {
			c := Change{To: to, On: dayOfTest, End: Completed, Reason: "because"}
			if !c.Check(Enrolment{Status: from}, dayOfTest).Any() {
				got = append(got, string(to))
			}
		}
		if text := strings.Join(got, " "); text != want[from] {
			t.Errorf("from %s one comes to %q, want %q", from, text, want[from])
		}
		if open := (Enrolment{Status: from}).Open(); open != (want[from] != "") {
			t.Errorf("%s is open: %v", from, open)
		}
	}
	for _, s := range allStatuses {
		if s != access.Cancelled && !slices.Contains(access.ReachingStatuses, s) {
			t.Errorf("%s does not open the record", s)
		}
	}
}

func TestHoldingFinishingAndCancellingNeedAReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change      Change
		words, ends bool // what is asked for
	}{
		{Change{To: access.OnHold}, true, false},
		{Change{To: access.Cancelled}, true, false},
		{Change{To: access.Finished, On: dayOfTest}, false, true},
		{Change{To: access.Finished, On: dayOfTest, End: "vanished"}, false, true},
		{Change{To: access.Finished, On: dayOfTest, End: OtherEnd}, true, false},
		{Change{To: access.Finished, On: dayOfTest, End: GoalsMet}, false, false},
	} {
		problems := c.change.Check(Enrolment{Status: access.Enrolled}, dayOfTest)
		if words, ends := problems.Of("reason") != nil, problems.Of("end_reason") != nil; words != c.words || ends != c.ends {
			t.Errorf("%+v: asks for words %v and for an end %v, want %v and %v", c.change, words, ends, c.words, c.ends)
		}
	}
	if len(EndReasons) != 12 || len(endLabels) != 12 {
		t.Errorf("%d ends with %d labels, want 12", len(EndReasons), len(endLabels))
	}
	if problems := (Change{To: access.Enrolled}).Check(Enrolment{Status: access.OnHold}, dayOfTest); problems.Any() {
		t.Errorf("resuming asks for %v, want nothing", problems)
	}
	long := Change{To: access.OnHold, Reason: strings.Repeat("é", MaxReason+1)}
	if problems := long.Check(Enrolment{Status: access.Enrolled}, dayOfTest); problems.Of("reason") == nil {
		t.Error("a reason of more than the limit is taken")
	}
}

func TestDaysOfAnEnrolmentAreInOrder(t *testing.T) {
	t.Parallel()
	day := func(text string) civil.Date {
		d, err := civil.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	running := Enrolment{Status: access.Enrolled, StartedOn: day("2026-01-05")}
	for _, c := range []struct {
		what  string
		e     Enrolment
		to    access.EnrolmentStatus
		on    civil.Date
		wrong bool
	}{
		{"ends today", running, access.Finished, dayOfTest, false},
		{"ends on its first day", running, access.Finished, day("2026-01-05"), false},
		{"ends before it began", running, access.Finished, day("2026-01-04"), true},
		{"ends tomorrow", running, access.Finished, day("2026-02-11"), true},
		{"ends on no day", running, access.Finished, civil.Date{}, true},
		{"is held, which has no day", running, access.OnHold, civil.Date{}, false},
		{"begins in the past", Enrolment{Status: access.Planned}, access.Enrolled, day("2025-12-01"), false},
		{"begins in the year 26", Enrolment{Status: access.Planned}, access.Enrolled, day("0026-02-10"), true},
		{"begins on no day", Enrolment{Status: access.Waitlist}, access.Enrolled, civil.Date{}, true},
	} {
		got := Change{To: c.to, On: c.on, End: Completed, Reason: "because"}.Check(c.e, dayOfTest).Of("on") != nil
		if got != c.wrong {
			t.Errorf("%s: refused %v, want %v", c.what, got, c.wrong)
		}
	}
}

func TestAChangeLeavesTheOtherDayAlone(t *testing.T) {
	t.Parallel()
	start := civil.Date{Year: 2026, Month: 1, Day: 5}
	running := Enrolment{Status: access.Enrolled, StartedOn: start}
	held := Change{To: access.OnHold, On: dayOfTest}.After(running)
	if held.StartedOn != start || !held.EndedOn.IsZero() {
		t.Errorf("held: %s to %s, want %s to nothing", held.StartedOn, held.EndedOn, start)
	}
	if resumed := (Change{To: access.Enrolled, On: dayOfTest}).After(held); resumed.StartedOn != start {
		t.Errorf("resumed: starts %s, want %s", resumed.StartedOn, start)
	}
	if done := (Change{To: access.Finished, On: dayOfTest}).After(held); done.StartedOn != start || done.EndedOn != dayOfTest {
		t.Errorf("finished: %s to %s, want %s to %s", done.StartedOn, done.EndedOn, start, dayOfTest)
	}
}
