package view

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"konote/app/civil"
	"konote/app/i18n"
)

// Chart is one measure over time, ready to be drawn. Numbers are said by Format, in the
// reader's language. Values that are no numbers are left out.
type Chart struct {
	ID     string // unique on the page
	Title  string
	Text   string // what it shows, in a sentence
	Lines  []ChartLine
	Low    *float64 // the least and the greatest value of the scale; nil: as the values are
	High   *float64
	Goal   *float64
	Bands  []ChartBand
	Whole  bool // only whole numbers mean something
	Lower  bool // lower is better
	Words  bool // the bands are the scale: it has no numbers beside it
	Format func(float64) string
}

// ChartLine is one line, from the earliest point to the latest. The name is shown where
// there are several.
type ChartLine struct {
	Name   string
	Points []ChartPoint
}

// ChartPoint is one value on a day.
type ChartPoint struct {
	On    civil.Date
	Value float64
}

// ChartBand is a part of the scale with a name. Bounds belong to it.
type ChartBand struct {
	From, To float64
	Name     string
}

// The drawing: lengths across are per cent of the width, lengths down are pixels, so that
// words keep their size on every screen.
const (
	chartLeft, chartRight  = 13.0, 96.0
	chartTop, chartBottom  = 18.0, 190.0
	chartHeight            = 216
	maxMarks               = 60  // more points than this are a line without marks
	maxBuckets             = 150 // columns that a line is thinned to
	maxTableRows           = 200
	chartStyles            = 6
	sparkWidth, sparkTop   = 116.0, 5.0
	sparkBottom, sparkLeft = 27.0, 4.0
)

// plotted is a chart in coordinates.
type plotted struct {
	Grid  []gridLine
	Dates []dateTick
	Bands []bandBox
	Goal  *float64 // how far down its line is
	Lines []plottedLine
}

type gridLine struct {
	Y     float64
	Label string
}

type dateTick struct {
	X      float64
	Label  string
	Anchor string // start, middle, end
}

type bandBox struct {
	Y, Height float64
	Name      string
	Shaded    bool
}

type plottedLine struct {
	Style int // 1 to chartStyles
	Name  string
	Path  string // in thousandths of the width and pixels
	Marks []chartMark
	Last  chartMark
	Label string // what stands at the last mark; "" where a band says it, or where lines are many
}

type chartMark struct{ X, Y float64 }

// clean are the chart's lines with real numbers only, each in the order of its days.
func (c Chart) clean() []ChartLine {
	lines := make([]ChartLine, 0, len(c.Lines))
	for _, line := range c.Lines {
		points := slices.DeleteFunc(slices.Clone(line.Points), func(p ChartPoint) bool {
			return p.On.IsZero() || math.IsNaN(p.Value) || math.Abs(p.Value) > 1e12
		})
		slices.SortStableFunc(points, func(a, b ChartPoint) int { return dayNumber(a.On) - dayNumber(b.On) })
		lines = append(lines, ChartLine{line.Name, points})
	}
	return lines
}

// empty says that there is nothing to draw.
func (c Chart) empty() bool {
	return !slices.ContainsFunc(c.clean(), func(l ChartLine) bool { return len(l.Points) > 0 })
}

// single is the only value there is: it is said, and not drawn.
func (c Chart) single() (ChartPoint, bool) {
	var only ChartPoint
	n := 0
	for _, line := range c.clean() {
		if n += len(line.Points); n == 1 && len(line.Points) == 1 {
			only = line.Points[0]
		}
	}
	return only, n == 1
}

func (c Chart) say(v float64) string {
	if c.Format == nil {
		return fmt.Sprint(v)
	}
	return c.Format(v)
}

// plot computes every coordinate of the drawing.
func (c Chart) plot(p *i18n.Printer) plotted {
	lines := c.clean()
	low, high := c.domain(lines)
	first, last := span(lines)
	y := func(v float64) float64 {
		return chartBottom - (min(max(v, low), high)-low)/(high-low)*(chartBottom-chartTop)
	}
	x := func(d civil.Date) float64 { return across(d, first, last, chartLeft, chartRight) }

	var drawn plotted
	if !c.Words {
		for _, v := range gridValues(low, high, c.Whole) {
			drawn.Grid = append(drawn.Grid, gridLine{y(v), c.say(v)})
		}
	}
	drawn.Dates = dateTicks(p, first, last)
	drawn.Bands = c.bandBoxes(low, high, y)
	if c.Goal != nil && finite(*c.Goal) {
		drawn.Goal = new(y(*c.Goal))
	}
	for i, line := range lines {
		if len(line.Points) == 0 {
			continue
		}
		drawn.Lines = append(drawn.Lines, c.plotLine(line, i, x, y))
	}
	return drawn
}

