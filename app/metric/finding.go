package metric

import (
	"math"
	"strconv"
	"strings"
	"time"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
)

// Finding says how a series went, in one to four short sentences that the participant
// understands. today is the agency's day: what was not recorded for long is said. It is
// "" for open text, which is read and not summed up.
func Finding(p *i18n.Printer, s Series, today civil.Date) string {
	if !s.Metric.Numeric() {
		return ""
	}
	said := []i18n.Message{s.change(p)}
	add := func(m i18n.Message) {
		if m != nil {
			said = append(said, m)
		}
	}
	if len(s.Points) > 1 && s.Metric.Kind == Scale && s.Metric.Better == Lower && s.Change() != NoChange {
		add(i18n.MetricFindingLower)
	}
	add(s.lately())
	add(s.where(p))
	add(s.against(p))
	if s.lapsed(today) {
		latest, _ := s.Latest()
		add(i18n.MetricFindingLapsed(p.LongDate(latest.On.Year, latest.On.Month, latest.On.Day)))
	}
	sentences := make([]string, len(said))
	for i, m := range said {
		sentences[i] = p.T(m)
	}
	return strings.Join(sentences, " ")
}

// change says how it was first and how it is now.
func (s Series) change(p *i18n.Printer) i18n.Message {
	latest, ok := s.Latest()
	if !ok {
		return i18n.MetricFindingNone
	}
	first := s.Points[0]
	to := s.Metric.WithUnit(p, latest.Value)
	if len(s.Points) == 1 {
		return i18n.MetricFindingFirst(to, p.LongDate(first.On.Year, first.On.Month, first.On.Day))
	}
	from, since := s.Metric.Format(p, first.Value), since(p, first.On, latest.On)
	if unit := s.Metric.Unit(p); strings.HasPrefix(unit, "$") || unit == "%" {
		from = s.Metric.WithUnit(p, first.Value)
	}
	if s.Metric.Kind == Achievement {
		if first.Value == latest.Value {
			return i18n.MetricFindingSame(to, since)
		}
		return i18n.MetricFindingAnswer(from, to, since)
	}
	down := latest.Value < first.Value
	switch change := s.Change(); {
	case change == Improving && down:
		return i18n.MetricFindingBetterDown(from, to, since)
	case change == Improving:
		return i18n.MetricFindingBetterUp(from, to, since)
	case change == Worsening && down:
		return i18n.MetricFindingHarderDown(from, to, since)
	case change == Worsening:
		return i18n.MetricFindingHarderUp(from, to, since)
	}
	return i18n.MetricFindingSame(to, since)
}

// lately says that it goes another way of late than over the whole time.
func (s Series) lately() i18n.Message {
	if len(s.Points) < 4 || s.Trend() == s.Change() {
		return nil
	}
	switch s.Trend() {
	case Improving:
		return i18n.MetricFindingLatelyBetter
	case Worsening:
		return i18n.MetricFindingLatelyHarder
	}
	return nil
}

// where names the band of the latest value.
func (s Series) where(p *i18n.Printer) i18n.Message {
	latest, ok := s.Latest()
	band, in := s.Metric.band(latest.Value)
	if !ok || !in {
		return nil
	}
	return i18n.MetricFindingBand(s.Metric.Format(p, latest.Value), band.Name(p))
}

// against compares the latest value with the goal.
func (s Series) against(p *i18n.Printer) i18n.Message {
	switch {
	case len(s.Points) > 0 && s.Metric.Kind == Achievement:
		if s.Reached() {
			return i18n.MetricFindingAchieved
		}
		return nil
	case s.Goal == nil || s.Metric.Kind != Scale:
		return nil
	case s.Reached():
		return i18n.MetricFindingReached(s.Metric.WithUnit(p, *s.Goal))
	}
	return i18n.MetricFindingGoal(s.Metric.WithUnit(p, *s.Goal))
}

var monthNames = [...]i18n.Key{
	i18n.ViewMonthM1, i18n.ViewMonthM2, i18n.ViewMonthM3, i18n.ViewMonthM4, i18n.ViewMonthM5, i18n.ViewMonthM6,
	i18n.ViewMonthM7, i18n.ViewMonthM8, i18n.ViewMonthM9, i18n.ViewMonthM10, i18n.ViewMonthM11, i18n.ViewMonthM12,
}

// since says when it began, as fits behind "since": "March", with its year when that is
// another one, or the day when all of it was in one month.
func since(p *i18n.Printer, first, latest civil.Date) string {
	if first.Year == latest.Year && first.Month == latest.Month {
		return p.T(i18n.MetricSinceDay(p.LongDate(first.Year, first.Month, first.Day)))
	}
	month := p.T(monthNames[first.Month-time.January])
	if first.Year != latest.Year {
		month += " " + strconv.Itoa(first.Year)
	}
	return month
}

// wideScale is a range so long that drawing all of it would flatten every line.
const wideScale = 60

// Chart makes a series ready for view.LineChart and view.Sparkline. id is unique on the
// page.
func Chart(p *i18n.Printer, s Series, id string, today civil.Date) view.Chart {
	m := s.Metric
	c := view.Chart{
		ID: id, Title: m.Name(p), Text: Finding(p, s, today), Whole: m.Decimals == 0, Lower: m.Better == Lower,
		Format: func(v float64) string { return m.Format(p, v) },
	}
	line := view.ChartLine{Name: c.Title}
	for _, point := range s.Points {
		line.Points = append(line.Points, view.ChartPoint{On: point.On, Value: point.Value})
	}
	c.Lines = []view.ChartLine{line}
	for _, band := range m.Bands {
		c.Bands = append(c.Bands, view.ChartBand{From: band.From, To: band.To, Name: band.Name(p)})
	}
	switch {
	case m.Kind == Achievement:
		c.Words = true
		for _, option := range m.Options {
			c.Bands = append(c.Bands, view.ChartBand{From: option.Value, To: option.Value, Name: option.Name(p)})
			c.Low, c.High = lower(c.Low, option.Value-0.5), higher(c.High, option.Value+0.5)
		}
	case m.Low != nil && m.High != nil && *m.High-*m.Low > wideScale && len(m.Bands) == 0:
		c.Goal = s.Goal
	default:
		c.Low, c.High, c.Goal = m.Low, m.High, s.Goal
	}
	return c
}

func lower(v *float64, than float64) *float64 {
	if v != nil {
		than = math.Min(*v, than)
	}
	return &than
}

func higher(v *float64, than float64) *float64 {
	if v != nil {
		than = math.Max(*v, than)
	}
	return &than
}

// GoalRow makes a series ready for view.GoalsOverview; text says how it goes in a few
// words and may be "".
func GoalRow(p *i18n.Printer, s Series, name, text string, href view.URL) view.GoalRow {
	row := view.GoalRow{Name: name, Href: href, Text: text, Start: math.NaN(), Latest: math.NaN()}
	if s.Goal != nil && s.Metric.Kind == Scale {
		row.Goal = s.Metric.WithUnit(p, *s.Goal)
	}
	if _, near := s.achievementWay(); near != nil && s.Metric.Kind == Achievement {
		row.Goal = s.Metric.Format(p, *near)
	}
	if latest, ok := s.Latest(); ok && s.Metric.Numeric() {
		row.Start, row.Latest = s.share(s.Points[0].Value), s.share(latest.Value)
		row.From, row.To = s.Metric.WithUnit(p, s.Points[0].Value), s.Metric.WithUnit(p, latest.Value)
	}
	return row
}
