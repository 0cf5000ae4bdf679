package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The floors of the house, from the top. A package may import packages of lower floors;
// on its own floor only what is listed beside.
var floors = [][]string{
	{"app"},         // package main
	{"app/command"}, // one file for each command
	{"app/bench"},   // measures the whole product
	{"app/apptest"}, // the harness of tests
	{"app/server"},  // wire and routes
	features,
	{"app/audit"},
	{"app/web"},
	{"app/view"},
	{"app/session", "app/limit", "app/config", "app/access", "app/mail"},
	{"app/fault"},
	{"app/i18n", "app/civil"},
	{"jobs"},
	{"tenancy/tenancytest"},
	{"tenancy"},
	{"keyring/azurevault/vaulttest"},
	{"keyring/azurevault"},
	{"keyring"},
	{"embedded", "migrations"},
}

var features = []string{
	"app/alert", "app/caseload", "app/checkup", "app/circle", "app/consent", "app/demo", "app/directive", "app/draft", "app/event", "app/factor", "app/find", "app/grant", "app/group", "app/home", "app/invite",
	"app/message", "app/metric", "app/mistake", "app/note", "app/participant", "app/plan", "app/program", "app/settings", "app/sso", "app/staff", "app/team", "app/timeline", "app/watch",
}

// Features import each other along these arrows alone, each with its reason.
var arrows = map[string]map[string]string{
	"app/staff":       {"app/settings": "a visitor's page needs the agency's settings, in the same batch"},
	"app/invite":      {"app/staff": "an invitation becomes an account, within what its inviter may do"},
	"app/program":     {"app/draft": "long forms keep what is typed", "app/staff": "a program's team: names and roles"},
	"app/participant": {"app/draft": "long forms keep what is typed", "app/find": "a change of a name is a change of the index; hints of duplicates", "app/program": "enrolments name programs", "app/staff": "who changed it last"},
	"app/mistake":     {"app/draft": "the reason is kept while it is typed", "app/participant": "whose record it is"},
	"app/metric":      {"app/draft": "long forms keep what is typed", "app/program": "a metric may be one program's", "app/staff": "who changed it last"},
	"app/plan":        {"app/draft": "long forms keep what is typed", "app/metric": "what a target is measured by", "app/participant": "a plan is a participant's", "app/program": "a section belongs to a program", "app/staff": "who changed it"},
	"app/note":        {"app/circle": "a note may tell of a circle", "app/mistake": "a note may be entered in error", "app/find": "words are compared as everywhere", "app/draft": "long forms keep what is typed", "app/metric": "values are recorded in notes", "app/participant": "a note is about a participant whom its author reaches", "app/plan": "a full note goes through the targets", "app/program": "a note belongs to a program", "app/staff": "who wrote it", "app/timeline": "a source of the time line"},
	"app/event":       {"app/consent": "nobody is written to without", "app/draft": "long forms keep what is typed", "app/mistake": "an event or meeting may be entered in error", "app/note": "an event may name a note of the same participant", "app/participant": "an event is a participant's", "app/program": "an event belongs to a program", "app/settings": "a job writes in the agency's time zone", "app/staff": "who wrote it, who attends", "app/timeline": "a source of the time line"},
	"app/consent":     {"app/draft": "long forms keep what is typed", "app/participant": "whose consent it is", "app/staff": "who explained it"},
	"app/alert":       {"app/draft": "long forms keep what is typed", "app/participant": "an alert is about a participant", "app/program": "an alert belongs to a program", "app/staff": "who made, recommended, decided"},
	"app/grant":       {"app/draft": "long forms keep what is typed", "app/participant": "whose records", "app/program": "in which program", "app/settings": "for how long at most; a job writes in the agency's time zone", "app/staff": "who took it, who is told"},
	"app/group":       {"app/draft": "long forms keep what is typed", "app/participant": "members", "app/program": "a group belongs to a program", "app/staff": "who led a session", "app/timeline": "a source of the time line"},
	"app/circle":      {"app/participant": "members, and whether enough of them are seen", "app/program": "what the viewer sees", "app/staff": "who changed it"},
	"app/message":     {"app/consent": "what she has agreed to is said where a contact is logged", "app/mistake": "a contact may be entered in error", "app/draft": "long forms keep what is typed", "app/participant": "about whom", "app/program": "in which program", "app/staff": "from whom and for whom", "app/timeline": "a source of the time line"},
	"app/caseload":    {"app/participant": "enrolments are changed by their own rules", "app/program": "where to", "app/staff": "to whom"},
	"app/directive":   {"app/draft": "long forms keep what is typed", "app/participant": "whose record it is, and whether whereabouts are kept safe", "app/program": "what is closed to a program names it", "app/staff": "to whom something is closed"},
	"app/team":        {"app/event": "how a meeting stands, in words", "app/find": "names are compared as everywhere", "app/message": "how people were in touch, and where it stands", "app/note": "kinds of notes, and follow-ups that wait", "app/participant": "about whom", "app/program": "the manager's programs", "app/staff": "names"},
	"app/timeline":    {"app/participant": "whose it is; changes of enrolments", "app/program": "names of programs"},
	"app/home":        {"app/alert": "ends of alerts that wait for a decision", "app/directive": "requests to keep whereabouts safe no longer", "app/draft": "what is not finished", "app/event": "meetings of the day", "app/grant": "emergencies to review", "app/message": "what was left for the worker", "app/note": "today and follow-ups", "app/participant": "recent people", "app/program": "the manager's programs", "app/staff": "names", "app/watch": "patterns worth a look", "app/find": "the search field"},
	"app/factor":      {"app/settings": "the agency's wish is a setting", "app/staff": "whose it is; a password proves too, where there is no factor"},
	"app/watch":       {"app/draft": "long forms keep what is typed", "app/find": "names are compared as everywhere, and people found by them", "app/participant": "whose file it is", "app/program": "names of programs", "app/settings": "a day is one of the agency's clock", "app/staff": "who opened it"},
	"app/find":        {"app/program": "hits name the programs that the reader may see"},
	"app/demo": {"app/alert": "", "app/caseload": "", "app/circle": "", "app/directive": "", "app/consent": "", "app/event": "", "app/factor": "", "app/find": "", "app/grant": "", "app/group": "", "app/invite": "", "app/message": "", "app/metric": "", "app/mistake": "", "app/note": "", "app/participant": "", "app/plan": "", "app/program": "", "app/settings": "", "app/sso": "",
		"app/staff": "invented records are made through the features themselves"},
	"app/sso":     {"app/invite": "somebody invited accepts at the provider, without a password", "app/program": "a group of a directory gets a role in one", "app/settings": "whether passwords are for everybody", "app/staff": "whose account it is"},
	"app/checkup": {"app/staff": "reads accounts as sign-in does"},
}

