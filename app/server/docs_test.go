package server_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"konote/app/command"
	"konote/app/config"
)

var update = flag.Bool("update", false, "write the generated part of the README")

const root = "../.."

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between is the part of a text from one line to another, without them.
func between(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from+"\n")
	part, _, ended := strings.Cut(rest, to)
	if !ok || !ended {
		t.Fatalf("the README has no part from %q to %q", from, to)
	}
	return part
}

var quoted = regexp.MustCompile("`([^`]+)`")

func quotes(text string) []string {
	var found []string
	for _, match := range quoted.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	return found
}

// rows are the cells of a table in Markdown, without its heading.
func rows(table string) [][]string {
	var all [][]string
	for line := range strings.Lines(table) {
		if cells := strings.Split(strings.TrimSpace(line), "|"); len(cells) > 3 && !strings.HasPrefix(line, "|--") {
			all = append(all, cells[1:len(cells)-1])
		}
	}
	return all
}

func TestTheMapInTheReadmeNamesEveryPackageAndNothingElse(t *testing.T) {
	t.Parallel()
	var mapped []string
	for _, row := range rows(between(t, readme(t), "## The map", "## ")) {
		for _, dir := range quotes(row[0]) {
			if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
				t.Errorf("the map names %s, which does not exist", dir)
			}
			mapped = append(mapped, strings.TrimSuffix(dir, "/"))
		}
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules" || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		pkg, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		// What lies below a room belongs to it; app itself is the command and no room.
		if !slices.ContainsFunc(mapped, func(dir string) bool { return pkg == dir || (dir != "app" && strings.HasPrefix(pkg, dir+"/")) }) {
			t.Errorf("the map lacks %s", pkg)
			mapped = append(mapped, pkg)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// subcommands are what the help of a command lists.
func subcommands(t *testing.T, args ...string) []string {
	t.Helper()
	var out bytes.Buffer
	if code := command.Run(append([]string{"help"}, args...), strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("konote help %s: %d: %s", strings.Join(args, " "), code, out.String())
	}
	_, list, _ := strings.Cut(out.String(), "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	var names []string
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "help" && fields[0] != "completion" {
			names = append(names, fields[0])
		}
	}
	return names
}

func TestTheCommandsInTheReadmeAreThoseThereAre(t *testing.T) {
	t.Parallel()
	told := map[string][]string{}
	for _, row := range rows(between(t, readme(t), "<!-- commands: held by a test -->", "<!-- end -->")) {
		if names := quotes(row[0]); len(names) == 1 {
			name := strings.TrimPrefix(names[0], "konote ")
			told[name] = []string{}
			for _, below := range quotes(row[1]) {
				told[name] = append(told[name], strings.TrimPrefix(below, "konote "+name+" "))
			}
		}
	}
	all := subcommands(t)
	if len(all) < 8 {
		t.Fatalf("help lists %q alone", all)
	}
	for _, name := range all {
		words, ok := told[name]
		if !ok {
			t.Errorf("the README lacks konote %s", name)
			continue
		}
		below := subcommands(t, name)
		for _, one := range below {
			if !slices.Contains(words, one) {
				t.Errorf("the README lacks konote %s %s", name, one)
			}
		}
		for _, word := range words {
			if !strings.HasPrefix(word, "--") && !slices.Contains(below, word) {
				t.Errorf("the README has konote %s %s, which does not exist", name, word)
			}
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("the README has konote %s, which does not exist", name)
	}
}

func TestTheSettingsInTheReadmeAreThoseThereAre(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- settings: generated from app/config, held by a test -->", "<!-- end -->"
	text := readme(t)
	got, want := between(t, text, begin, end), config.Table()
	if got == want {
		return
	}
	if !*update {
		t.Fatalf("the README's settings are not those of app/config; run go test ./app/server -run Settings -update\ngot\n%s\nwant\n%s", got, want)
	}
	fresh := strings.Replace(text, begin+"\n"+got+end, begin+"\n"+want+end, 1)
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte(fresh), 0o644); err != nil {
		t.Fatal(err)
	}
}
