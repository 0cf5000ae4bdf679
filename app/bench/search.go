package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"konote/app/access"
	"konote/app/find"
	"konote/app/staff"
	"konote/tenancy"
)

// measureSearch searches an agency of 100,000 people: over HTTP, in the process, after
// a start, and against pg_trgm over the same names in plain text.
func measureSearch(ctx context.Context, b *bench) ([]row, error) {
	count := pick(b, 100_000, 20_000)
	b.say("inventing %s people", thousands(int64(count)))
	a, err := b.agencyOf(ctx, "bench-large", count, 0)
	if err != nil {
		return nil, err
	}
	visitor, _, err := staff.Visitor(ctx, a.Agency, a.workers[0])
	if err != nil {
		return nil, err
	}
	s := &searching{bench: b, agency: a, actor: visitor.Actor}
	rows, err := s.cold(ctx)
	if err != nil {
		return nil, err
	}
	warm, err := s.served(ctx)
	if err != nil {
		return nil, err
	}
	against, err := s.against(ctx)
	return slices.Concat(warm, against, rows), err
}

type searching struct {
	*bench
	agency *agency
	actor  access.Actor
}

// ask is one search as a handler does it while somebody types.
func (s *searching) ask(ctx context.Context, a *tenancy.Agency, f *find.Finder, q string) (find.Result, error) {
	var result find.Result
	err := a.View(ctx, func(tx *tenancy.Tx) (err error) {
		result, err = f.Search(ctx, tx, s.actor, q, find.Suggestions)
		return err
	})
	return result, err
}

// cold is the first search of a process: nothing is connected, no key is there.
func (s *searching) cold(ctx context.Context) ([]row, error) {
	var list []float64
	bytes := int64(0)
	for range pick(s.bench, 5, 2) {
		fresh, err := s.open(ctx)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		a, err := fresh.Platform.Resolve(ctx, s.agency.Host)
		if err == nil {
			_, err = s.ask(ctx, a, fresh.Finder, "tremblay")
		}
		list = append(list, time.Since(began).Seconds())
		bytes, _ = fresh.Finder.Memory()
		fresh.Close()
		if err != nil {
			return nil, err
		}
	}
	return []row{
		within("first search after a start", middle(list), 500*time.Millisecond),
		space("its index", bytes, 15<<20),
	}, nil
}

// served is what people notice.
func (s *searching) served(ctx context.Context) ([]row, error) {
	browsers, closeBrowsers, err := s.browsers(ctx, s.free, s.agency, clients)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	if err := together(clients, func(client int) error { return browsers[client].learn("/find") }); err != nil {
		return nil, err
	}
	queries := slices.Concat(s.agency.queries(wholeName, 250), s.agency.queries(beginning, 250), s.agency.queries(partOfName, 250), s.agency.queries(mistyped, 250))
	rand.Shuffle(len(queries), func(i, j int) { queries[i], queries[j] = queries[j], queries[i] })
	overHTTP := func(client, i int) error {
		status, err := browsers[client].post("/find/suggest", url.Values{"q": {queries[i%len(queries)]}}, "")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("search: status %d", status)
		}
		return err
	}
	inside := func(_, i int) error {
		_, err := s.ask(ctx, s.agency.Agency, s.free.Finder, queries[i%len(queries)])
		return err
	}
	count := pick(s.bench, 4000, 1000)
	var p50, p99 [2][]float64
	var rate []float64
	for i, do := range []func(int, int) error{overHTTP, inside} {
		if _, err := latencies(clients, 200, do); err != nil { // warm
			return nil, err
		}
		for range pick(s.bench, 5, 2) {
			began := time.Now()
			var list []float64
			_, err := s.profiled([]string{"search", "search-inside"}[i], func() (_ float64, err error) {
				list, err = latencies(clients, count, do)
				return 0, err
			})()
			if err != nil {
				return nil, err
			}
			p50[i], p99[i] = append(p50[i], percentile(list, 50)), append(p99[i], percentile(list, 99))
			if i == 0 {
				rate = append(rate, float64(count)/time.Since(began).Seconds())
			}
		}
	}
	size := thousands(int64(len(s.agency.people)))
	return []row{
		within("search over HTTP, "+size+" people, 8 clients, p99", middle(p99[0]), 10*time.Millisecond),
		told("p50, searches a second", seconds(middle(p50[0]))+", "+perSecond(middle(rate))),
		told("without HTTP: p50, p99", seconds(middle(p50[1]))+", "+seconds(middle(p99[1]))),
	}, nil
}

