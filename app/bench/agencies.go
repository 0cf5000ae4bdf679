package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"konote/app/demo"
	"konote/app/staff"
	"konote/migrations"
	"konote/tenancy"
)

// measureAgencies makes many agencies, opens pages all over them, and migrates them.
func measureAgencies(ctx context.Context, b *bench) ([]row, error) {
	single, err := b.createAgencies(ctx)
	if err != nil {
		return nil, err
	}
	many, provisioned, err := b.manyAgencies(ctx, pick(b, 1000, 100))
	if err != nil {
		return nil, err
	}
	pages, err := b.pagesOver(ctx, many)
	if err != nil {
		return nil, err
	}
	migrated, err := b.migrateAll(ctx, len(many))
	if err != nil {
		return nil, err
	}
	rows := append(pages, single, told("each of "+thousands(int64(len(many)))+", without a password to hash", seconds(middle(provisioned))))
	return append(rows, migrated...), nil
}

// createAgencies makes a few the way the command does.
func (b *bench) createAgencies(ctx context.Context) (row, error) {
	var list []float64
	for i := range pick(b, 5, 2) {
		name := fmt.Sprintf("bench-created-%d", i)
		n := tenancy.NewAgency{Subdomain: name, NameEN: "Bench House", NameFR: "Maison du Banc", Hosts: []string{name + ".localhost"}, Demo: true}
		began := time.Now()
		_, err := b.free.CreateAgency(ctx, b.owner, operator, n, staff.New{DisplayName: "Priya Raman", Username: "priya"}, rightPassword)
		if err != nil {
			return row{}, err
		}
		list = append(list, time.Since(began).Seconds())
	}
	return within("make an agency with its first administrator", middle(list), time.Second), nil
}

// manyAgencies makes agencies with some people and notes each, and says how long each took.
func (b *bench) manyAgencies(ctx context.Context, count int) ([]*agency, []float64, error) {
	var many []*agency
	var list []float64
	for i := range count {
		began := time.Now()
		a, err := b.provision(ctx, fmt.Sprintf("bench-many-%d", i), 1)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, time.Since(began).Seconds())
		if err := demo.Generate(ctx, a.Agency, 10, 50, uint64(i), nil); err != nil {
			return nil, nil, err
		}
		if err := a.readPeople(ctx, 10); err != nil {
			return nil, nil, err
		}
		many = append(many, a)
		if (i+1)%250 == 0 {
			b.say("%d agencies made", i+1)
		}
	}
	return many, list, b.settle(ctx)
}

// pagesOver compares pages of all agencies with pages of one, once the databases have
// met every agency, and looks at how large that has made them.
func (b *bench) pagesOver(ctx context.Context, many []*agency) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, many[0], clients)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	headers := make([]string, len(many))
	for i, a := range many {
		cookie, err := b.signedIn(ctx, a, 0)
		if err != nil {
			return nil, err
		}
		headers[i] = headersFor(a, cookie)
	}
	visit := func(client, i int) error {
		browsers[client].headers = headers[i]
		people := many[i].people
		return browsers[client].get(pathOf(people[rand.IntN(len(people))].id))
	}
	everywhere := func(client int) error { return visit(client, rand.IntN(len(many))) }
	if err := b.warm(ctx, len(many), visit); err != nil {
		return nil, err
	}
	d := pick(b, 4*time.Second, time.Second)
	arms, err := rounds(ctx, pick(b, 5, 2),
		func() (float64, error) { return throughput(clients, d, everywhere) },
		func() (float64, error) {
			return throughput(clients, d, func(client int) error { return visit(client, 0) })
		},
	)
	if err != nil {
		return nil, err
	}
	largest, err := b.largestBackend(ctx)
	if err != nil {
		return nil, err
	}
	return []row{
		rates(fmt.Sprintf("pages all over %s agencies, against pages of one", thousands(int64(len(many)))), arms[0], arms[1], 0.6),
		space("private memory of the largest backend", largest, 300<<20),
	}, nil
}

// warm visits every agency until that gets no faster.
func (b *bench) warm(ctx context.Context, count int, visit func(client, i int) error) error {
	before := 0.0
	for pass := range 12 {
		began := time.Now()
		order := rand.Perm(count)
		if _, err := latencies(clients, count, func(client, i int) error { return visit(client, order[i]) }); err != nil {
			return err
		}
		rate := float64(count) / time.Since(began).Seconds()
		if pass >= 3 && rate < 1.1*before {
			break
		}
		before = max(before, rate)
	}
	return ctx.Err()
}

var anonymous = regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB`)

// largestBackend is the private memory of the largest process of Postgres that serves us.
func (b *bench) largestBackend(ctx context.Context) (int64, error) {
	conn, err := b.superuser(ctx, opsDatabase)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sqlBackends)
	if err != nil {
		return 0, fmt.Errorf("find the backends: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return 0, fmt.Errorf("find the backends: %w", err)
	}
	largest := int64(0)
	for _, pid := range pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue // it has ended
		}
		if found := anonymous.FindSubmatch(status); found != nil {
			kilobytes, _ := strconv.ParseInt(string(found[1]), 10, 64) // digits
			largest = max(largest, kilobytes<<10)
		}
	}
	if largest == 0 {
		return 0, errors.New("no backend's memory can be read")
	}
	return largest, nil
}

// migrateAll brings every agency up to a further file, and then has nothing to do.
func (b *bench) migrateAll(ctx context.Context, count int) ([]row, error) {
	files := fstest.MapFS{}
	err := fs.WalkDir(migrations.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.Files, path)
		files[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	present, err := fs.Glob(files, "agency/*.sql")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	files[fmt.Sprintf("agency/%04d_bench.sql", len(present)+1)] = &fstest.MapFile{Data: []byte(ddlAddition)}
	m := &tenancy.Migrator{Owner: b.owner, Files: files}

	began := time.Now()
	report, err := m.Up(ctx)
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	if report.Migrated < count {
		return nil, fmt.Errorf("%d agencies migrated, of %d", report.Migrated, count)
	}
	began = time.Now()
	if _, err := m.Up(ctx); err != nil {
		return nil, err
	}
	return []row{
		within(fmt.Sprintf("migrate %s agencies (two columns, an index)", thousands(int64(report.Migrated))), took, 5*time.Second),
		within("migrate with nothing to do", time.Since(began).Seconds(), time.Second),
	}, nil
}
