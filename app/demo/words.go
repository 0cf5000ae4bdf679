package demo

import (
	_ "embed"
	"math/rand/v2"
	"strings"
)

//go:embed words.txt
var wordsText string

//go:embed said.txt
var saidText string

// words are the sentences of words.txt and said.txt by section: "housing en open".
var words = func() map[string][]string {
	sections := map[string][]string{}
	section := ""
	for line := range strings.Lines(wordsText + "\n" + saidText) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			sections[section] = append(sections[section], line)
		}
	}
	return sections
}()

// noteText composes what a worker wrote: an opening, a middle, mostly a next step.
func noteText(random *rand.Rand, theme, language string) string {
	parts := []string{
		pick(random, words[theme+" "+language+" open"]),
		pick(random, words[theme+" "+language+" middle"]),
	}
	if random.IntN(3) > 0 {
		if second := pick(random, words[theme+" "+language+" middle"]); second != parts[1] {
			parts = append(parts, second)
		}
	}
	if random.IntN(4) > 0 {
		parts = append(parts, pick(random, words[theme+" "+language+" next"]))
	}
	return strings.Join(parts, " ")
}

// takeaway is what a participant said, or nothing.
func takeaway(random *rand.Rand, theme, language string) string {
	if random.IntN(3) == 0 {
		return ""
	}
	return pick(random, words[theme+" "+language+" takeaway"])
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }
