package draft

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/view"
	"konote/keyring"
	"konote/tenancy"
)

var colContent = keyring.Column{Table: "drafts", Name: "content", Pad: keyring.Words}

const (
	sqlHistory = `SELECT id, window_id, sequence, participant_id, is_confidential, content_sealed, is_finished, begun_at, saved_at
		FROM agency.drafts WHERE staff_id = $1 AND form = $2 AND record_id = $3 ORDER BY saved_at DESC, id DESC`

	// A window's save. The save that the window was opened with is gone on with, if it is
	// still the last of its own window.
	sqlSave = `WITH gone_on AS (
			UPDATE agency.drafts SET content_sealed = NULL WHERE id = $12 AND sequence = $13 AND content_sealed IS NOT NULL)
		INSERT INTO agency.drafts AS d
			(id, staff_id, form, record_id, window_id, sequence, participant_id, is_confidential, content_sealed, begun_at, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, content_sealed = excluded.content_sealed, saved_at = excluded.saved_at
		WHERE d.sequence < excluded.sequence AND NOT d.is_finished`

	// The end of a window, and of the save that it was opened with. Ends of yesterday are
	// forgotten: nothing can be on its way that long.
	sqlFinish = `WITH gone_on AS (
			UPDATE agency.drafts SET content_sealed = NULL, is_finished = true WHERE id = $7 AND sequence = $8 AND content_sealed IS NOT NULL
		), forgotten AS (
			DELETE FROM agency.drafts WHERE staff_id = $2 AND content_sealed IS NULL AND saved_at < $10 AND id <> $1)
		INSERT INTO agency.drafts AS d
			(id, staff_id, form, record_id, window_id, sequence, is_finished, begun_at, saved_at)
		VALUES ($1, $2, $3, $4, $5, $6, true, $9, $9)
		ON CONFLICT (id) DO UPDATE SET content_sealed = NULL, is_finished = true, saved_at = excluded.saved_at`

	// One window's version, or every one of a form.
	sqlDrop = `UPDATE agency.drafts SET content_sealed = NULL, is_finished = true
		WHERE staff_id = $1 AND form = $2 AND record_id = $3 AND ($4 = '00000000-0000-0000-0000-000000000000'::uuid OR window_id = $4)
		  AND content_sealed IS NOT NULL`

	sqlCount = `SELECT count(*) FROM agency.drafts WHERE staff_id = $1 AND content_sealed IS NOT NULL`

	sqlList = `SELECT form, record_id, participant_id, saved_at FROM (
			SELECT DISTINCT ON (form, record_id) form, record_id, participant_id, saved_at FROM agency.drafts
			WHERE staff_id = $1 AND content_sealed IS NOT NULL AND (participant_id IS NULL OR participant_id <> ALL($2))
			ORDER BY form, record_id, saved_at DESC) AS newest
		ORDER BY saved_at DESC LIMIT 50`
)

type row struct {
	ID           uuid.UUID      `db:"id"`
	Window       uuid.UUID      `db:"window_id"`
	Sequence     int64          `db:"sequence"`
	Participant  *uuid.UUID     `db:"participant_id"`
	Confidential bool           `db:"is_confidential"`
	Content      keyring.Sealed `db:"content_sealed"`
	Finished     bool           `db:"is_finished"`
	BegunAt      time.Time      `db:"begun_at"`
	SavedAt      time.Time      `db:"saved_at"`
}

// key is whose draft of what.
type key struct {
	staff  uuid.UUID
	form   string
	record uuid.UUID
}

// id is that of a window's row. It is made of all that the row is about, so that there is
// one row for each, and the seal, which is bound to it, opens nowhere else.
func (k key) id(window uuid.UUID) uuid.UUID {
	return uuid.NewSHA1(k.staff, []byte(k.record.String()+window.String()+k.form))
}

