package audit

import (
	"io"
	"iter"
	"strconv"
	"time"

	"konote/app/i18n"
	"konote/app/web"
)

// writeTable writes entries as CSV with a heading in the reader's language; numbered says
// whether the numbers of entries are in it.
func writeTable(w io.Writer, known *words, numbered bool, entries iter.Seq2[Told, error]) error {
	table, err := web.NewSheet(w)
	if err != nil {
		return err
	}
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
	if err := table.Row(heading[first:]); err != nil {
		return err
	}
	for entry, err := range entries {
		if err != nil {
			return err
		}
		if err := table.Row(known.cells(entry)[first:]); err != nil {
			return err
		}
	}
	return table.Close()
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
	return []string{
		strconv.FormatInt(f.Seq, 10), f.At.In(w.printer.Zone()).Format(time.RFC3339), w.who(f), w.role(f), w.what(f.Action),
		w.outcome(f.Outcome), w.program(f), about, w.printer.T(confidential), f.Reference,
	}
}
