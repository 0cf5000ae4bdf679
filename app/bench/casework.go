package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/web"
	"konote/tenancy"
)

// measureCasework opens, searches and writes records that have grown for years.
func measureCasework(ctx context.Context, b *bench) ([]row, error) {
	each := pick(b, 2000, 300)
	a, err := b.agencyOf(ctx, "bench-casework", 50, 50*each)
	if err != nil {
		return nil, err
	}
	pages := b.free.Participants()
	what := func(page string) string {
		return fmt.Sprintf("%s of somebody with %s notes", page, thousands(int64(each)))
	}
	var rows []row
	for _, v := range []visits{
		{what("page"), "", pages.Show},
		{what("time line"), "/timeline", pages.ShowTab("timeline")},
	} {
		found, err := b.pageAgainstFloor(ctx, a, v)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	for _, measure := range []func(context.Context, *agency) ([]row, error){b.searchOne, b.searchProgram} {
		found, err := measure(ctx, a)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	saved, err := b.saving(ctx)
	return append(rows, saved...), err
}

// visits are what is opened over and over.
type visits struct {
	what string
	tab  string // after the address of the participant
	show func(*web.Request) (web.Response, error)
}

// searchOne looks for a word in all notes of one participant, over HTTP.
func (b *bench) searchOne(ctx context.Context, a *agency) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, 1)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	path := func() string { return pathOf(a.people[rand.IntN(len(a.people))].id) + "/notes/search" }
	if err := browsers[0].learn(path()); err != nil {
		return nil, err
	}
	list, err := latencies(1, pick(b, 100, 20), func(int, int) error {
		status, err := browsers[0].post(path(), url.Values{"words": {"landlord"}}, "")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("search notes: status %d: %s", status, problem(browsers[0].body))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return []row{
		within("search all notes of one of them, over HTTP", percentile(list, 50), 50*time.Millisecond),
		told("p99", seconds(percentile(list, 99))),
	}, nil
}

// searchProgram has the job look for a word that is nowhere, so that it looks at every note.
func (b *bench) searchProgram(ctx context.Context, a *agency) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, 1)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	if err := b.free.Jobs.Start(ctx); err != nil {
		return nil, err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = b.free.Jobs.Stop(ending) // what is left goes with the folder
	}()
	path := "/programs/" + a.programs[0].String() + "/notes/search"
	if err := browsers[0].learn(path); err != nil {
		return nil, err
	}
	var list []float64
	notes := 0
	for range pick(b, 5, 2) {
		id := tenancy.NewID()
		status, err := browsers[0].post(path, url.Values{"id": {id.String()}, "words": {"zyxwvuts"}}, "")
		if err != nil || status != http.StatusSeeOther {
			return nil, errors.Join(err, fmt.Errorf("search a program: status %d", status))
		}
		took, looked, err := a.searched(ctx, id)
		if err != nil {
			return nil, err
		}
		list, notes = append(list, took), looked
	}
	return []row{within(fmt.Sprintf("search %s notes of a program, with the wait for the job", thousands(int64(notes))), middle(list), time.Second)}, nil
}

// searched waits for the end of a search and says how long it took and how many notes it
// looked at.
func (a *agency) searched(ctx context.Context, id uuid.UUID) (took float64, looked int, err error) {
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(20 * time.Millisecond) {
		var seconds *float64
		err := a.View(ctx, func(tx *tenancy.Tx) error {
			return tx.QueryRow(ctx, sqlSearched, id).Scan(&seconds, &looked)
		})
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return 0, 0, fmt.Errorf("wait for a search: %w", err)
		}
		if seconds != nil {
			return *seconds, looked, nil
		}
	}
	return 0, 0, errors.New("a search takes a minute")
}
