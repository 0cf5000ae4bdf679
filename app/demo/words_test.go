package demo

import (
	"slices"
	"testing"

	"konote/app/plan"
)

func TestThereAreWordsForEverything(t *testing.T) {
	t.Parallel()
	want := func(section string) {
		if len(words[section]) == 0 {
			t.Errorf("there are no sentences in [%s]", section)
		}
	}
	for _, language := range []string{"en", "fr"} {
		for _, d := range plan.Descriptors {
			want(string(d) + " " + language + " words")
			want(string(d) + " " + language + " worker")
		}
		for _, section := range []string{"suggestion", "addendum", "alert", "assessment", "review", "event", "serious", "meeting", "place", "contact",
			"message", "times", "advice", "group", "session", "highlight", "circle", "relation", "relative", "family", "wrong", "hold", "emergency", "access"} {
			want(section + " " + language)
		}
		for _, a := range agencies {
			for _, p := range a.Programs {
				want(p.Theme + " " + language + " open")
				if len(goals[p.Theme]) == 0 {
					t.Errorf("nobody in %s has a goal", p.Theme)
				}
				for i, g := range goals[p.Theme] {
					for _, part := range []string{"section", "name", "words", "about"} {
						if g.Words[language][part] == "" {
							t.Errorf("goal %d of %s says no %s in %s", i, p.Theme, part, language)
						}
					}
				}
			}
		}
	}
	if most := slices.Max([]int{len(words["contact en"]), len(words["contact fr"])}); most > 4 {
		t.Errorf("there are %d contacts and four channels", most)
	}
}
