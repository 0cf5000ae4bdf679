package house

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// shortText is how many characters may be lost with a tab: a sentence or two.
const shortText = 500

// Long texts outside a form that is kept while it is typed in, each with its reason.
var notKept = map[string]string{
	"metric.Input": "it is drawn in the form of a note, which is kept",
}

// Nothing that takes long to write is lost: a field for more than a sentence or two stands
// in a form that keeps what is typed (view.DraftForm), itself or by whoever draws it.
func TestLongTextsAreKeptWhileTheyAreTyped(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	checked := 0
	rooms := map[string]*templates{}
	for _, file := range files(t, ".templ") {
		if room := filepath.Dir(file); !strings.HasPrefix(file, filepath.Join("app", "view")) && rooms[room] == nil {
			rooms[room] = readTemplates(t, room)
		}
	}
	for room, all := range rooms {
		for _, at := range all.long() {
			checked++
			name := filepath.Base(room) + "." + at.of
			switch {
			case all.kept(at, map[string]bool{}):
			case notKept[name] != "":
				used[name] = true
			default:
				t.Errorf("%s: what is typed into %q is not kept", name, strings.TrimSpace(at.text))
			}
		}
	}
	for name := range notKept {
		if !used[name] {
			t.Errorf("%s is excepted, and need not be", name)
		}
	}
	if checked < 40 {
		t.Errorf("only %d long texts were found", checked)
	}
}

func TestALongTextThatIsNotKeptIsSeen(t *testing.T) {
	t.Parallel()
	const page = "templ page(f *view.Frame) {\n\t@view.DraftForm(f, to, keep) {\n\t\t@below(f)\n\t}\n\t@view.Form(f, to) {\n\t\t@%s\n\t}\n}\n" +
		"templ below(f *view.Frame) {\n\t@view.TextArea(f, view.Field{Name: \"a\", Max: most})\n}\n"
	for drawn, want := range map[string]int{
		"below(f)": 1,
		"view.TextArea(f, view.Field{Name: \"b\", Max: most})":   1,
		"view.TextArea(f, view.Field{Name: \"b\"})":              1,
		"view.TextArea(f, view.Field{Name: \"b\", Max: little})": 0,
		"view.TextField(f, view.Field{Name: \"b\", Max: most})":  0,
	} {
		all := &templates{limits: map[string]int{"most": shortText + 1, "little": shortText}}
		all.read(strings.Replace(page, "%s", drawn, 1))
		lost := 0
		for _, at := range all.long() {
			if !all.kept(at, map[string]bool{}) {
				lost++
			}
		}
		if lost != want {
			t.Errorf("%s: %d texts are lost, want %d", drawn, lost, want)
		}
	}
}

// templates are those of one room, line by line, and its limits of text.
type templates struct {
	lines  []templateLine
	limits map[string]int
}

type templateLine struct {
	of    string // the template
	text  string
	above []string // the lines that it stands in, the nearest first
}

var (
	templateHead = regexp.MustCompile(`^templ (?:\([^)]*\) )?(\w+)\(`)
	drawsText    = regexp.MustCompile(`@view\.TextArea\(|<textarea\b`)
	textLimit    = regexp.MustCompile(`\bMax:\s*(\w+)`)
	limitIsSet   = regexp.MustCompile(`(?m)^\s*(?:const )?(\w+)\s*=\s*([\d_]+)\b`)
)

func readTemplates(t *testing.T, room string) *templates {
	t.Helper()
	all := &templates{limits: map[string]int{}}
	found, err := os.ReadDir(filepath.Join(root, room))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range found {
		text, err := os.ReadFile(filepath.Join(root, room, file.Name()))
		switch {
		case file.IsDir():
		case err != nil:
			t.Fatal(err)
		case strings.HasSuffix(file.Name(), ".templ"):
			all.read(string(text))
		case strings.HasSuffix(file.Name(), ".go"):
			for _, set := range limitIsSet.FindAllStringSubmatch(string(text), -1) {
				all.limits[set[1]], _ = strconv.Atoi(strings.ReplaceAll(set[2], "_", "")) // digits alone
			}
		}
	}
	return all
}

func (all *templates) read(text string) {
	of := ""
	var open []string // by indent
	for line := range strings.Lines(text) {
		if head := templateHead.FindStringSubmatch(line); head != nil {
			of = head[1]
		} else if strings.HasPrefix(line, "}") || strings.HasPrefix(line, "func ") {
			of = ""
		}
		indent := len(line) - len(strings.TrimLeft(line, "\t"))
		if of == "" || strings.TrimSpace(line) == "" {
			continue
		}
		for len(open) <= indent {
			open = append(open, "")
		}
		open = open[:indent+1]
		open[indent] = line
		one := templateLine{of: of, text: line}
		for i := indent - 1; i >= 0; i-- {
			one.above = append(one.above, open[i])
		}
		all.lines = append(all.lines, one)
	}
}

// long are the fields with room for more than a sentence or two.
func (all *templates) long() (found []templateLine) {
	for _, line := range all.lines {
		if !drawsText.MatchString(line.text) {
			continue
		}
		limit := 0
		if name := textLimit.FindStringSubmatch(line.text); name != nil {
			if limit = all.limits[name[1]]; limit == 0 {
				limit, _ = strconv.Atoi(name[1]) // a name that nobody set is no limit
			}
		}
		if limit == 0 || limit > shortText {
			found = append(found, line)
		}
	}
	return found
}

// kept says whether a line stands in a form that is kept, wherever it is drawn.
func (all *templates) kept(at templateLine, asked map[string]bool) bool {
	for _, above := range at.above {
		switch {
		case strings.Contains(above, "@view.DraftForm("):
			return true
		case strings.Contains(above, "@view.Form("), strings.Contains(above, "<form"):
			return false
		}
	}
	if asked[at.of] {
		return true // decided by who else draws it
	}
	asked[at.of] = true
	drawn := regexp.MustCompile(`@(?:\w+\.)?` + at.of + `\(`)
	used := false
	for _, line := range all.lines {
		if drawn.MatchString(line.text) {
			if used = true; !all.kept(line, asked) {
				return false
			}
		}
	}
	return used
}
