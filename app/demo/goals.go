package demo

import (
	_ "embed"
	"strings"
)

//go:embed goals.txt
var goalsText string

// A goalSpec is what an invented participant may work towards: how it is measured, and its
// words by language.
type goalSpec struct {
	Metrics []string // library keys
	Words   map[string]goalWords
}

// goalWords are section, name, words and about of goals.txt.
type goalWords map[string]string

// goals are those of goals.txt by theme.
var goals = func() map[string][]*goalSpec {
	byTheme := map[string][]*goalSpec{}
	var spec *goalSpec
	for line := range strings.Lines(goalsText) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if head, ok := strings.CutPrefix(line, "["); ok {
			theme, metrics, _ := strings.Cut(head, "] ")
			spec = &goalSpec{Metrics: strings.Fields(metrics), Words: map[string]goalWords{"en": {}, "fr": {}}}
			byTheme[theme] = append(byTheme[theme], spec)
			continue
		}
		language, rest, _ := strings.Cut(line, " ")
		name, text, _ := strings.Cut(rest, ": ")
		spec.Words[language][name] = text
	}
	return byTheme
}()
