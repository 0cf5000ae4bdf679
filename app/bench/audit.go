package main

import (
	"context"
	"fmt"
	"time"

	"konote/app/audit"
	"konote/tenancy"
)

// measureAudit moves a backlog of records to the ledger and verifies the ledger.
func measureAudit(ctx context.Context, b *bench) ([]row, error) {
	a, err := b.small(ctx)
	if err != nil {
		return nil, err
	}
	relay := b.free.Relay
	if err := relay.Drain(ctx, tenancy.MainShard); err != nil {
		return nil, err
	}
	const each = 1000
	count := pick(b, 30_000, 5000)
	var moved []float64
	for range pick(b, 3, 2) {
		for range count / each {
			if err := a.Update(ctx, func(tx *tenancy.Tx) error { return backlog(ctx, tx, a, each) }); err != nil {
				return nil, err
			}
		}
		began := time.Now()
		if err := relay.Drain(ctx, tenancy.MainShard); err != nil {
			return nil, err
		}
		moved = append(moved, float64(count)/time.Since(began).Seconds())
	}

	var verified []float64
	entries := int64(0)
	for range pick(b, 5, 2) {
		began := time.Now()
		report, err := b.free.Ledger.Verify(ctx, nil, nil)
		if err != nil {
			return nil, err
		}
		if !report.OK() {
			return nil, fmt.Errorf("the ledger does not verify")
		}
		entries = report.Entries()
		verified = append(verified, float64(entries)/time.Since(began).Seconds())
	}
	pages, err := measureViewer(ctx, b)
	if err != nil {
		return nil, err
	}
	return append(pages, []row{
		atLeast(fmt.Sprintf("verify the audit chain from the database, %s records", thousands(entries)), middle(verified), 200_000),
		told("relay from outbox to ledger", perSecond(middle(moved))),
	}...), nil
}

// backlog records many views.
func backlog(ctx context.Context, tx *tenancy.Tx, a *agency, count int) error {
	for i := range count {
		p := a.people[i%len(a.people)].id
		err := audit.Record(ctx, tx, audit.By{Kind: audit.KindStaff, Staff: a.workers[0], Reference: "BENCH-00000", IP: "192.0.2.1"},
			audit.Event{Action: "participant.view", Role: "direct_service", Program: a.programs[0], Subject: p, Participants: ids(p)})
		if err != nil {
			return err
		}
	}
	return nil
}
