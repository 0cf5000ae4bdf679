package metric

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/i18n"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
)

const (
	sheetBytes = 200 << 10
	sheetRows  = 200
)

// A sheetColumn is one column of the table in which metrics leave and come in. Its name
// is the same in both languages; those that a form has too are called as its field.
type sheetColumn struct {
	name  string
	label i18n.Key
	takes string   // the words that it takes, where there are but some
	hint  i18n.Key // what else there is to know; "" for nothing
}

var sheetColumns = []sheetColumn{
	{"id", i18n.MetricSheetId, "", i18n.MetricSheetIdHint},
	{"program", i18n.MetricProgram, "", i18n.MetricSheetProgramHint},
	{"kind", i18n.MetricKind, listedWords(Kinds), i18n.MetricSheetFixedHint},
	{"category", i18n.MetricCategory, listedWords(Categories), ""},
	{"name_en", i18n.MetricNameEn, "", ""},
	{"name_fr", i18n.MetricNameFr, "", ""},
	{"definition_en", i18n.MetricDefinitionEn, "", ""},
	{"definition_fr", i18n.MetricDefinitionFr, "", ""},
	{"unit_en", i18n.MetricUnitEn, "", i18n.MetricUnitHint},
	{"unit_fr", i18n.MetricUnitFr, "", i18n.MetricUnitHint},
	{"better", i18n.MetricBetter, listedWords([]Better{Higher, Lower}), ""},
	{"low", i18n.MetricLow, "", ""},
	{"high", i18n.MetricHigh, "", ""},
	{"goal", i18n.MetricGoal, "", ""},
	{"decimals", i18n.MetricDecimals, "0, 1, 2", ""},
	{"warn_low", i18n.MetricWarnLow, "", ""},
	{"warn_high", i18n.MetricWarnHigh, "", ""},
	{"unlikely_low", i18n.MetricUnlikelyLow, "", ""},
	{"unlikely_high", i18n.MetricUnlikelyHigh, "", ""},
	{"options", i18n.MetricOptions, "", i18n.MetricSheetOptionsHint},
	{"bands", i18n.MetricBands, "", i18n.MetricSheetBandsHint},
	{"is_universal", i18n.MetricUniversal, "yes, no", ""},
	{"cadence_notes", i18n.MetricCadence, "", ""},
	{"review_days", i18n.MetricReview, "", ""},
	{"is_assessment", i18n.MetricApartBox, "yes, no", ""},
	{"at_intake", i18n.MetricAtIntake, "yes, no", ""},
	{"every_days", i18n.MetricEvery, "", i18n.MetricEveryHint},
	{"at_discharge", i18n.MetricAtDischarge, "yes, no", ""},
	{"status", i18n.MetricSheetStatus, listedWords([]Status{Active, Archived}), ""},
}