func (c Chart) plotLine(line ChartLine, i int, x func(civil.Date) float64, y func(float64) float64) plottedLine {
	drawn := plottedLine{Style: i%chartStyles + 1, Name: line.Name}
	for _, point := range line.Points {
		drawn.Marks = append(drawn.Marks, chartMark{x(point.On), y(point.Value)})
	}
	latest := line.Points[len(line.Points)-1]
	drawn.Last = drawn.Marks[len(drawn.Marks)-1]
	if !c.Words && len(c.Lines) == 1 {
		drawn.Label = c.say(latest.Value)
	}
	thin := thinned(drawn.Marks)
	drawn.Path = outline(thin, 10)
	if len(drawn.Marks) > maxMarks {
		drawn.Marks = nil
	}
	return drawn
}

// domain is what the scale reaches from and to: its own ends, or round numbers around
// the values and the goal.
func (c Chart) domain(lines []ChartLine) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	take := func(v float64) { low, high = min(low, v), max(high, v) }
	for _, line := range lines {
		for _, point := range line.Points {
			take(point.Value)
		}
	}
	if c.Goal != nil && finite(*c.Goal) {
		take(*c.Goal)
	}
	if c.Low != nil && finite(*c.Low) {
		low = *c.Low
	}
	if c.High != nil && finite(*c.High) {
		high = *c.High
	}
	switch {
	case math.IsInf(low, 1) && math.IsInf(high, -1):
		return 0, 1
	case math.IsInf(low, 1):
		low = high - 1
	case math.IsInf(high, -1):
		high = low + 1
	}
	if low >= high {
		low, high = min(low, high)-1, max(low, high)+1
	}
	step := niceStep(low, high, c.Whole)
	if c.Low == nil {
		low = math.Floor(low/step) * step
	}
	if c.High == nil {
		high = math.Ceil(high/step) * step
	}
	return low, high
}

func finite(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= 1e12 }

// niceStep is a round distance that divides a scale into at most five parts.
func niceStep(low, high float64, whole bool) float64 {
	raw := (high - low) / 5
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= raw*0.999 {
			step = factor * power
			break
		}
	}
	if whole && step < 1 {
		return 1
	}
	return step
}

func gridValues(low, high float64, whole bool) []float64 {
	step := niceStep(low, high, whole)
	var values []float64
	for v := math.Ceil(low/step-1e-9) * step; v <= high+step*1e-9 && len(values) < 12; v += step {
		values = append(values, math.Round(v/step)*step)
	}
	return values
}

// bandBoxes are the bands in their places. A band of whole numbers reaches half way to
// its neighbours, so that no stripe is left between them.
func (c Chart) bandBoxes(low, high float64, y func(float64) float64) []bandBox {
	half := 0.0
	if c.Whole {
		half = 0.5
	}
	var boxes []bandBox
	for i, band := range c.Bands {
		from, to := max(min(band.From, band.To)-half, low), min(max(band.From, band.To)+half, high)
		if !finite(from) || !finite(to) || from >= to {
			continue
		}
		boxes = append(boxes, bandBox{Y: y(to), Height: y(from) - y(to), Name: band.Name, Shaded: i%2 == 1})
	}
	return boxes
}

// thinned keeps of each narrow column of a long line its first, lowest, highest and last
// point, so that it looks the same.
func thinned(marks []chartMark) []chartMark {
	if len(marks) <= 4*maxBuckets {
		return marks
	}
	column := func(m chartMark) int { return int((m.X - chartLeft) / (chartRight - chartLeft) * maxBuckets) }
	var kept []chartMark
	for start := 0; start < len(marks); {
		end, least, most := start+1, start, start
		for ; end < len(marks) && column(marks[end]) == column(marks[start]); end++ {
			if marks[end].Y < marks[least].Y {
				least = end
			}
			if marks[end].Y > marks[most].Y {
				most = end
			}
		}
		places := []int{start, least, most, end - 1}
		slices.Sort(places)
		for _, place := range slices.Compact(places) {
			kept = append(kept, marks[place])
		}
		start = end
	}
	return kept
}

