package metric

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

const actionExport audit.Action = "metric.export"

// sheetPage is what the pages show on which metrics come in as a table.
type sheetPage struct {
	Programs []string // that may be named in it
	Text     string   // the table
	First    uuid.UUID
	Lines    []sheetLine
	Digest   string // of what is shown: no more and no less is saved
	Why      string
	Moved    bool // somebody has changed metrics since it was shown
	Problems view.Problems
}

// Export downloads the agency's own metrics, and those of the library that it has changed:
// all of them that the actor may change.
func (h *Handlers) Export(r *web.Request) (web.Response, error) {
	if err := enter(r.Actor()); err != nil {
		return web.Response{}, err
	}
	var s shelf
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if s, err = loadShelf(r, tx); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, audit.From(r), audit.Event{Action: actionExport})
	})
	if err != nil {
		return web.Response{}, err
	}
	return web.Download("metrics.csv", "text/csv; charset=utf-8", s.write), nil
}

// write writes the metrics that the actor may change.
func (s shelf) write(w io.Writer) error {
	sheet, err := web.NewSheet(w)
	if err != nil {
		return err
	}
	heading := make([]string, len(sheetColumns))
	for i, column := range sheetColumns {
		heading[i] = column.name
	}
	if err := sheet.Row(heading); err != nil {
		return err
	}
	for _, m := range s.metrics {
		if !mayChange(s.actor, m) || m.LibraryKey != "" && m.UpdatedBy == nil {
			continue
		}
		c, row := s.cellsOf(m), make([]string, len(sheetColumns))
		for i, column := range sheetColumns {
			row[i] = c[column.name]
		}
		if err := sheet.Row(row); err != nil {
			return err
		}
	}
	return sheet.Close()
}

// ImportForm asks for a table.
func (h *Handlers) ImportForm(r *web.Request) (web.Response, error) {
	page, err := loadSheet(r, "", uuid.Nil)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(i18n.MetricSheetTitle, importForm(r.Frame(), page)), nil
}

// Import shows what a table would change, and changes nothing.
func (h *Handlers) Import(r *web.Request) (web.Response, error) {
	var problems view.Problems
	switch {
	case len(r.File) == 0:
		problems.Add("file", i18n.MetricSheetWanted)
	case len(r.File) > sheetBytes:
		problems.Add("file", i18n.MetricSheetLarge(r.P.Number(sheetBytes>>10)))
	}
	text := strings.TrimPrefix(string(r.File), "\ufeff")
	if problems.Any() {
		text = ""
	}
	page, err := loadSheet(r, tidyLines(text), tenancy.NewID())
	if err != nil {
		return web.Response{}, err
	}
	if page.Problems = append(problems, page.Problems...); page.Problems.Any() {
		return r.Again(i18n.MetricSheetTitle, page.Problems, importForm(r.Frame(), page)), nil
	}
	return page.preview(r), nil
}

// tidyLines makes of a file what a form makes of a text, so that both are the same table.
func tidyLines(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(text))
}

// loadSheet reads a table against what is there; without a text it is that alone.
func loadSheet(r *web.Request, text string, first uuid.UUID) (page sheetPage, err error) {
	if err := enter(r.Actor()); err != nil {
		return page, err
	}
	var s shelf
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) error {
		s, err = loadShelf(r, tx)
		return err
	})
	if err != nil {
		return page, err
	}
	page = sheetPage{Text: text, First: first, Why: r.Value("why")}
	for _, p := range owning(r.Actor(), s.programs) {
		page.Programs = append(page.Programs, p.Name(r.P))
	}
	if text == "" {
		return page, nil
	}
	page.Lines, page.Problems = readSheet(r, s, text, first)
	page.Digest, err = digest(first, page.Lines)
	return page, err
}

