package find

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"konote/app/access"
	"konote/app/demo/people"
	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

// A crowd is an agency with many people, and the same names in plain text with a trigram
// index, to compare with.
type crowd struct {
	world    *tenancytest.World
	agency   *tenancy.Agency
	finder   *Finder
	worker   access.Actor
	plain    *pgxpool.Pool
	programs []uuid.UUID
	asked    map[string][]string // queries by kind
}

func newCrowd(b *testing.B, size int) *crowd {
	b.Helper()
	c := &crowd{asked: map[string][]string{}}
	c.world, c.agency, c.programs = agencyOf(b, 8, func(s *tenancy.Settings) { s.InFlight, s.LaneSize, s.AcquireWait = 8, 8, time.Minute })
	c.worker = actor(access.DirectService, c.programs[:4]...)
	random, series := rand.New(rand.NewPCG(1, 1)), people.New(1, testDay)
	everybody := make([]someone, size)
	for i := range everybody {
		at := random.IntN(8)
		everybody[i] = someoneIn(series, c.programs[at])
		if random.IntN(4) == 0 {
			everybody[i].places = append(everybody[i].places, place{c.programs[(at+1)%8], random.IntN(2) == 0})
		}
	}
	for some := range slices.Chunk(everybody, 10_000) {
		update(b, c.agency, func(tx *tenancy.Tx) error { return insert(b.Context(), tx, some) })
	}
	c.finder = New(c.world.Platform, 0)
	c.plainText(b, everybody)
	for _, kind := range kinds {
		c.asked[kind] = ask(everybody, kind, 1000)
	}
	return c // everybody goes, so that the collector of garbage has no more to do than in a server
}

var kinds = []string{"whole", "beginning", "piece", "typo", "phone"}

// plainText copies the names into a database of their own.
func (c *crowd) plainText(b *testing.B, everybody []someone) {
	ctx := b.Context()
	name := "konote_test_plain_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	super, err := pgx.Connect(ctx, c.world.SuperuserURL())
	must(b, err)
	_, err = super.Exec(ctx, "CREATE DATABASE "+name)
	must(b, err)
	must(b, super.Close(ctx))
	address, err := url.Parse(c.world.SuperuserURL())
	must(b, err)
	address.Path = "/" + name
	c.plain, err = pgxpool.New(ctx, address.String())
	must(b, err)
	b.Cleanup(c.plain.Close)
	_, err = c.plain.Exec(ctx, `CREATE EXTENSION pg_trgm; CREATE TABLE people (id uuid PRIMARY KEY, name text NOT NULL)`)
	must(b, err)
	_, err = c.plain.CopyFrom(ctx, pgx.Identifier{"people"}, []string{"id", "name"}, pgx.CopyFromSlice(len(everybody), func(i int) ([]any, error) {
		return []any{everybody[i].id, plainName(everybody[i])}, nil
	}))
	must(b, err)
	for _, sql := range []string{`CREATE INDEX ON people USING gin (name gin_trgm_ops)`, `VACUUM ANALYZE people`} {
		_, err = c.plain.Exec(ctx, sql)
		must(b, err)
	}
}

func plainName(s someone) string {
	names := s.names()
	return string(fold(nil, strings.Join(names[:], " ")))
}

func must(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// ask makes queries of one kind; they are the same in every run.
func ask(everybody []someone, kind string, n int) []string {
	random := rand.New(rand.NewPCG(9, 9))
	list := make([]string, n)
	for i := range list {
		p := everybody[random.IntN(len(everybody))].person
		switch kind {
		case "whole":
			list[i] = p.First + " " + p.Last
		case "beginning":
			list[i] = string([]rune(p.Last)[:min(len([]rune(p.Last)), 1+random.IntN(3))])
		case "piece":
			letters := []rune(string(fold(nil, p.Last)))
			from := random.IntN(max(1, len(letters)-3))
			list[i] = string(letters[from:min(len(letters), from+4)])
		case "typo":
			letters := []rune(string(fold(nil, p.Last)))
			at := random.IntN(len(letters))
			switch {
			case random.IntN(2) == 0 && at > 0:
				letters[at-1], letters[at] = letters[at], letters[at-1]
			case random.IntN(2) == 0:
				letters[at] = 'y'
			default:
				letters = slices.Insert(letters, at, 'i')
			}
			list[i] = string(letters)
			if random.IntN(2) == 0 {
				list[i] = string(fold(nil, p.First)) + " " + list[i]
			}
		case "phone":
			list[i] = p.Phone
			if len(p.Phone) == 10 {
				list[i] = p.Phone[6:]
			}
		}
	}
	return list
}

// ours is a whole search: transaction, what is new, index, opening of at most 50 people.
func (c *crowd) ours(b testing.TB, q string) {
	must(b, c.agency.View(b.Context(), func(tx *tenancy.Tx) error {
		_, err := c.finder.Search(b.Context(), tx, c.worker, q, Most)
		return err
	}))
}

func (c *crowd) similar(b testing.TB, q string) {
	rows, err := c.plain.Query(b.Context(), `SELECT id, name FROM people WHERE $1 <% name ORDER BY word_similarity($1, name) DESC, name, id LIMIT 50`, string(fold(nil, q)))
	must(b, err)
	for rows.Next() {
	}
	must(b, rows.Err())
}

func (c *crowd) contains(b testing.TB, q string) {
	words := strings.Fields(string(fold(nil, q)))
	for len(words) < 2 {
		words = append(words, "")
	}
	rows, err := c.plain.Query(b.Context(), `SELECT id, name FROM people WHERE name LIKE '%' || $1 || '%' AND name LIKE '%' || $2 || '%' LIMIT 50`, words[0], words[1])
	must(b, err)
	for rows.Next() {
	}
	must(b, rows.Err())
}

// timed runs the queries with several workers and gives the times in milliseconds,
// sorted.
func timed(queries []string, workers int, do func(string)) []float64 {
	times := make([]float64, len(queries))
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for i := worker; i < len(queries); i += workers {
				begun := time.Now()
				do(queries[i])
				times[i] = float64(time.Since(begun).Microseconds()) / 1000
			}
		})
	}
	group.Wait()
	slices.Sort(times)
	return times
}

