package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A Sheet writes a table that spreadsheets open (CSV). Close it when all rows are written.
type Sheet struct{ table *csv.Writer }

// NewSheet begins one. The byte order mark tells spreadsheets that it is UTF-8.
func NewSheet(w io.Writer) (*Sheet, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, fmt.Errorf("write the table: %w", err)
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true
	return &Sheet{table}, nil
}

// Row writes one. No cell of it is taken for a formula.
func (s *Sheet) Row(cells []string) error {
	safe := make([]string, len(cells))
	for i, text := range cells {
		if safe[i] = text; unsafeCell(text) {
			safe[i] = "'" + text
		}
	}
	if err := s.table.Write(safe); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

// Close writes what is left.
func (s *Sheet) Close() error {
	s.table.Flush()
	if err := s.table.Error(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

const byteOrderMark = "\ufeff"

var plainNumber = regexp.MustCompile(`^-?\d+([.,]\d+)?$`)

// unsafeCell says whether a spreadsheet could take a text for a formula. So that ReadSheet
// finds every text as it was, one that looks as if it had been kept from that counts too.
func unsafeCell(text string) bool {
	if rest, marked := strings.CutPrefix(text, "'"); marked {
		return unsafeCell(rest)
	}
	if text == "" || plainNumber.MatchString(text) {
		return false
	}
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(strings.TrimLeft(text, " \u00a0") + " ")[0])
}

// ReadSheet reads a table that a spreadsheet has written: with or without a byte order
// mark, with commas, semicolons or tabs between cells, as the first line says. Lines without
// anything in them are left out; every other one has its number, as the spreadsheet shows it
// while no cell before it has several lines. It fails when that is no such table.
func ReadSheet(text string) (rows []SheetRow, err error) {
	text = strings.TrimPrefix(text, byteOrderMark)
	first, _, _ := strings.Cut(text, "\n")
	table := csv.NewReader(strings.NewReader(text))
	table.FieldsPerRecord = -1
	for _, comma := range ",;\t" {
		if strings.Count(first, string(comma)) > strings.Count(first, string(table.Comma)) {
			table.Comma = comma
		}
	}
	for number := 1; ; number++ {
		cells, err := table.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the table: %w", err)
		}
		for i, cell := range cells {
			if rest, marked := strings.CutPrefix(cell, "'"); marked && unsafeCell(rest) {
				cell = rest
			}
			cells[i] = tidy(cell)
		}
		if strings.Join(cells, "") != "" {
			rows = append(rows, SheetRow{number, cells})
		}
	}
}

// A SheetRow is one line of a table, with its number from 1.
type SheetRow struct {
	Number int
	Cells  []string
}
