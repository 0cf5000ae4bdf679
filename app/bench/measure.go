package main

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// clients is how many people ask at the same time.
const clients = 8

// rounds runs the arms by turns and gives what each returned, by arm.
func rounds(ctx context.Context, n int, arms ...func() (float64, error)) ([][]float64, error) {
	found := make([][]float64, len(arms))
	for range n {
		for i, arm := range arms {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			runtime.GC() // nobody sweeps up after another
			value, err := arm()
			if err != nil {
				return nil, err
			}
			found[i] = append(found[i], value)
		}
	}
	return found, nil
}

// throughput has n clients do something over and over for a time and gives how often
// it was done in a second.
func throughput(n int, d time.Duration, do func(client int) error) (float64, error) {
	var count atomic.Int64
	began := time.Now()
	until := began.Add(d)
	err := together(n, func(client int) error {
		for time.Now().Before(until) {
			if err := do(client); err != nil {
				return err
			}
			count.Add(1)
		}
		return nil
	})
	return float64(count.Load()) / time.Since(began).Seconds(), err
}

// latencies has n clients do something count times between them, as fast as they can,
// and gives how long each took, in seconds, sorted.
func latencies(n, count int, do func(client, i int) error) ([]float64, error) {
	list := make([]float64, count)
	var next atomic.Int64
	err := together(n, func(client int) error {
		for {
			i := int(next.Add(1)) - 1
			if i >= count {
				return nil
			}
			began := time.Now()
			if err := do(client, i); err != nil {
				return err
			}
			list[i] = time.Since(began).Seconds()
		}
	})
	slices.Sort(list)
	return list, err
}

// paced has n clients do something at a rate a second, all together, for a time. What
// comes late counts as late: the time runs from when it should have begun.
func paced(n int, rate float64, d time.Duration, do func(client, i int) error) ([]float64, error) {
	count := int(rate * d.Seconds())
	list := make([]float64, count)
	began := time.Now()
	err := together(n, func(client int) error {
		for i := client; i < count; i += n {
			due := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
			time.Sleep(time.Until(due))
			if err := do(client, i); err != nil {
				return err
			}
			list[i] = time.Since(due).Seconds()
		}
		return nil
	})
	slices.Sort(list)
	return list, err
}

// together runs f for each client and gives the first error.
func together(n int, f func(client int) error) error {
	var group sync.WaitGroup
	errs := make([]error, n)
	for client := range n {
		group.Go(func() { errs[client] = f(client) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// percentile of a sorted list.
func percentile(sorted []float64, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*percent/100]
}

// each times one thing done over and over for a time, in seconds.
func each(d time.Duration, do func() error) (float64, error) {
	count := 0
	began := time.Now()
	for {
		for range 100 {
			if err := do(); err != nil {
				return 0, err
			}
		}
		count += 100
		if since := time.Since(began); since >= d {
			return since.Seconds() / float64(count), nil
		}
	}
}
