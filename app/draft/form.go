package draft

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// Queued is a draft asked for in a batch.
type Queued struct {
	form   Form
	record uuid.UUID
	rows   []row
}

// Queue adds what Open reads to a page's batch. Call Open on the result once the batch
// was sent.
func (f Form) Queue(b *tenancy.Batch, r *web.Request, record uuid.UUID) *Queued {
	q := &Queued{form: f, record: record}
	if r.Method == http.MethodGet {
		b.Queue(sqlHistory, tenancy.Into(&q.rows), r.Actor().Staff, f.Name, record)
	}
	return q
}

// Open is what the page of the form needs to know, in the transaction that draws it. When
// the page is asked for (GET) and the request's actor had begun the form for this record,
// the draft's Begun is true and its values stand in r.Form, as if they had been sent:
// decode them, and show no problems. When the form was sent (POST), Open reads from it
// which window it is, so that the form goes on being the same one when it is shown again.
func (f Form) Open(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (view.Draft, error) {
	b := tx.Batch()
	q := f.Queue(b, r, record)
	if r.Method == http.MethodGet {
		if err := b.Send(r.Context()); err != nil {
			return view.Draft{}, fmt.Errorf("load draft: %w", err)
		}
	}
	return q.Open(r, tx)
}

// Open is Form.Open after Queue.
func (q *Queued) Open(r *web.Request, tx *tenancy.Tx) (view.Draft, error) {
	where := address(q.form.Name, q.record)
	d := view.Draft{
		Save: where.save(), Keep: where.keep(), Discard: where.discard(),
		Window: tenancy.NewID().String(), Sequence: "0",
	}
	if r.Method != http.MethodGet {
		if own := at(r.Form); own.window != uuid.Nil {
			d.Window, d.Sequence, d.From = own.window.String(), strconv.FormatInt(own.sequence, 10), from(r.Form).String()
		}
		return d, nil
	}
	h, err := openHistory(tx.Box(), key{r.Actor().Staff, q.form.Name, q.record}, q.rows)
	if err != nil {
		return view.Draft{}, err
	}
	v := h.of(parseID(r.Query.Get("draft")))
	if v == nil {
		return d, nil
	}
	r.Form = maps.Clone(v.values)
	d.Page = q.form.Page(q.record, v.about.Participant)
	d.From, d.BegunAt, d.SavedAt = v.stamp.String(), v.begunAt, v.savedAt
	d.Today = sameDay(v.savedAt, tx.Now(), r.P.Zone())
	d.Other = shownOther(h, v.window, v.stamp, v, r.P, tx.Now())
	return d, nil
}

// Done finishes the draft that the form which was sent belongs to, in the transaction that
// saves the form. A version that another window has written since stays: it says something
// else.
func (f Form) Done(r *web.Request, tx *tenancy.Tx, record uuid.UUID) {
	if own := at(r.Form); own.window != uuid.Nil {
		finish(tx, key{r.Actor().Staff, f.Name, record}, own, from(r.Form))
	}
}

// shownOther is the other version as a page shows it, nil when there is none or it says
// the same.
func shownOther(h history, own uuid.UUID, began stamp, mine *version, p *i18n.Printer, now time.Time) *view.DraftOther {
	v := h.other(own, began)
	if v == nil {
		return nil
	}
	differing := differences(v.values, mine.values)
	if len(differing) == 0 {
		return nil
	}
	return &view.DraftOther{Window: v.window.String(), Saved: when(p, v.savedAt, now), Values: differing}
}

// when is the time of day, with the day when it was another one.
func when(p *i18n.Printer, at, now time.Time) string {
	if sameDay(at, now, p.Zone()) {
		return p.Clock(at)
	}
	return p.Moment(at)
}

func sameDay(a, b time.Time, zone *time.Location) bool {
	return a.In(zone).Format(time.DateOnly) == b.In(zone).Format(time.DateOnly)
}
