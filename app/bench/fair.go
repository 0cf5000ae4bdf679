package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"konote/jobs"
	"konote/tenancy"
)

// measureFair asks what an agency notices while another one is flooded: with requests,
// against the quotas of production, and with jobs.
func measureFair(ctx context.Context, b *bench) ([]row, error) {
	busy, err := b.small(ctx)
	if err != nil {
		return nil, err
	}
	quiet, err := b.agencyOf(ctx, "bench-quiet", 200, 2000)
	if err != nil {
		return nil, err
	}
	pages, err := b.fairPages(ctx, busy, quiet)
	if err != nil {
		return nil, err
	}
	waits, err := b.fairJobs(ctx, busy, quiet)
	return append(pages, waits...), err
}

func (b *bench) fairPages(ctx context.Context, busy, quiet *agency) ([]row, error) {
	browsers, closeBrowsers, err := b.browsers(ctx, b.metered, quiet, 2)
	defer closeBrowsers()
	if err != nil {
		return nil, err
	}
	flood, closeFlood, err := b.browsers(ctx, b.metered, busy, 32)
	defer closeFlood()
	if err != nil {
		return nil, err
	}
	const rate, pages = 1000, 50
	var served, refused atomic.Int64
	visit := func(client, i int) error {
		status, err := flood[client].send(http.MethodGet, pathOf(busy.people[(i*7)%len(busy.people)].id), "", "")
		switch {
		case err != nil:
			return err
		case status == http.StatusOK:
			served.Add(1)
		default:
			refused.Add(1)
		}
		return nil
	}
	d := pick(b, 6*time.Second, 2*time.Second)
	alone := func() (float64, error) { return b.pageP99(quiet, browsers, pages, d) }
	arms, err := rounds(ctx, pick(b, 3, 2),
		alone,
		func() (p99 float64, err error) {
			return p99, b.during(
				func() error { _, err := paced(len(flood), rate, d, visit); return err },
				func() (err error) { p99, err = alone(); return err },
			)
		},
	)
	if err != nil {
		return nil, err
	}
	all := served.Load() + refused.Load()
	return []row{
		times(fmt.Sprintf("a quiet agency's page p99 while another gets %s requests a second", thousands(rate)), arms[1], arms[0], 2),
		told("of the flood let through", fmt.Sprintf("%d %%", 100*served.Load()/max(all, 1))),
	}, nil
}

// nap is a job that takes a while.
type nap struct{ Number int }

func (nap) Kind() string { return "bench.nap" }

const napTime = 20 * time.Millisecond

// fairJobs has one agency add thousands of jobs and asks how long those of another wait.
func (b *bench) fairJobs(ctx context.Context, busy, quiet *agency) ([]row, error) {
	var mu sync.Mutex
	began := map[int]time.Time{}
	registry := jobs.NewRegistry(b.free.Platform, b.free.Log)
	jobs.Add(registry, func(_ context.Context, a *tenancy.Agency, n nap) error {
		if a.ID == quiet.ID {
			mu.Lock()
			began[n.Number] = time.Now()
			mu.Unlock()
		}
		time.Sleep(napTime)
		return nil
	})
	client, err := jobs.NewClient(ctx, map[string]string{tenancy.MainShard: b.settings.DatabaseURL}, registry)
	if err != nil {
		return nil, err
	}
	if err := client.Start(ctx); err != nil {
		return nil, err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = client.Stop(ending) // jobs are left: the folder goes with them
	}()

	many := make([]nap, pick(b, 5000, 1000))
	if err := enqueue(ctx, busy, many); err != nil {
		return nil, err
	}
	var waits []float64
	for number := range pick(b, 10, 4) {
		added := time.Now()
		if err := enqueue(ctx, quiet, []nap{{number}}); err != nil {
			return nil, err
		}
		for {
			mu.Lock()
			at, ok := began[number]
			mu.Unlock()
			if ok {
				waits = append(waits, at.Sub(added).Seconds())
				break
			}
			if time.Since(added) > time.Minute {
				return nil, fmt.Errorf("a job waits for a minute")
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond)
	}
	return []row{
		within(fmt.Sprintf("longest wait of a job while another agency queues %s", thousands(int64(len(many)))), slices.Max(waits), time.Second),
		told("median wait", seconds(middle(waits))),
	}, nil
}

func enqueue(ctx context.Context, a *agency, many []nap) error {
	return a.Update(ctx, func(tx *tenancy.Tx) error { return jobs.EnqueueMany(ctx, tx, many, jobs.Options{}) })
}
