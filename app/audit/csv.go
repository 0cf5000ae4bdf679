package audit

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"konote/app/i18n"
)

// writeTable writes entries as CSV with a heading in the reader's language; numbered says
// whether the numbers of entries are in it. The byte order mark tells spreadsheets that it
// is UTF-8.
func writeTable(w io.Writer, known *words, numbered bool, entries iter.Seq2[Told, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true
	var heading []string
	for _, column := range []i18n.Message{
		i18n.AuditNumber, i18n.AuditWhen, i18n.AuditWho, i18n.AuditRole, i18n.AuditWhat, i18n.AuditOutcome,
		i18n.AuditProgram, i18n.AuditAbout, i18n.AuditConfidential, i18n.AuditReference,
	} {
		heading = append(heading, known.printer.T(column))
	}
	first := 1
	if numbered {
		first = 0
	}
	if err := table.Write(heading[first:]); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	for entry, err := range entries {
		if err != nil {
			return err
		}
		if err := table.Write(known.cells(entry)[first:]); err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

func (w words) cells(f Told) []string {
	about := w.about(f)
	if len(f.Participants) > 1 {
		about = w.everybody(f)
	}
	confidential := i18n.AuditNo
	if f.Confidential {
		confidential = i18n.AuditYes
	}
	cells := []string{
		strconv.FormatInt(f.Seq, 10), f.At.In(w.printer.Zone()).Format(time.RFC3339), w.who(f), w.role(f), w.what(f.Action),
		w.outcome(f.Outcome), w.program(f), about, w.printer.T(confidential), f.Reference,
	}
	for i := range cells {
		cells[i] = safeCell(cells[i])
	}
	return cells
}

// safeCell keeps a spreadsheet from taking a text for a formula.
func safeCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