// digest stands for what a page shows: every metric that would be saved, and what it is
// made from.
func digest(first uuid.UUID, lines []sheetLine) (string, error) {
	hash := sha256.New()
	hash.Write(first[:])
	for _, l := range lines {
		if !l.Problems.Any() && l.changed() {
			if err := json.NewEncoder(hash).Encode([]any{l.Number, l.After.ID, l.Before.Version, l.After}); err != nil {
				return "", fmt.Errorf("digest the table: %w", err)
			}
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// preview is the page of what would be changed, or of what is wrong with rows.
func (page *sheetPage) preview(r *web.Request) web.Response {
	page.Problems = append(page.Problems, page.rowProblems()...)
	page.Problems = r.Shown(page.Problems)
	return r.Again(i18n.MetricSheetCheck, page.Problems, previewView(r.Frame(), *page))
}

// ApplyImport saves what a preview has shown: all of it, or, where something was changed
// meanwhile, nothing.
func (h *Handlers) ApplyImport(r *web.Request) (web.Response, error) {
	page, err := loadSheet(r, r.Value("csv"), web.FormID(r.Value("id")))
	if err != nil {
		return web.Response{}, err
	}
	if page.Text == "" {
		page.Problems.Add("file", i18n.MetricSheetWanted)
	}
	if page.Problems.Any() {
		return r.Again(i18n.MetricSheetTitle, page.Problems, importForm(r.Frame(), page)), nil
	}
	page.Problems = page.checkWhy()
	changed := page.changed()
	if r.SwitchLanguage || len(page.rowProblems()) > 0 || page.Problems.Any() {
		return page.preview(r), nil
	}
	if len(changed) == 0 {
		return web.Redirect(view.To("metrics")).Say(i18n.MetricSheetSame), nil
	}
	if page.Moved = page.Digest != r.Value("digest"); page.Moved {
		return page.preview(r).Conflict(), nil
	}
	err = r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error { return page.save(r, tx, changed) })
	if fault.KindOf(err) == fault.Conflict {
		if page, err = loadSheet(r, page.Text, page.First); err != nil {
			return web.Response{}, err
		}
		page.Moved = true
		return page.preview(r).Conflict(), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.Redirect(view.To("metrics")).Say(i18n.MetricSheetSaved(len(changed))), nil
}

// changed are the rows to be saved, in one order for everybody, so that two tables do not
// wait for each other.
func (page *sheetPage) changed() []sheetLine {
	lines := slices.DeleteFunc(slices.Clone(page.Lines), func(l sheetLine) bool { return !l.changed() })
	slices.SortFunc(lines, func(a, b sheetLine) int { return cmp.Compare(a.After.ID.String(), b.After.ID.String()) })
	return lines
}

// checkWhy says what is wrong with the reason, which is that of every row.
func (page *sheetPage) checkWhy() view.Problems {
	for _, l := range page.Lines {
		if problems := checkReason(l.Before, l.After, page.Why); problems.Any() {
			return problems
		}
	}
	return nil
}

// rowProblems lead to the rows in which something is wrong, the first of them.
func (page *sheetPage) rowProblems() (problems view.Problems) {
	for _, l := range page.Lines {
		for _, problem := range l.Problems {
			problems.AddOf(l.place(problem.Field), rowID(l), problem.Text)
		}
	}
	return problems
}

func (page *sheetPage) save(r *web.Request, tx *tenancy.Tx, lines []sheetLine) error {
	programs, err := program.All(r.Context(), tx)
	if err != nil {
		return err
	}
	for _, l := range lines {
		action := actionUpdate
		if l.isNew() {
			action = actionCreate
			added, err := insert(r.Context(), tx, l.After, r.Actor().Staff)
			if err != nil {
				return err
			}
			if !added { // by the same table, sent twice at once
				return fault.New(fault.Conflict, i18n.FaultConflictTitle)
			}
		} else if err := Update(r.Context(), tx, l.After, r.Actor().Staff); err != nil {
			return err
		}
		if err := Explain(r.Context(), tx, l.After.ID, page.Why, r.Actor().Staff); err != nil {
			return err
		}
		if err := audit.Record(r.Context(), tx, audit.From(r), event(r, action, l.Before, l.After, page.Why, programs)); err != nil {
			return err
		}
	}
	return nil
}