// outline is a line through marks; scale makes the lengths across what the drawing counts in.
func outline(marks []chartMark, scale float64) string {
	var b strings.Builder
	for i, mark := range marks {
		verb := byte('L')
		if i == 0 {
			verb = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", verb, mark.X*scale, mark.Y)
	}
	return b.String()
}

// span is the first and the last day of all lines.
func span(lines []ChartLine) (first, last civil.Date) {
	for _, line := range lines {
		for _, point := range line.Points {
			if first.IsZero() || point.On.Before(first) {
				first = point.On
			}
			if last.IsZero() || last.Before(point.On) {
				last = point.On
			}
		}
	}
	return first, last
}

// across is where a day lies between left and right: in the middle when all are one day.
func across(d, first, last civil.Date, left, right float64) float64 {
	days := dayNumber(last) - dayNumber(first)
	if days <= 0 {
		return (left + right) / 2
	}
	return left + float64(dayNumber(d)-dayNumber(first))/float64(days)*(right-left)
}

// dateTicks are days along the foot: the first, the last and, where there is room, some
// between.
func dateTicks(p *i18n.Printer, first, last civil.Date) []dateTick {
	tick := func(d civil.Date, anchor string) dateTick {
		return dateTick{across(d, first, last, chartLeft, chartRight), p.LongDate(d.Year, d.Month, d.Day), anchor}
	}
	days := dayNumber(last) - dayNumber(first)
	switch {
	case first.IsZero():
		return nil
	case days == 0:
		return []dateTick{tick(first, "middle")}
	case days < 8:
		return []dateTick{tick(first, "start"), tick(last, "end")}
	}
	return []dateTick{tick(first, "start"), tick(first.AddDays(days/3), "middle"), tick(first.AddDays(days*2/3), "middle"), tick(last, "end")}
}

// tableRows are the latest values of a line, the latest first.
func (l ChartLine) tableRows() []ChartPoint {
	rows := slices.Clone(l.Points)
	slices.Reverse(rows)
	return rows[:min(len(rows), maxTableRows)]
}

// band is the name of the band that a value lies in.
func (c Chart) band(v float64) string {
	for _, band := range c.Bands {
		if v >= band.From && v <= band.To {
			return band.Name
		}
	}
	return ""
}

// singleText says what a single value means, and when it was.
func (c Chart) singleText(f *Frame, only ChartPoint) string {
	when := f.P.LongDate(only.On.Year, only.On.Month, only.On.Day)
	if name := c.band(only.Value); name != "" && !c.Words {
		return name + " · " + when
	}
	return when
}

// direction says which way is better.
func (c Chart) direction() i18n.Message {
	if c.Lower {
		return i18n.ChartLower
	}
	return i18n.ChartHigher
}

func (c Chart) arrow() string {
	if c.Lower {
		return "M8 3v10M4 9l4 4 4-4"
	}
	return "M8 13V3M4 7l4-4 4 4"
}

// spark is the first line of a chart on a small field.
func (c Chart) spark() (line string, last chartMark, goal *float64) {
	lines := c.clean()
	low, high := c.domain(lines)
	first, end := span(lines)
	y := func(v float64) float64 {
		return sparkBottom - (min(max(v, low), high)-low)/(high-low)*(sparkBottom-sparkTop)
	}
	var marks []chartMark
	if len(lines) > 0 {
		for _, point := range lines[0].Points {
			marks = append(marks, chartMark{across(point.On, first, end, sparkLeft, sparkWidth-sparkLeft), y(point.Value)})
		}
	}
	if c.Goal != nil && finite(*c.Goal) {
		goal = new(y(*c.Goal))
	}
	if len(marks) == 0 {
		return "", chartMark{}, goal
	}
	if every := len(marks)/maxMarks + 1; every > 1 {
		var kept []chartMark
		for i := 0; i < len(marks); i += every {
			kept = append(kept, marks[i])
		}
		marks = append(kept, marks[len(marks)-1])
	}
	return outline(marks, 1), marks[len(marks)-1], goal
}

// GoalRow is one goal in an overview. Start and Latest say how far the way to the goal
// is: 0 the far end, 1 the goal, more is beyond it; NaN where nothing is known.
type GoalRow struct {
	Name          string
	Href          URL
	Text          string // how it goes, in a few words
	Start, Latest float64
	From, To      string // first and latest value, as said
	Goal          string // the goal, as said; "" for none
}

const (
	wayLeft, wayGoal, wayRight = 4.0, 84.0, 96.0 // per cent
	wayMiddle, wayHeight       = 14.0, 28
)

// known says that the row has something to draw.
func (r GoalRow) known() bool { return finite(r.Start) && finite(r.Latest) }

// way is where a share of the way lies.
func way(share float64) float64 {
	return min(max(wayLeft+share*(wayGoal-wayLeft), wayLeft), wayRight)
}

// back says that the latest value is further from the goal than the first one.
func (r GoalRow) back() bool { return r.Latest < r.Start }

// dayNumber counts days; only differences mean something.
func dayNumber(d civil.Date) int {
	return int(time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Unix() / 86400)
}

func percent(v float64) string { return fmt.Sprintf("%.2f%%", v) }
func pixels(v float64) string  { return fmt.Sprintf("%.1f", v) }
