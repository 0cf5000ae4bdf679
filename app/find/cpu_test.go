package find

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/app/demo/people"
	"konote/tenancy"
)

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_THREAD, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkCPU(b *testing.B) {
	c := &crowd{}
	for i := range 8 {
		c.programs = append(c.programs, uuid.UUID{byte(i + 1)})
	}
	random, series := rand.New(rand.NewPCG(1, 1)), people.New(1, testDay)
	x := newIndex()
	for range 100_000 {
		s := someoneIn(series, c.programs[random.IntN(8)])
		c.people = append(c.people, s)
		x.add(s.entry())
	}
	_ = tenancy.NewID
	t0 := time.Now()
	x.finish()
	b.Logf("finish %v tokens %d words %d", time.Since(t0), len(x.masks), len(x.words))
	view := c.programs[:4]
	sc := scope{view, view, view, view, view}
	for _, kind := range []string{"whole", "beginning", "piece", "typo", "phone"} {
		b.Run(kind, func(b *testing.B) {
			qs := c.ask(kind, 1000)
			var times []float64
			for b.Loop() {
				for _, q := range qs {
					t := time.Now()
					x.search(parse(q), sc, 50)
					times = append(times, float64(time.Since(t).Microseconds()))
				}
			}
			slices.Sort(times)
			b.ReportMetric(percentile(times, 10), "p10-us")
			b.ReportMetric(percentile(times, 50), "p50-us")
			b.ReportMetric(percentile(times, 90), "p90-us")
			b.ReportMetric(percentile(times, 99), "p99-us")
		})
	}
}