func TestArrowsRunDown(t *testing.T) {
	t.Parallel()
	floorOf := map[string]int{}
	for i, floor := range floors {
		for _, pkg := range floor {
			floorOf[pkg] = i
		}
	}
	for pkg, imports := range internalImports(t) {
		from, known := floorOf[room(pkg)]
		if !known {
			t.Errorf("%s stands on no floor: give it one in floors", pkg)
			continue
		}
		for _, imported := range imports {
			to, known := floorOf[room(imported)]
			switch {
			case !known:
				t.Errorf("%s stands on no floor: give it one in floors", imported)
			case room(pkg) == room(imported), from < to:
			case from == to && slices.Contains(features, room(pkg)):
				if _, ok := arrows[room(pkg)][room(imported)]; !ok {
					t.Errorf("%s imports %s: no such arrow between features", pkg, imported)
				}
			default:
				t.Errorf("%s imports %s: arrows run down only", pkg, imported)
			}
			if strings.HasPrefix(imported, "app/") && !strings.HasPrefix(pkg, "app") {
				t.Errorf("%s imports %s: the ground floor knows nothing of app/", pkg, imported)
			}
		}
	}
}

// Who alone may import what.
var keepers = map[string][]string{
	"github.com/gofiber/fiber/v2":                    {"app/web"},
	"github.com/valyala/fasthttp":                    {"app/web"},
	"github.com/jackc/pgx/v5/pgxpool":                {"tenancy", "jobs", "app/audit", "tenancy/tenancytest", "app/checkup"},
	"github.com/redis/go-redis/v9":                   {"app/session", "app/limit", "app/server", "app/apptest", "app/checkup"},
	"github.com/riverqueue/river":                    {"jobs"},
	"github.com/Azure/azure-sdk-for-go/sdk":          {"keyring/azurevault"},
	"github.com/evanw/esbuild":                       {"app/view/build"},
	"golang.org/x/crypto/argon2":                     {"app/staff"},
	"github.com/coreos/go-oidc/v3":                   {"app/sso"},
	"golang.org/x/oauth2":                            {"app/sso"},
	"github.com/pquerna/otp":                         {"app/factor"},
	"github.com/go-webauthn/webauthn":                {"app/factor"},
	"github.com/boombuler/barcode":                   {"app/factor"},
	"github.com/chromedp/chromedp":                   {"app/apptest"},
	"github.com/wneessen/go-mail":                    {"app/mail"},
	"github.com/emersion/go-smtp":                    {"app/mail/sink"},
	"github.com/prometheus/client_golang/prometheus": {"app/web", "app/audit", "jobs", "app/limit", "app/server"},
}

func TestEveryLibraryHasItsKeeper(t *testing.T) {
	t.Parallel()
	for pkg, imports := range allImports(t, false) {
		for _, imported := range imports {
			for library, allowed := range keepers {
				if imported != library && !strings.HasPrefix(imported, library+"/") {
					continue
				}
				if !slices.ContainsFunc(allowed, func(keeper string) bool { return pkg == keeper || strings.HasPrefix(pkg, keeper+"/") }) {
					t.Errorf("%s imports %s, which belongs to %v", pkg, imported, allowed)
				}
			}
		}
	}
}

// room is the package that stands on a floor, for packages below it (app/view/build).
func room(pkg string) string {
	for _, floor := range floors {
		if slices.Contains(floor, pkg) {
			return pkg
		}
	}
	if parent := filepath.Dir(pkg); parent != "." && parent != "app" {
		return room(parent)
	}
	return pkg
}

func internalImports(t *testing.T) map[string][]string {
	found := map[string][]string{}
	for pkg, imports := range allImports(t, false) {
		found[pkg] = nil
		for _, imported := range imports {
			if inner, ok := strings.CutPrefix(imported, "konote/"); ok {
				found[pkg] = append(found[pkg], inner)
			}
		}
	}
	return found
}

// allImports are the imports of every package, by its folder; of tests too when asked.
func allImports(t *testing.T, tests bool) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") && !tests {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		for _, spec := range parsed.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			if !slices.Contains(found[pkg], path) {
				found[pkg] = append(found[pkg], path)
			}
		}
	}
	return found
}

var root = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Join(dir, "..", "..", "..")
}()

// goFiles are the project's Go files, relative to its root.
func goFiles(t *testing.T) []string { return files(t, ".go") }

func files(t *testing.T, suffix string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || (strings.HasPrefix(entry.Name(), ".") && path != root)) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, suffix) {
			relative, _ := filepath.Rel(root, path)
			found = append(found, relative)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no %s files below %s", suffix, root)
	}
	return found
}
