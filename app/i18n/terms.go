package i18n

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Term is an agency's word for one idea in one language.
type Term struct {
	One      string `json:"one"`
	Many     string `json:"many"`
	Feminine bool   `json:"feminine,omitempty"` // French
}

// Terms are an agency's words by language ("en", "fr") and concept.
type Terms map[string]map[string]Term

// Concepts are the words that an agency may choose.
var Concepts = []string{"participant", "worker", "program", "note", "plan", "section", "goal", "metric", "group", "enrolment"}

// DefaultTerms are used where the agency has chosen nothing.
var DefaultTerms = Terms{
	"en": {
		"participant": {One: "participant", Many: "participants"},
		"worker":      {One: "worker", Many: "workers"},
		"program":     {One: "program", Many: "programs"},
		"note":        {One: "note", Many: "notes"},
		"plan":        {One: "plan", Many: "plans"},
		"section":     {One: "section", Many: "sections"},
		"goal":        {One: "goal", Many: "goals"},
		"metric":      {One: "measure", Many: "measures"},
		"group":       {One: "group", Many: "groups"},
		"enrolment":   {One: "enrolment", Many: "enrolments"},
	},
	"fr": {
		"participant": {One: "personne participante", Many: "personnes participantes", Feminine: true},
		"worker":      {One: "membre du personnel", Many: "membres du personnel"},
		"program":     {One: "programme", Many: "programmes"},
		"note":        {One: "note", Many: "notes", Feminine: true},
		"plan":        {One: "plan", Many: "plans"},
		"section":     {One: "section", Many: "sections", Feminine: true},
		"goal":        {One: "objectif", Many: "objectifs"},
		"metric":      {One: "mesure", Many: "mesures", Feminine: true},
		"group":       {One: "groupe", Many: "groupes"},
		"enrolment":   {One: "inscription", Many: "inscriptions", Feminine: true},
	},
}

// With returns the terms with the agency's own words laid over them.
func (t Terms) With(own Terms) Terms {
	merged := Terms{}
	for _, language := range []string{"en", "fr"} {
		merged[language] = map[string]Term{}
		for _, concept := range Concepts {
			merged[language][concept] = t[language][concept]
			if word, ok := own[language][concept]; ok && word.One != "" && word.Many != "" {
				merged[language][concept] = word
			}
		}
	}
	return merged
}

// A termSlot is a parsed {the participant}.
type termSlot struct {
	concept string
	many    bool
	capital bool
	form    string // "", the, a, of, de, to, this, e
}

func parseTerm(slot string) (termSlot, bool) {
	form, word, spaced := strings.Cut(slot, " ")
	if !spaced {
		form, word = "", slot
	}
	t := termSlot{form: strings.ToLower(form)}
	first := slot
	if r, _ := utf8.DecodeRuneInString(first); unicode.IsUpper(r) {
		t.capital = true
	}
	switch t.form {
	case "", "the", "a", "of", "de", "to", "this", "e":
	default:
		return t, false
	}
	word = strings.ToLower(word)
	for _, concept := range Concepts {
		if word == concept || word == concept+"s" {
			t.concept, t.many = concept, word != concept
			return t, true
		}
	}
	return t, false
}

func (t termSlot) render(language string, terms Terms) string {
	term := terms[language][t.concept]
	word := term.One
	if t.many {
		word = term.Many
	}
	text := english(t, word)
	if language == "fr" {
		text = french(t, word, term.Feminine)
	}
	if t.capital {
		r, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(r)) + text[size:]
	}
	return text
}

func english(t termSlot, word string) string {
	switch t.form {
	case "the":
		return "the " + word
	case "of":
		return "of the " + word
	case "to":
		return "to the " + word
	case "this":
		if t.many {
			return "these " + word
		}
		return "this " + word
	case "a":
		if t.many {
			return word
		}
		if startsWithVowel(word) {
			return "an " + word
		}
		return "a " + word
	case "e":
		return ""
	}
	return word
}

func french(t termSlot, word string, feminine bool) string {
	elided := startsWithVowel(word) || strings.HasPrefix(strings.ToLower(word), "h")
	pick := func(elision, f, m, many string) string {
		switch {
		case t.many:
			return many + word
		case elided && elision != "":
			return elision + word
		case feminine:
			return f + word
		}
		return m + word
	}
	switch t.form {
	case "the":
		return pick("l’", "la ", "le ", "les ")
	case "of":
		return pick("de l’", "de la ", "du ", "des ")
	case "de": // of none in particular, one or many
		if elided {
			return "d’" + word
		}
		return "de " + word
	case "to":
		return pick("à l’", "à la ", "au ", "aux ")
	case "this":
		if elided && !feminine && !t.many {
			return "cet " + word
		}
		return pick("", "cette ", "ce ", "ces ")
	case "a":
		return pick("", "une ", "un ", "des ")
	case "e":
		if feminine {
			return "e"
		}
		return ""
	}
	return word
}

func startsWithVowel(word string) bool {
	r, _ := utf8.DecodeRuneInString(strings.ToLower(word))
	return strings.ContainsRune("aeiouàâäéèêëîïôöùûüœæ", r)
}
