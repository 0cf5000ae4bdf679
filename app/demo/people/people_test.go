package people

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"konote/app/civil"
)

func TestPeopleAreTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	today := civil.Date{Year: 2026, Month: time.March, Day: 2}
	one, other, third := New(1, today), New(1, today), New(2, today)
	different := 0
	for range 500 {
		a, b, c := one.Next(), other.Next(), third.Next()
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatal(diff)
		}
		if a.Last != c.Last {
			different++
		}
	}
	if different < 400 {
		t.Errorf("only %d of 500 people differ with another seed", different)
	}
}

func TestPeopleAreBelievable(t *testing.T) {
	t.Parallel()
	today := civil.Date{Year: 2026, Month: time.March, Day: 2}
	people := New(1, today)
	tokens, records, compound := map[string]bool{}, map[string]bool{}, 0
	for range 100_000 {
		p := people.Next()
		if p.First == "" || p.Last == "" || (p.Language != "en" && p.Language != "fr") {
			t.Fatalf("%+v is nobody", p)
		}
		if age := p.BirthDate.Age(today); age < 2 || age > 95 {
			t.Fatalf("%+v is %d years old", p, age)
		}
		if p.Phone != "" && (len(p.Phone) != 10 || p.Phone[3:8] != "55501") {
			t.Fatalf("%q might ring", p.Phone)
		}
		if records[p.RecordID] {
			t.Fatalf("record id %s twice", p.RecordID)
		}
		records[p.RecordID] = true
		if strings.ContainsAny(p.First+p.Last, " -’") {
			compound++
		}
		for _, word := range strings.FieldsFunc(strings.Join([]string{p.First, p.Preferred, p.Middle, p.Last}, " "),
			func(r rune) bool { return strings.ContainsRune(" -’", r) }) {
			tokens[word] = true
		}
	}
	if len(tokens) < 30_000 || len(tokens) > 60_000 {
		t.Errorf("%d different words in 100,000 names, want about 45,000", len(tokens))
	}
	t.Logf("%d words, %d%% compound", len(tokens), compound/1000)
}
