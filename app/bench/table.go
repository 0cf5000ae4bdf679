package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A row is one thing measured.
type row struct {
	what   string
	ours   string
	floor  string
	ratio  float64 // 0 for none
	target string  // "" for a row that is only told
	met    bool
}

// rates compares how much gets done in a second, by rounds: ours should be at least so
// much of the floor.
func rates(what string, ours, floor []float64, least float64) row {
	ratio := middle(ratios(ours, floor))
	return row{what, perSecond(middle(ours)), perSecond(middle(floor)), ratio, fmt.Sprintf("≥ %.2g", least), ratio >= least}
}

// times compares how long something takes, by rounds, in seconds: ours should be at most
// so many times the floor.
func times(what string, ours, floor []float64, most float64) row {
	ratio := middle(ratios(ours, floor))
	return row{what, seconds(middle(ours)), seconds(middle(floor)), ratio, fmt.Sprintf("≤ %.2g", most), ratio <= most}
}

// within is a time, in seconds, that should be below a limit.
func within(what string, ours float64, limit time.Duration) row {
	return row{what: what, ours: seconds(ours), target: "< " + seconds(limit.Seconds()), met: ours < limit.Seconds()}
}

// atLeast is a number a second that should be reached.
func atLeast(what string, ours, least float64) row {
	return row{what: what, ours: perSecond(ours), target: "≥ " + perSecond(least), met: ours >= least}
}

// space is an amount of memory that should not be passed.
func space(what string, bytes, most int64) row {
	return row{what: what, ours: megabytes(bytes), target: "≤ " + megabytes(most), met: bytes <= most}
}

// told is a figure without a target.
func told(what, ours string) row { return row{what: "  " + what, ours: ours} }

func ratios(ours, floor []float64) []float64 {
	list := make([]float64, len(ours))
	for i := range ours {
		list[i] = ours[i] / floor[i]
	}
	return list
}

func middle(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func perSecond(n float64) string {
	if n < 10 {
		return fmt.Sprintf("%.1f/s", n)
	}
	return thousands(int64(n+0.5)) + "/s"
}

func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func seconds(s float64) string {
	switch {
	case s < 1e-6:
		return fmt.Sprintf("%.0f ns", s*1e9)
	case s < 1e-3:
		return fmt.Sprintf("%.3g µs", s*1e6)
	case s < 0.1:
		return fmt.Sprintf("%.3g ms", s*1e3)
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1e3)
	}
	return fmt.Sprintf("%.3g s", s)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/(1<<20)) }

func countMissed(rows []row) int {
	missed := 0
	for _, r := range rows {
		if r.target != "" && !r.met {
			missed++
		}
	}
	return missed
}

func printTable(to io.Writer, rows []row) {
	lines := [][]string{{"what", "ours", "floor", "ratio", "target", ""}}
	for _, r := range rows {
		line := []string{r.what, r.ours, r.floor, "", r.target, ""}
		if r.ratio != 0 {
			line[3] = fmt.Sprintf("%.2f", r.ratio)
		}
		if r.target != "" {
			line[5] = map[bool]string{true: "met", false: "MISSED"}[r.met]
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintln(to)
	for _, line := range lines {
		var text strings.Builder
		for i, cell := range line {
			gap := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				text.WriteString(cell + gap)
			} else {
				text.WriteString("   " + gap + cell)
			}
		}
		fmt.Fprintln(to, strings.TrimRight(text.String(), " "))
	}
}
