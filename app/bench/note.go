package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/civil"
	"konote/app/settings"
	"konote/tenancy"
)

const outboxTable = "outbox.audit_events"

// today is the day by the agencies' clock: a note of tomorrow is refused.
func today() string { return civil.Of(time.Now().In(settings.Defaults().Zone)).String() }

// measureNote compares saving a note with the very same work without its audit records: the
// statements of the request, one by one in a transaction of the agency, and beside them
// the composing, sealing and inserting of as many records as the request makes.
//
// The agency is its own: notes that are inserted again have another id than they were
// sealed for, so nobody can open them.
func measureNote(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.agencyOf(ctx, "bench-notes", 1000, 5000)
	if err != nil {
		return nil, err
	}
	browsers, closeBrowsers, err := b.browsers(ctx, b.free, a, clients)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	form := func() url.Values {
		return url.Values{"interaction": {"session"}, "text": {noteText}, "happened_on": {today()}, "program": {a.programs[0].String()}}
	}
	about, err := a.writable(ctx)
	if err != nil {
		return nil, err
	}
	if err := together(clients, func(client int) error { return browsers[client].learn(pathOf(about[0]) + "/notes/new") }); err != nil {
		return nil, err
	}
	save := func(client int) error {
		return saved(browsers[client].post(pathOf(about[rand.IntN(len(about))])+"/notes", form(), ""))
	}
	if err := together(clients, save); err != nil {
		return nil, err
	}
	log, err := b.record(ctx, a, a.workers[0], about[0], func() error {
		return saved(browsers[0].post(pathOf(about[0])+"/notes", form(), ""))
	})
	if err != nil {
		return nil, err
	}

	bare := log.without(outboxTable)
	records := log.count() - bare.count()
	event := audit.Event{Action: "note.create", Role: "direct_service", Program: a.programs[0], Subject: about[0],
		Participants: []uuid.UUID{about[0]}, After: map[string]string{"text": noteText}}
	work := func(client, records int) error {
		worker, who := a.workers[client], about[rand.IntN(len(about))]
		return a.Update(ctx, func(tx *tenancy.Tx) error {
			r := again(worker, who)
			for _, transaction := range bare.transactions {
				for _, s := range transaction {
					if _, err := tx.Exec(ctx, s.sql, r.values(s)...); err != nil {
						return fmt.Errorf("send a statement again: %w", err)
					}
				}
			}
			for range records {
				if err := audit.Record(ctx, tx, audit.By{Kind: audit.KindStaff, Staff: worker, IP: "192.0.2.1"}, event); err != nil {
					return err
				}
			}
			return nil
		})
	}
	d := pick(b, 2*time.Second, 500*time.Millisecond)
	arms, err := rounds(ctx, pick(b, 7, 3),
		func() (float64, error) {
			return throughput(clients, d, func(client int) error { return work(client, records) })
		},
		func() (float64, error) {
			return throughput(clients, d, func(client int) error { return work(client, 0) })
		},
	)
	if err != nil {
		return nil, err
	}
	overHTTP, err := throughput(clients, d, save)
	if err != nil {
		return nil, err
	}
	times, err := latencies(clients, pick(b, 2000, 400), func(client, _ int) error { return save(client) })
	if err != nil {
		return nil, err
	}
	return []row{
		rates(fmt.Sprintf("save a note, with its %d audit records and without", records), arms[0], arms[1], 0.9),
		told("over HTTP", perSecond(overHTTP)),
		told("over HTTP p50, p99", seconds(percentile(times, 50))+", "+seconds(percentile(times, 99))),
	}, nil
}

// saved wants the answer to a form that was saved.
func saved(status int, err error) error {
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("save a note: status %d", status)
	}
	return err
}

// writable finds some people about whom a note can be written in the first program.
func (a *agency) writable(ctx context.Context) ([]uuid.UUID, error) {
	var some []uuid.UUID
	err := a.View(ctx, func(tx *tenancy.Tx) error {
		rows, err := tx.Query(ctx, sqlEnrolled, a.programs[0])
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			some = append(some, id)
		}
		return rows.Err()
	})
	return some, err
}
