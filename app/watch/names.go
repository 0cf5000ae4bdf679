package watch

import (
	"strings"
	"unicode/utf8"

	"konote/app/find"
)

// folded are the words of a name as they are compared everywhere: without accents and
// capitals, parted at spaces and hyphens.
func folded(name string) []string {
	return strings.Fields(string(find.Fold(nil, name)))
}

// familyOf is what may be a family name in what somebody is called at work: everything but
// the first name.
func familyOf(displayName string) []string {
	names := strings.Fields(displayName)
	if len(names) < 2 {
		return nil
	}
	return folded(strings.Join(names[1:], " "))
}

// share says whether two lists have a word of some length in common.
func share(a, b []string) bool {
	for _, word := range a {
		if utf8.RuneCountInString(word) < shortestName {
			continue
		}
		for _, other := range b {
			if word == other {
				return true
			}
		}
	}
	return false
}

// A somebody is a member of staff or a participant, as far as the two are compared.
type somebody struct {
	whole  string // the folded words of the name, in order
	email  string
	family []string
}

func newSomebody(first, last, email string) somebody {
	return somebody{
		whole: strings.Join(folded(first+" "+last), " "), email: strings.ToLower(strings.TrimSpace(email)), family: folded(last),
	}
}

// same says whether the two may be one person.
func (s somebody) same(other somebody) bool {
	return s.whole != "" && s.whole == other.whole || s.email != "" && s.email == other.email
}