func percentile(times []float64, percent int) float64 { return times[(len(times)-1)*percent/100] }

func report(b *testing.B, times []float64) {
	b.ReportMetric(percentile(times, 50), "p50-ms")
	b.ReportMetric(percentile(times, 99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkFind(b *testing.B) {
	for _, size := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("people=%d", size), func(b *testing.B) { newCrowd(b, size).bench(b) })
	}
}

func (c *crowd) bench(b *testing.B) {
	b.Run("first", c.benchFirst)
	for _, kind := range kinds {
		b.Run("kind="+kind+"/clients=1", func(b *testing.B) { c.benchKind(b, kind, 1) })
		b.Run("kind="+kind+"/clients=8", func(b *testing.B) { c.benchKind(b, kind, 8) })
	}
	b.Run("against=trigram/typo", func(b *testing.B) { c.benchAgainst(b, "typo", c.similar) })
	b.Run("against=trigram/whole", func(b *testing.B) { c.benchAgainst(b, "whole", c.contains) })
	b.Run("freshness", c.benchFreshness)
}

// benchFirst is the first search after a start, and what the index takes.
func (c *crowd) benchFirst(b *testing.B) {
	var times []float64
	var before, after runtime.MemStats
	for b.Loop() {
		c.finder.Drop(c.agency.ID)
		runtime.GC()
		runtime.ReadMemStats(&before)
		begun := time.Now()
		c.ours(b, "tremblay")
		times = append(times, float64(time.Since(begun).Microseconds())/1000)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	slices.Sort(times)
	report(b, times)
	size, _ := c.finder.Memory()
	b.ReportMetric(float64(size)/(1<<20), "MB")
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(1<<20), "heap-MB")
}

func (c *crowd) benchKind(b *testing.B, kind string, clients int) {
	queries := c.asked[kind]
	c.ours(b, "warm")
	var times []float64
	begun := time.Now()
	for b.Loop() {
		times = append(times, timed(queries, clients, func(q string) { c.ours(b, q) })...)
	}
	b.ReportMetric(float64(len(times))/time.Since(begun).Seconds(), "searches/s")
	slices.Sort(times)
	report(b, times)
}

// benchAgainst runs ours and theirs by turns and gives the ratio of their 99th and 50th
// percentiles; below 1 ours is faster.
func (c *crowd) benchAgainst(b *testing.B, kind string, theirs func(testing.TB, string)) {
	queries := c.asked[kind]
	c.ours(b, "warm")
	var our, their []float64
	for b.Loop() {
		for some := range slices.Chunk(queries, 100) {
			our = append(our, timed(some, 1, func(q string) { c.ours(b, q) })...)
			their = append(their, timed(some, 1, func(q string) { theirs(b, q) })...)
		}
	}
	slices.Sort(our)
	slices.Sort(their)
	report(b, our)
	b.ReportMetric(percentile(their, 50), "theirs-p50-ms")
	b.ReportMetric(percentile(their, 99), "theirs-p99-ms")
	b.ReportMetric(percentile(our, 50)/percentile(their, 50), "p50-ratio")
	b.ReportMetric(percentile(our, 99)/percentile(their, 99), "p99-ratio")
}

// benchFreshness is a change and the search that finds it.
func (c *crowd) benchFreshness(b *testing.B) {
	series := people.New(77, testDay)
	c.ours(b, "warm")
	var times []float64
	for b.Loop() {
		s := someoneIn(series, c.programs[0])
		update(b, c.agency, func(tx *tenancy.Tx) error { return insert(b.Context(), tx, []someone{s}) })
		begun := time.Now()
		c.ours(b, s.person.RecordID)
		times = append(times, float64(time.Since(begun).Microseconds())/1000)
	}
	slices.Sort(times)
	report(b, times)
}
