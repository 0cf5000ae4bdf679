package find

import (
	"slices"
	"testing"
	"time"

	"konote/tenancy"
)

func BenchmarkSteps(b *testing.B) {
	c := newCrowd(b, 20000)
	c.ours(b, "warm")
	steps := map[string][]float64{}
	note := func(name string, t time.Time) {
		steps[name] = append(steps[name], float64(time.Since(t).Microseconds()))
	}
	qs := c.ask("piece", 400)
	for _, q := range qs {
		t0 := time.Now()
		must(b, c.agency.View(b.Context(), func(tx *tenancy.Tx) error {
			note("begin", t0)
			t := time.Now()
			x, release, err := c.finder.fresh(b.Context(), tx)
			if err != nil {
				return err
			}
			note("fresh", t)
			t = time.Now()
			m, _, _ := x.search(parse(q), scopeOf(c.worker), 50)
			note("search", t)
			t = time.Now()
			_, err = load(b.Context(), tx, c.worker, m)
			note("load", t)
			release()
			return err
		}))
		note("all", t0)
	}
	for name, times := range steps {
		slices.Sort(times)
		b.Logf("%s p10 %v p50 %v p90 %v", name, percentile(times, 10), percentile(times, 50), percentile(times, 90))
	}
}