// against is one person's searches while she types, ours and those of Postgres over plain
// text, by turns: as many people from either.
func (s *searching) against(ctx context.Context) ([]row, error) {
	plain, err := s.plainText(ctx)
	var missing *pgconn.PgError
	if errors.As(err, &missing) && (missing.Code == "0A000" || missing.Code == "58P01") {
		return []row{told("typing errors against pg_trgm", "not measured: pg_trgm is not installed")}, nil
	}
	if err != nil {
		return nil, err
	}
	defer plain.Close(ctx)
	var rows []row
	for _, part := range []struct {
		kind kind
		sql  string
		what string
	}{{mistyped, sqlSimilar, "search with a typing error, p99, against pg_trgm on plain text"}, {partOfName, sqlContains, "search for a part of a name"}} {
		queries := s.agency.queries(part.kind, pick(s.bench, 500, 150))
		ours := func(_, i int) error {
			_, err := s.ask(ctx, s.agency.Agency, s.free.Finder, queries[i])
			return err
		}
		theirs := func(_, i int) error {
			rows, err := plain.Query(ctx, part.sql, fold(queries[i]), find.Suggestions)
			if err != nil {
				return err
			}
			rows.Close()
			return rows.Err()
		}
		var medians [2][]float64
		measure := func(at int, do func(int, int) error) func() (float64, error) {
			return func() (float64, error) {
				list, err := latencies(1, len(queries), do)
				medians[at] = append(medians[at], percentile(list, 50))
				return percentile(list, 99), err
			}
		}
		arms, err := rounds(ctx, pick(s.bench, 5, 2), measure(0, ours), measure(1, theirs))
		if err != nil {
			return nil, err
		}
		if part.kind == mistyped {
			rows = append(rows, times(part.what, arms[0], arms[1], 0.25), told("p50: ours, pg_trgm", seconds(middle(medians[0]))+", "+seconds(middle(medians[1]))))
		} else {
			rows = append(rows, told(part.what+": p50, p99", seconds(middle(medians[0]))+", "+seconds(middle(arms[0]))),
				told("LIKE with pg_trgm: p50, p99", seconds(middle(medians[1]))+", "+seconds(middle(arms[1]))))
		}
	}
	return rows, nil
}

// plainText makes a database that holds the same names for everybody to read.
func (s *searching) plainText(ctx context.Context) (*pgx.Conn, error) {
	admin, err := s.superuser(ctx, "postgres")
	if err != nil {
		return nil, err
	}
	defer admin.Close(ctx)
	if _, err := admin.Exec(ctx, sqlPlainDatabase); err != nil {
		return nil, fmt.Errorf("make the plain database: %w", err)
	}
	plain, err := s.superuser(ctx, "bench_plain")
	if err != nil {
		return nil, err
	}
	fill := func() error {
		for _, sql := range []string{sqlPlainExtension, sqlPlainTable} {
			if _, err := plain.Exec(ctx, sql); err != nil {
				return err
			}
		}
		_, err := plain.CopyFrom(ctx, pgx.Identifier{"people"}, []string{"id", "name"}, pgx.CopyFromSlice(len(s.agency.people), func(i int) ([]any, error) {
			return []any{s.agency.people[i].id, fold(s.agency.people[i].all)}, nil
		}))
		if err != nil {
			return err
		}
		for _, sql := range []string{sqlPlainIndex, sqlPlainAnalyze} {
			if _, err := plain.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}
	if err := fill(); err != nil {
		_ = plain.Close(ctx)
		return nil, fmt.Errorf("fill the plain database: %w", err)
	}
	return plain, nil
}

// A kind of query.
type kind int

const (
	wholeName  kind = iota // both names
	beginning              // how a name begins
	partOfName             // some letters out of a name
	mistyped               // a name, or two, with a typing error
)

// queries invents what people type, the same in every run.
func (a *agency) queries(kind kind, count int) []string {
	random := rand.New(rand.NewPCG(uint64(kind), 9))
	list := make([]string, 0, count)
	for len(list) < count {
		p := a.people[random.IntN(len(a.people))]
		last := []rune(fold(p.last))
		if len(last) < 4 {
			continue
		}
		switch kind {
		case wholeName:
			list = append(list, p.first+" "+p.last)
		case beginning:
			list = append(list, string(last[:2+random.IntN(2)]))
		case partOfName:
			from := random.IntN(len(last) - 3)
			list = append(list, string(last[from:from+4]))
		case mistyped:
			q := mistype(random, last)
			if random.IntN(2) == 0 {
				q = fold(p.first) + " " + q
			}
			list = append(list, q)
		}
	}
	return list
}

// mistype swaps, drops, replaces or adds a letter.
func mistype(random *rand.Rand, letters []rune) string {
	at := 1 + random.IntN(len(letters)-1)
	other := rune('a' + random.IntN(26))
	switch random.IntN(4) {
	case 0:
		letters[at-1], letters[at] = letters[at], letters[at-1]
	case 1:
		letters = slices.Delete(letters, at, at+1)
	case 2:
		letters[at] = other
	case 3:
		letters = slices.Insert(letters, at, other)
	}
	return string(letters)
}

// fold makes lower case without accents, which is kinder to pg_trgm.
func fold(text string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		plain = text
	}
	return strings.ToLower(plain)
}
