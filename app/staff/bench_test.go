package staff

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkFailedSignIn prints the median time of every kind of failure, in
// milliseconds, and the widest gap between two of them in microseconds. Run it with
// -benchtime=200x for 200 of each.
func BenchmarkFailedSignIn(b *testing.B) {
	w := newWorld(b, func(s *HasherSettings) { s.AtOnce = 1 })
	w.handlers.AnswerAfter = DefaultAnswerAfter
	w.staff(New{Username: lockedLogin})
	for range 10 {
		lock(w, lockedLogin, "192.0.2.9")
		w.clock.move(15 * time.Minute)
	}
	lock(w, lockedLogin, "192.0.2.9")
	b.ResetTimer()
	var medians []time.Duration
	for kind, took := range measureFailures(w, b.N) {
		slices.Sort(took)
		median := took[len(took)/2]
		medians = append(medians, median)
		b.ReportMetric(float64(median.Microseconds())/1000, kind+"-ms")
	}
	b.ReportMetric(float64((slices.Max(medians) - slices.Min(medians)).Microseconds()), "gap-µs")
}

func BenchmarkHash(b *testing.B) {
	imported, err := parseHash(djangoHash(b, goodPassword, "aB3dE6gH9jK2mN5pQ8sT1v"))
	if err != nil {
		b.Fatal(err)
	}
	p := testPepper(b, 1)
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			newHash(p, goodPassword)
		}
	})
	b.Run("django", func(b *testing.B) {
		for b.Loop() {
			_, _ = imported.matches(goodPassword, nil)
		}
	})
}
