package timeline

import (
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/civil"
	"konote/app/web"
)

// history is what some sources have to tell, in no order: few days, so that many things
// happen on one.
func history(random *rand.Rand, sources int) [][]Moment {
	first := civil.Date{Year: 2026, Month: time.January, Day: 1}
	told := make([][]Moment, sources)
	for n := range 40 + random.IntN(200) {
		id := uuid.UUID{byte(n >> 8), byte(n), byte(random.IntN(256))}
		of := random.IntN(sources)
		told[of] = append(told[of], Moment{Place: Place{Day: first.AddDays(random.IntN(20)), ID: id}})
	}
	return told
}

// read answers as a source must: the newest after a place, at most so many.
func read(all []Moment, after Place, limit int) []Moment {
	found := slices.DeleteFunc(slices.Clone(all), func(m Moment) bool { return !m.before(after) })
	slices.SortFunc(found, func(a, b Moment) int {
		if b.before(a.Place) {
			return -1
		}
		return 1
	})
	return found[:min(limit, len(found))]
}

// Reading from page to page shows everything once, the newest first, whatever the sources
// hold and however many things happened on one day.
func TestPagesFollowEachOtherWithoutGapOrRepetition(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		sources := history(random, 1+random.IntN(6))
		var got []Place
		after, pages := newest, 0
		for {
			var all []Moment
			for _, s := range sources {
				all = append(all, read(s, after, pageLength+1)...)
			}
			shown, next := newestOf(all, pageLength)
			for _, m := range shown {
				got = append(got, m.Place)
			}
			if pages++; next == (Place{}) {
				break
			}
			if len(shown) != pageLength {
				t.Fatalf("seed %d: a page of %d is not the last", seed, len(shown))
			}
			// The next page's address goes through the browser.
			after = decode(web.NewRequest(t.Context(), "GET", page{Next: next}.next().String(), nil)).after()
		}
		var want []Place
		for _, m := range read(slices.Concat(sources...), newest, 1<<20) {
			want = append(want, m.Place)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d entries on %d pages, want %d, each once and in order", seed, len(got), pages, len(want))
		}
	}
}

// What makes no sense in an address is left out: a page is never refused for it.
func TestAnAddressThatMakesNoSenseIsTheFirstPage(t *testing.T) {
	t.Parallel()
	id := uuid.UUID{7}
	for query, want := range map[string]Place{
		"":                                       newest,
		"until=2026-02-10":                       {Day: civil.Date{Year: 2026, Month: time.February, Day: 10}, ID: uuid.Max},
		"until=tomorrow":                         newest,
		"before=2026-02-10":                      newest, // half a place
		"before=2026-02-10&entry=x":              newest,
		"entry=" + id.String():                   newest,
		"before=x&entry=" + id.String():          newest,
		"before=2026-02-10&entry=" + id.String(): {Day: civil.Date{Year: 2026, Month: time.February, Day: 10}, ID: id},
		"before=2026-02-10&until=2025-01-01&entry=" + id.String(): {Day: civil.Date{Year: 2026, Month: time.February, Day: 10}, ID: id}, // further down a chosen day
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		r := web.NewRequest(t.Context(), "GET", "/?"+values.Encode(), nil)
		if got := decode(r).after(); got != want {
			t.Errorf("%q begins after %v, want %v", query, got, want)
		}
	}
}

// The filter stays when one reads on.
func TestTheFilterGoesFromPageToPage(t *testing.T) {
	t.Parallel()
	program, id := uuid.UUID{3}, uuid.UUID{9}
	p := page{Participant: uuid.UUID{1}, Asked: asked{Kind: "notes", Program: program}, Next: Place{Day: civil.Date{Year: 2026, Month: time.March, Day: 1}, ID: id}}
	again := decode(web.NewRequest(t.Context(), "GET", p.next().String(), nil))
	if again.Kind != "notes" || again.Program != program || again.From != p.Next {
		t.Errorf("the next page asks for %+v", again)
	}
	if p.Next = (Place{}); !p.next().IsZero() {
		t.Errorf("the last page has a next one: %s", p.next())
	}
}
