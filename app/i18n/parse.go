package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
)

//go:embed catalogue/*.txt
var catalogueFiles embed.FS

// Entry is one message of the catalogue. A form is "en", "fr" or, where the message
// counts something, "en.one", "en.other", "fr.one", "fr.other".
type Entry struct {
	Key   Key
	Forms map[string]string
	Args  []string // names in order of first use, without terms
	File  string
}

// Counts says whether the message chooses its form by a number.
func (e Entry) Counts() bool { _, ok := e.Forms["en.other"]; return ok }

var (
	keyPattern  = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+$`)
	slotPattern = regexp.MustCompile(`\{([^{}]*)\}`)
)

// unbroken keeps French signs on the line of the word that they belong to, so that nobody
// has to type the space that does not break.
var unbroken = strings.NewReplacer(" :", nbsp+":", " »", nbsp+"»", "« ", "«"+nbsp)

// Parse reads the catalogue in files named catalogue/*.txt and checks that every
// message has both languages with the same arguments.
func Parse(files fs.FS) ([]Entry, error) {
	names, err := fs.Glob(files, "catalogue/*.txt")
	if err != nil {
		return nil, err
	}
	var entries []Entry
	seen := map[Key]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		for _, block := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n\n") {
			entry, err := parseBlock(block)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path.Base(name), err)
			}
			if entry.Key == "" {
				continue
			}
			if other, ok := seen[entry.Key]; ok {
				return nil, fmt.Errorf("%s: %s is in %s too", path.Base(name), entry.Key, other)
			}
			seen[entry.Key] = path.Base(name)
			entry.File = path.Base(name)
			entries = append(entries, entry)
		}
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Key < entries[j].Key })
	return entries, nil
}

func parseBlock(block string) (Entry, error) {
	entry := Entry{Forms: map[string]string{}}
	for _, line := range strings.Split(block, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if entry.Key == "" {
			if !keyPattern.MatchString(line) {
				return entry, fmt.Errorf("%q is not a key", line)
			}
			entry.Key = Key(line)
			continue
		}
		form, text, ok := strings.Cut(line, " ")
		switch form {
		case "en", "fr", "en.one", "en.other", "fr.one", "fr.other":
		default:
			ok = false
		}
		if !ok || text == "" {
			return entry, fmt.Errorf("%s: %q is not a form", entry.Key, line)
		}
		if _, twice := entry.Forms[form]; twice {
			return entry, fmt.Errorf("%s: %s twice", entry.Key, form)
		}
		if strings.HasPrefix(form, "fr") {
			text = unbroken.Replace(text)
		}
		entry.Forms[form] = text
	}
	if entry.Key == "" {
		return entry, nil
	}
	return entry, entry.check()
}

func (e *Entry) check() error {
	plain, counted := len(e.Forms) == 2, len(e.Forms) == 4
	for _, form := range []string{"en", "fr"} {
		if _, ok := e.Forms[form]; !ok {
			plain = false
		}
		if _, ok := e.Forms[form+".one"]; !ok {
			counted = false
		}
	}
	if !plain && !counted {
		return fmt.Errorf("%s: wants en and fr, or one and other of both", e.Key)
	}
	sets := map[string]map[string]bool{"en": {}, "fr": {}}
	for _, form := range []string{"en", "en.one", "en.other", "fr", "fr.one", "fr.other"} {
		for _, slot := range slotPattern.FindAllStringSubmatch(e.Forms[form], -1) {
			if _, ok := parseTerm(slot[1]); ok {
				continue
			}
			if !regexp.MustCompile(`^[a-z][a-zA-Z]*$`).MatchString(slot[1]) {
				return fmt.Errorf("%s: {%s} is neither an argument nor a term", e.Key, slot[1])
			}
			known := sets["en"][slot[1]] || sets["fr"][slot[1]]
			sets[form[:2]][slot[1]] = true
			if !known {
				e.Args = append(e.Args, slot[1])
			}
		}
	}
	for _, arg := range e.Args {
		if sets["en"][arg] != sets["fr"][arg] {
			return fmt.Errorf("%s: {%s} is in one language only", e.Key, arg)
		}
	}
	if counted && !sets["en"]["n"] {
		e.Args = append([]string{"n"}, e.Args...)
	}
	return nil
}