func listedWords[T ~string](list []T) string {
	texts := make([]string, len(list))
	for i, word := range list {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

func columnOf(name string) (sheetColumn, bool) {
	i := slices.IndexFunc(sheetColumns, func(c sheetColumn) bool { return c.name == name })
	if i < 0 {
		return sheetColumn{}, false
	}
	return sheetColumns[i], true
}

// cells are one metric in the table, by column.
type cells map[string]string

// A shelf is what a table is read against: the metrics that are there, and the programs
// to which the actor may give one.
type shelf struct {
	p        *i18n.Printer
	actor    access.Actor
	metrics  []Metric
	programs []program.Program
}

// cellsOf writes a metric.
func (s shelf) cellsOf(m Metric) cells {
	c := cells{
		"id": view.ID(m.ID), "kind": string(m.Kind), "category": string(m.Category), "name_en": m.NameEN, "name_fr": m.NameFR,
		"definition_en": m.DefinitionEN, "definition_fr": m.DefinitionFR, "unit_en": m.UnitEN, "unit_fr": m.UnitFR, "better": string(m.Better),
		"decimals": strconv.Itoa(m.Decimals), "is_universal": yesNo(m.Universal), "cadence_notes": strconv.Itoa(m.CadenceNotes),
		"review_days": strconv.Itoa(m.ReviewDays), "status": string(m.Status), "program": "",
		"is_assessment": yesNo(m.Apart), "at_intake": yesNo(m.AtIntake), "every_days": days(m.EveryDays), "at_discharge": yesNo(m.AtDischarge),
	}
	if m.Program != nil {
		c["program"] = s.programCell(*m.Program)
	}
	for _, field := range numberFields {
		if v := *field.of(&m); v != nil {
			c[field.name] = typed(s.p, *v)
		}
	}
	for i, o := range m.Options {
		parts := []string{typed(s.p, o.Value), o.EN, o.FR}
		if o.Achieved {
			parts = append(parts, achievedWord)
		}
		c["options"] = line(c["options"], i, parts)
	}
	for i, b := range m.Bands {
		c["bands"] = line(c["bands"], i, []string{typed(s.p, b.From), typed(s.p, b.To), b.EN, b.FR})
	}
	return c
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// programCell is a program by name, or by its id where two are called alike.
func (s shelf) programCell(id uuid.UUID) string {
	name := ""
	for _, p := range s.programs {
		if p.ID == id {
			name = p.Name(s.p)
		}
	}
	if len(s.programsNamed(name)) != 1 {
		return id.String()
	}
	return name
}

// programsNamed are the programs that a cell may mean.
func (s shelf) programsNamed(text string) (found []uuid.UUID) {
	for _, p := range s.programs {
		if text != "" && (strings.EqualFold(text, p.NameEN) || strings.EqualFold(text, p.NameFR) || text == p.ID.String()) {
			found = append(found, p.ID)
		}
	}
	return found
}

// achievedWord marks an answer that counts as achieved.
const achievedWord = "achieved"

// A cell with several lines, each of several parts: "1 | Not at all | Pas du tout".
var escapePart = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)

func line(so string, i int, parts []string) string {
	for k := range parts {
		parts[k] = escapePart.Replace(parts[k])
	}
	if i > 0 {
		so += "\n"
	}
	return so + strings.Join(parts, " | ")
}

// parts undoes line, for each line of a cell that is not empty.
func parts(cell string) (lines [][]string) {
	for text := range strings.SplitSeq(cell, "\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		var found []string
		var part strings.Builder
		escaped := false
		for _, r := range text {
			switch {
			case escaped && r == 'n':
				part.WriteRune('\n')
				escaped = false
			case escaped:
				part.WriteRune(r)
				escaped = false
			case r == '\\':
				escaped = true
			case r == '|':
				found = append(found, strings.TrimSpace(part.String()))
				part.Reset()
			default:
				part.WriteRune(r)
			}
		}
		lines = append(lines, append(found, strings.TrimSpace(part.String())))
	}
	return lines
}

// form makes of the cells what the page of a metric would send, so that one rule says what
// is wrong with either.
func (c cells) form() (url.Values, view.Problems) {
	var problems view.Problems
	values := url.Values{}
	for _, column := range sheetColumns {
		text := c[column.name]
		if column.takes != "" && text != "" && !slices.Contains(strings.Split(column.takes, ", "), text) {
			problems.Add(column.name, i18n.MetricSheetTakes(column.takes))
		}
		values.Set(column.name, text)
	}
	for _, list := range []struct {
		column, row string
		fields      []string
	}{{"options", "option", []string{"value", "en", "fr", "achieved"}}, {"bands", "band", []string{"from", "to", "en", "fr"}}} {
		lines := parts(c[list.column])
		if len(lines) > maxRows {
			problems.Add(list.column, i18n.MetricSheetLines(maxRows))
		}
		for i, found := range lines {
			name := list.row + "-" + strconv.Itoa(i+1) + "-"
			values.Set(name+"en", "") // counts as a row, whatever else is there
			if len(found) > len(list.fields) || (list.column == "options" && len(found) == 4 && found[3] != achievedWord) {
				problems.Add(list.column, i18n.MetricSheetBroken(i+1))
				continue
			}
			for k, text := range found {
				if list.fields[k] == "achieved" {
					text = "yes"
				}
				values.Set(name+list.fields[k], text)
			}
		}
	}
	return values, problems
}

// A sheetLine is one row of a table: what there is now, and what it makes of it.
type sheetLine struct {
	Number   int
	Before   Metric // Version 0: a new one
	After    Metric
	Changes  []sheetChange
	Alike    bool          // a new one is called like one that is there
	Problems view.Problems // by column
}

type sheetChange struct {
	Column        string
	Label         i18n.Key
	Before, After string
}

func (l sheetLine) isNew() bool { return l.Before.Version == 0 }

// changed says whether the row is to be saved.
func (l sheetLine) changed() bool { return l.isNew() || !sameContent(l.Before, l.After) }

// sameContent compares what the audit log keeps.
func sameContent(a, b Metric) bool {
	one, err := json.Marshal(a)
	two, err2 := json.Marshal(b)
	return err == nil && err2 == nil && bytes.Equal(one, two)
}

// readSheet reads a table. The problems are those of the file as a whole. first is the id
// of the first new metric: the others follow from it, so that a table that is sent twice
// adds nothing twice.
func readSheet(r *web.Request, s shelf, text string, first uuid.UUID) ([]sheetLine, view.Problems) {
	var problems view.Problems
	if !utf8.ValidString(text) {
		problems.Add("file", i18n.MetricSheetEncoding)
		return nil, problems
	}
	rows, err := web.ReadSheet(text)
	switch {
	case err != nil:
		problems.Add("file", i18n.MetricSheetUnreadable)
	case len(rows) < 2:
		problems.Add("file", i18n.MetricSheetEmpty)
	case len(rows) > sheetRows+1:
		problems.Add("file", i18n.MetricSheetLong(s.p.Number(sheetRows)))
	}
	if problems.Any() {
		return nil, problems
	}
	heading := rows[0].Cells
	for i, name := range heading {
		heading[i] = strings.ToLower(name)
		if _, known := columnOf(heading[i]); !known && name != "" {
			problems.Add("file", i18n.MetricSheetColumn(name))
		} else if name != "" && slices.Contains(heading[:i], heading[i]) {
			problems.Add("file", i18n.MetricSheetTwice(name))
		}
	}
	if problems.Any() {
		return nil, problems
	}
	var lines []sheetLine
	for i, row := range rows[1:] {
		lines = append(lines, s.read(r, heading, row, follower(first, i)))
	}
	for i := range lines {
		if id := lines[i].After.ID; slices.ContainsFunc(lines[:i], func(l sheetLine) bool { return l.After.ID == id }) {
			lines[i].Problems.Add("id", i18n.MetricSheetIdTwice)
		}
	}
	return lines, nil
}

// follower is the n-th id after one.
func follower(id uuid.UUID, n int) uuid.UUID {
	for i := len(id) - 1; n > 0 && i > 8; i-- {
		n += int(id[i])
		id[i] = byte(n)
		n >>= 8
	}
	return id
}

// read reads one row. An empty id is a new metric, which gets the one that is given; what
// the table has no column for stays as it is.
func (s shelf) read(r *web.Request, heading []string, row web.SheetRow, id uuid.UUID) sheetLine {
	l := sheetLine{Number: row.Number}
	given := cells{}
	for i, text := range row.Cells {
		if i < len(heading) && heading[i] != "" {
			given[heading[i]] = text
		} else if text != "" {
			l.Problems.Add("", i18n.MetricSheetCells)
			return l
		}
	}
	if text := given["id"]; text != "" {
		parsed, err := uuid.Parse(text)
		if m, there := Find(s.metrics, parsed); err != nil || !there || !mayChange(s.actor, m) {
			l.Problems.Add("id", i18n.MetricSheetIdUnknown)
			return l
		}
		id = parsed
	}
	before, there := Find(s.metrics, id)
	if there && !mayChange(s.actor, before) {
		l.Problems.Add("id", i18n.MetricSheetIdUnknown)
		return l
	}
	from := before
	if given["id"] == "" { // one that is there has come by the same table before
		from = Metric{ID: id, Kind: Scale, Better: Higher, Category: Custom, CadenceNotes: 1, ReviewDays: 90, Assessment: usually, Status: Active}
	}
	if !there {
		before = from
	}
	whole := s.cellsOf(from)
	for _, column := range sheetColumns {
		text, said := given[column.name]
		if column.takes != "" {
			text = strings.ToLower(text)
		}
		if said && (text != "" || given["id"] != "") { // a new one keeps what it begins with
			whole[column.name] = text
		}
	}
	now := s.cellsOf(before)
	l.Before = before
	l.After, l.Problems = s.made(r, before, whole)
	if l.Problems.Any() {
		return l
	}
	after := s.cellsOf(l.After)
	for _, column := range sheetColumns[1:] {
		if now[column.name] != after[column.name] && (there || after[column.name] != "") {
			l.Changes = append(l.Changes, sheetChange{column.name, column.label, now[column.name], after[column.name]})
		}
	}
	l.Alike = !there && slices.ContainsFunc(s.metrics, func(m Metric) bool {
		return maySee(s.actor, m) && (strings.EqualFold(m.NameEN, l.After.NameEN) || strings.EqualFold(m.NameFR, l.After.NameFR))
	})
	return l
}

// made is the metric that the cells make of the one that is there, by the rules of its page.
func (s shelf) made(r *web.Request, before Metric, c cells) (Metric, view.Problems) {
	values, problems := c.form()
	switch {
	case before.Version > 0:
		values.Set("version", strconv.Itoa(before.Version))
		if c["kind"] != string(before.Kind) {
			problems.Add("kind", i18n.MetricSheetFixed)
		}
		if of := s.programsNamed(c["program"]); c["program"] != s.cellsOf(before)["program"] && (before.Program == nil || !slices.Contains(of, *before.Program)) {
			problems.Add("program", i18n.MetricSheetFixed)
		}
	case c["program"] == "" && s.actor.Admin:
		values.Set("program", everybody)
	default:
		of := slices.DeleteFunc(s.programsNamed(c["program"]), func(id uuid.UUID) bool { return !s.mayOwn(id) })
		if values.Del("program"); len(of) == 1 {
			values.Set("program", of[0].String())
		} else {
			problems.Add("program", i18n.MetricSheetProgramUnknown)
		}
	}
	if Status(c["status"]) == "" {
		problems.Add("status", i18n.MetricSheetTakes(listedWords([]Status{Active, Archived})))
	}
	row := *r
	row.Form = values
	sent, wrong := decode(&row, before)
	for _, problem := range wrong {
		if problem.Field = sheetField(problem.Field); problem.Field != "why" && problems.Of(problem.Field) == nil {
			problems = append(problems, problem)
		}
	}
	return before.with(sent.Metric, Status(c["status"])), problems
}

// mayOwn says whether the actor may give a new metric to a program.
func (s shelf) mayOwn(id uuid.UUID) bool {
	return slices.ContainsFunc(owning(s.actor, s.programs), func(p program.Program) bool { return p.ID == id })
}

// sheetField is the column of a field of the form.
func sheetField(name string) string {
	switch {
	case strings.HasPrefix(name, "option-"):
		return "options"
	case strings.HasPrefix(name, "band-"):
		return "bands"
	}
	return name
}

// with takes over what the table has columns for.
func (m Metric) with(sent Metric, status Status) Metric {
	if m.Version == 0 {
		m.Kind, m.Program = sent.Kind, sent.Program
	}
	m.Category, m.NameEN, m.NameFR, m.DefinitionEN, m.DefinitionFR = sent.Category, sent.NameEN, sent.NameFR, sent.DefinitionEN, sent.DefinitionFR
	m.UnitEN, m.UnitFR, m.Better, m.Decimals, m.Options, m.Bands = sent.UnitEN, sent.UnitFR, sent.Better, sent.Decimals, sent.Options, sent.Bands
	for _, field := range numberFields {
		*field.of(&m) = *field.of(&sent)
	}
	m.Apart, m.AtIntake, m.EveryDays, m.AtDischarge = sent.Apart, sent.AtIntake, sent.EveryDays, sent.AtDischarge
	m.Universal, m.CadenceNotes, m.ReviewDays, m.Status = sent.Universal, sent.CadenceNotes, sent.ReviewDays, status
	return m
}
