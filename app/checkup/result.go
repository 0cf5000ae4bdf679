package checkup

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Level is how much a result matters.
type Level string

// The levels.
const (
	Pass    Level = "pass"
	Note    Level = "note" // there was nothing to try it on; nothing is wrong
	Warning Level = "warn"
	Failure Level = "fail"
)

// Result is what one check found.
type Result struct {
	ID     string `json:"id"`     // KoNote.E001, ENC003
	Agency string `json:"agency"` // subdomain, "" for the platform
	Level  Level  `json:"level"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// Worst is the worst level among results.
func Worst(results []Result) Level {
	for _, level := range []Level{Failure, Warning} {
		if slices.ContainsFunc(results, func(r Result) bool { return r.Level == level }) {
			return level
		}
	}
	return Pass
}

// check makes a result: what is wrong, or nothing.
func check(id, title string, level Level, problem error) Result {
	if problem == nil {
		return Result{ID: id, Title: title, Level: Pass}
	}
	return Result{ID: id, Title: title, Level: level, Detail: problem.Error()}
}

// Print writes results a line each; details of what passed only when verbose.
func Print(w io.Writer, results []Result, verbose bool) {
	agency := "\x00"
	for _, r := range results {
		if r.Agency != agency {
			agency = r.Agency
			fmt.Fprintf(w, "\n%s\n", cmpOr(agency, "platform"))
		}
		line := fmt.Sprintf("  [%s] %s %s", strings.ToUpper(string(r.Level)), r.ID, r.Title)
		if r.Detail != "" && (verbose || r.Level != Pass) {
			line += " – " + r.Detail
		}
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
}

func cmpOr(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Box draws a message that cannot be overlooked on a terminal.
func Box(w io.Writer, text ...string) {
	var lines []string
	for _, line := range text {
		lines = append(lines, wrap(line, 76)...)
	}
	width := 0
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(line))
	}
	rule := strings.Repeat("=", width+4)
	fmt.Fprintln(w, rule)
	for _, line := range lines {
		fmt.Fprintln(w, "  "+line)
	}
	fmt.Fprintln(w, rule)
}

// wrap breaks a line at spaces; what follows the first break is indented.
func wrap(line string, width int) []string {
	var lines []string
	for utf8.RuneCountInString(line) > width {
		at := strings.LastIndexByte(line[:min(len(line), width)], ' ')
		if at <= 2 {
			break
		}
		lines = append(lines, line[:at])
		line = "  " + strings.TrimLeft(line[at:], " ")
	}
	return append(lines, line)
}
