package metric

import (
	"reflect"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
)

// A Reason is why a metric was made or changed, in somebody's words.
type Reason struct {
	ID   uuid.UUID
	Text string
	At   time.Time
	By   uuid.UUID // uuid.Nil: a command
	Name string    // of By; "" when that is not known
}

const (
	maxReason   = 500
	reasonsPage = 10
)

// means is all of a metric that says what its numbers mean. Who changes that says why: the
// values that are there were recorded under the former meaning.
func (m Metric) means() any {
	return []any{
		m.DefinitionEN, m.DefinitionFR, m.UnitEN, m.UnitFR, m.Low, m.High, m.Better, m.Goal,
		m.WarnLow, m.WarnHigh, m.UnlikelyLow, m.UnlikelyHigh, listed(m.Options), listed(m.Bands),
	}
}

// checkReason says what is wrong with the reason for a change; before is zero for a new
// metric, which needs none.
func checkReason(before, after Metric, text string) view.Problems {
	var problems view.Problems
	switch {
	case view.TooLong(text, maxReason):
		problems.Add("why", i18n.FormTooLong(maxReason))
	case text == "" && before.Version > 0 && !reflect.DeepEqual(before.means(), after.means()):
		problems.Add("why", i18n.MetricWhyWanted)
	}
	return problems
}

// kept is what the audit log keeps of a metric, sealed, with the reason of its change.
type kept struct {
	Metric
	Reason string `json:"reason,omitempty"`
}
