package house

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Files that hold SQL of another kind, each with its reason.
var otherSQL = map[string]string{
	filepath.Join("app", "audit", "prove.go"): "statements that the database must refuse",
}

var sqlVerb = regexp.MustCompile(`(?s)^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE|TRUNCATE)\s`)

// storeFile is where a feature's SQL stands: store.go, and store_<part>.go when that would
// be too long to read.
var storeFile = regexp.MustCompile(`^store(_[a-z]+)?\.go$`)

// SQL stands in store.go (in tenancy, jobs and the commands' own rooms wherever its
// package says), as constants, with columns named one by one.
func TestSQLStandsInStores(t *testing.T) {
	t.Parallel()
	for _, file := range goFiles(t) {
		if !strings.HasPrefix(file, "app"+string(filepath.Separator)) || strings.HasSuffix(file, "_test.go") || isTestRoom(file) || otherSQL[file] != "" {
			continue
		}
		parsed := parse(t, file)
		constants := map[*ast.BasicLit]bool{}
		for _, decl := range parsed.Decls {
			if block, ok := decl.(*ast.GenDecl); ok && block.Tok == token.CONST {
				ast.Inspect(block, func(n ast.Node) bool {
					if text, ok := n.(*ast.BasicLit); ok {
						constants[text] = true
					}
					return true
				})
			}
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil || !sqlVerb.MatchString(text) {
				return true
			}
			if !storeFile.MatchString(filepath.Base(file)) {
				t.Errorf("%s: SQL outside store.go and its parts: %.60q", file, text)
			}
			if !constants[literal] {
				t.Errorf("%s: SQL that is no constant: %.60q", file, text)
			}
			if regexp.MustCompile(`(?i)select\s+(\w+\.)?\*`).MatchString(text) {
				t.Errorf("%s: SQL that names no columns: %.60q", file, text)
			}
			return true
		})
	}
}

// Three doors lead past an agency's walls, and each has one owner.
func TestDoorsPastTheWallsHaveOneOwner(t *testing.T) {
	t.Parallel()
	owners := map[string][]string{
		"Jobs":    {"jobs", "tenancy"},
		"Relay":   {"app/audit", "tenancy"},
		"Control": {"app/audit", "jobs", "tenancy", "app/checkup"},
	}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		ast.Inspect(parse(t, file), func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			selector, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			allowed, guarded := owners[selector.Sel.Name]
			if !guarded || len(call.Args) < 2 {
				return true
			}
			for _, owner := range allowed {
				if pkg == owner || strings.HasPrefix(pkg, owner+"/") {
					return true
				}
			}
			t.Errorf("%s calls %s, which belongs to %v", file, selector.Sel.Name, allowed)
			return true
		})
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, file := range goFiles(t) {
		dir := filepath.Dir(file)
		if _, seen := documented[dir]; !seen && !strings.HasSuffix(file, "_test.go") {
			documented[dir] = false
		}
		doc := parse(t, file).Doc.Text()
		if strings.HasPrefix(doc, "Package ") || strings.HasPrefix(doc, "Command ") {
			documented[dir] = true
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// None is left out: a test that cannot run here must fail. And tests wait for events, not
// for time: they may look again after some milliseconds, or sleep in a bubble of synctest,
// where an hour takes no time.
func TestTestsNeitherSkipNorSleep(t *testing.T) {
	t.Parallel()
	skip := regexp.MustCompile(`\bt\.Skip(f|Now)?\(`)
	sleep := regexp.MustCompile(`\btime\.Sleep\(`)
	poll := regexp.MustCompile(`\btime\.Sleep\((\d{1,2} \* )?time\.Millisecond\)`)
	for _, file := range goFiles(t) {
		if !strings.HasSuffix(file, "_test.go") || strings.Contains(file, "house") {
			continue
		}
		bubble := slices.ContainsFunc(parse(t, file).Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing/synctest"` })
		eachLine(t, file, func(number int, line string) {
			if skip.MatchString(line) || (sleep.MatchString(line) && !bubble && !poll.MatchString(line)) {
				t.Errorf("%s:%d: %s", file, number, strings.TrimSpace(line))
			}
		})
	}
}

// A stranger finds the way in a file of this length.
func TestFilesStayReadable(t *testing.T) {
	t.Parallel()
	for _, file := range append(goFiles(t), files(t, ".templ")...) {
		if strings.HasSuffix(file, "_gen.go") || strings.HasSuffix(file, "_templ.go") || strings.Contains(file, "testdata") {
			continue
		}
		lines := 0
		eachLine(t, file, func(int, string) { lines++ })
		if lines > 600 {
			t.Errorf("%s has %d lines", file, lines)
		}
	}
}

// Every word on a page comes from the catalogue, so it exists in both languages.
func TestPagesHoldNoWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	words := regexp.MustCompile(`>[^<>{}]*\p{L}{3,}[^<>{}]*<`)
	for _, file := range files(t, ".templ") {
		if strings.Contains(file, "sample") {
			continue
		}
		eachLine(t, file, func(number int, line string) {
			trimmed := strings.TrimSpace(line)
			if strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, "<!--") {
				return
			}
			if words.MatchString(line) {
				t.Errorf("%s:%d: words outside the catalogue: %s", file, number, trimmed)
			}
		})
	}
}

func isTestRoom(file string) bool {
	return strings.Contains(file, "apptest") || strings.Contains(file, "webtest") || strings.Contains(file, filepath.Join("app", "bench"))
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func eachLine(t *testing.T, file string, f func(number int, line string)) {
	t.Helper()
	opened, err := os.Open(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	scanner := bufio.NewScanner(opened)
	scanner.Buffer(nil, 16<<20)
	for number := 1; scanner.Scan(); number++ {
		f(number, scanner.Text())
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
}