// openHistory opens rows.
func openHistory(box *keyring.Box, k key, rows []row) (h history, err error) {
	o := box.Opener()
	for _, r := range rows {
		s := stamp{r.Window, r.Sequence}
		if r.Content == nil {
			h.over = append(h.over, s)
			if r.Finished {
				h.done = append(h.done, s)
			}
			continue
		}
		v := version{stamp: s, begunAt: r.BegunAt, savedAt: r.SavedAt, about: About{Confidential: r.Confidential}}
		if r.Participant != nil {
			v.about.Participant = *r.Participant
		}
		text := o.Open(colContent, k.id(r.Window), r.Content)
		if err := o.Err(); err != nil {
			return h, fmt.Errorf("open draft: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &v.values); err != nil {
			return h, fmt.Errorf("read draft: %w", err)
		}
		h.open = append(h.open, v)
	}
	return h, nil
}

func load(ctx context.Context, tx *tenancy.Tx, k key) (history, error) {
	rows, err := tenancy.Rows[row](ctx, tx, sqlHistory, k.staff, k.form, k.record)
	if err != nil {
		return history{}, fmt.Errorf("load draft: %w", err)
	}
	return openHistory(tx.Box(), k, rows)
}

// write saves a window's version with the commit. The database has the last word about
// what is newer, should two saves cross.
func write(tx *tenancy.Tx, k key, v version, began stamp) error {
	text, err := json.Marshal(v.values)
	if err != nil {
		return fmt.Errorf("write draft: %w", err)
	}
	id := k.id(v.window)
	sealed, err := tx.Box().Seal(colContent, id, string(text))
	if err != nil {
		return fmt.Errorf("seal draft: %w", err)
	}
	var participant *uuid.UUID
	if v.about.Participant != uuid.Nil {
		participant = &v.about.Participant
	}
	tx.AtCommit(sqlSave, id, k.staff, k.form, k.record, v.window, v.sequence, participant, v.about.Confidential, sealed,
		v.begunAt, v.savedAt, k.beginning(v.window, began), began.sequence)
	return nil
}

// beginning is the row of the save that a window was opened with, if it is another one's.
func (k key) beginning(window uuid.UUID, began stamp) uuid.UUID {
	if began.window == uuid.Nil || began.window == window {
		return uuid.Nil
	}
	return k.id(began.window)
}

// remembered is how long the end of a window is known.
const remembered = 24 * time.Hour

// finish ends a window with the commit.
func finish(tx *tenancy.Tx, k key, own, began stamp) {
	tx.AtCommit(sqlFinish, k.id(own.window), k.staff, k.form, k.record, own.window, own.sequence,
		k.beginning(own.window, began), began.sequence, tx.Now(), tx.Now().Add(-remembered))
}

// drop ends what one window has kept, or, with uuid.Nil, what every window has.
func drop(ctx context.Context, tx *tenancy.Tx, k key, window uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlDrop, k.staff, k.form, k.record, window); err != nil {
		return fmt.Errorf("discard draft: %w", err)
	}
	return nil
}

func count(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID) (n int, err error) {
	if err := tx.QueryRow(ctx, sqlCount, staff).Scan(&n); err != nil {
		return 0, fmt.Errorf("count drafts: %w", err)
	}
	return n, nil
}

// Listed is a draft in somebody's list.
type Listed struct {
	Form        Form // zero when there is none of that name any more (Known)
	Name        string
	Record      uuid.UUID
	Participant uuid.UUID // uuid.Nil: about nobody
	SavedAt     time.Time
}

// Address is the page that goes on with it.
func (l Listed) Address() view.URL { return l.Form.Page(l.Record, l.Participant) }

// Known says whether the form is still there.
func (l Listed) Known() bool { return l.Form.Page != nil }

// When is the moment of the last save, as people read it now.
func (l Listed) When(p *i18n.Printer, now time.Time) string { return when(p, l.SavedAt, now) }

// Read is where it can be read though its form is refused.
func (l Listed) Read() view.URL { return address(l.Name, l.Record).save() }

// Discard is where it is discarded.
func (l Listed) Discard() view.URL { return address(l.Name, l.Record).discard() }

type listRow struct {
	Form        string     `db:"form"`
	Record      uuid.UUID  `db:"record_id"`
	Participant *uuid.UUID `db:"participant_id"`
	SavedAt     time.Time  `db:"saved_at"`
}

// Pending is a list asked for in a batch.
type Pending struct {
	forms Forms
	rows  []listRow
}

// Queue adds somebody's own drafts, the newest first, to a page's batch, but those about
// people who have closed their file to her. Call All on the result once the batch was sent.
func (all Forms) Queue(b *tenancy.Batch, actor access.Actor) *Pending {
	p := &Pending{forms: all}
	b.Queue(sqlList, tenancy.Into(&p.rows), actor.Staff, actor.Withheld(access.ParticipantViewName))
	return p
}

// All lists them. Whether she still reaches the participants is for the caller to ask.
func (p *Pending) All() []Listed {
	listed := make([]Listed, len(p.rows))
	for i, r := range p.rows {
		listed[i] = Listed{Name: r.Form, Record: r.Record, SavedAt: r.SavedAt}
		listed[i].Form, _ = p.forms.Of(r.Form)
		if r.Participant != nil {
			listed[i].Participant = *r.Participant
		}
	}
	return listed
}

// place is where the routes of one draft are.
type place struct{ form, record string }

func address(form string, record uuid.UUID) place { return place{form, record.String()} }

func (p place) save() view.URL    { return view.To("drafts", p.form, p.record) }
func (p place) keep() view.URL    { return view.To("drafts", p.form, p.record, "keep") }
func (p place) discard() view.URL { return view.To("drafts", p.form, p.record, "discard") }
