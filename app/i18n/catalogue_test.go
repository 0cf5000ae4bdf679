package i18n

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// agencys are words of an agency that has chosen all of them: each begins with a vowel or has
// the other gender than the word that KoNote would use.
var agencys = Terms{
	"en": {"participant": {One: "elder", Many: "elders"}, "program": {One: "offering", Many: "offerings"}, "goal": {One: "aim", Many: "aims"}},
	"fr": {
		"participant": {One: "usager", Many: "usagers"},
		"program":     {One: "équipe", Many: "équipes", Feminine: true},
		"note":        {One: "compte rendu", Many: "comptes rendus"},
		"plan":        {One: "entente", Many: "ententes", Feminine: true},
		"goal":        {One: "visée", Many: "visées", Feminine: true},
		"metric":      {One: "indicateur", Many: "indicateurs"},
	},
}

func TestTermsAgree(t *testing.T) {
	t.Parallel()
	slots := []string{"participant", "Participants", "the participant", "a participant", "of participant", "of participants", "de participant", "to participant", "this participant", "e participant", "de notes", "The program"}
	for language, want := range map[string][2]string{
		"en": {
			"participant|Participants|the participant|a participant|of the participant|of the participants|participant|to the participant|this participant||notes|The program",
			"elder|Elders|the elder|an elder|of the elder|of the elders|elder|to the elder|this elder||notes|The offering",
		},
		"fr": {
			"personne participante|Personnes participantes|la personne participante|une personne participante|de la personne participante|des personnes participantes|de personne participante|à la personne participante|cette personne participante|e|de notes|Le programme",
			"usager|Usagers|l’usager|un usager|de l’usager|des usagers|d’usager|à l’usager|cet usager||de comptes rendus|L’équipe",
		},
	} {
		for i, terms := range []Terms{DefaultTerms, DefaultTerms.With(agencys)} {
			p := NewPrinter(language, terms, nil)
			var got []string
			for _, slot := range slots {
				got = append(got, p.slot(slot, nil, 0))
			}
			if joined := strings.Join(got, "|"); joined != want[i] {
				t.Errorf("%s:\ngot  %s\nwant %s", language, joined, want[i])
			}
		}
	}
}

// What French typography asks for: no-break spaces inside guillemets and before a colon,
// none before the other signs, and the typographic apostrophe.
func TestFrenchIsSetAsFrench(t *testing.T) {
	t.Parallel()
	wrong := regexp.MustCompile(`« | »| :| [;?!…]|\x{00a0}[;?!]|'|"|\p{L}·\p{L}`)
	for _, entry := range catalogue() {
		for form, text := range entry.Forms {
			if strings.HasPrefix(form, "fr") && wrong.MatchString(text) {
				t.Errorf("%s: %q has %q", entry.Key, text, wrong.FindString(text))
			}
		}
	}
}

// An agency's own word may be masculine or feminine and begin with any letter: what stands
// before it in a sentence has to be part of the slot.
func TestSentencesLeaveArticlesToTheTerm(t *testing.T) {
	t.Parallel()
	concepts := strings.Join(Concepts, "|")
	for language, wrong := range map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\ban? \{(` + concepts + `)\}`),
		"fr": regexp.MustCompile(`(?i)(\b(le|la|du|au|un|une|ce|cet|cette|tous les|toutes les|quels|quelles|de) |d’|l’|qu’)\{(` + concepts + `)s?\}|eau\{e |(el|en|on|eux)\{e `),
	} {
		for _, entry := range catalogue() {
			for form, text := range entry.Forms {
				if strings.HasPrefix(form, language) && wrong.MatchString(text) {
					t.Errorf("%s: %q has %q", entry.Key, text, wrong.FindString(text))
				}
			}
		}
	}
}

// What people read says an agency's own word for an idea, not KoNote's.
func TestSentencesUseTheAgencysWords(t *testing.T) {
	t.Parallel()
	literal := regexp.MustCompile(`(?i)\b(participants?|programs?|goals?)\b`)
	slot := regexp.MustCompile(`\{[^}]*\}`)
	apart := map[Key]bool{ // other ideas of the same name
		"event.feed.text": true, "event.feed.address.hint": true, // a program of a computer
		"web.unreadable.text": true, "web.operator.text": true, // of no agency
	}
	for key, entry := range catalogue() {
		for form, text := range entry.Forms {
			if strings.HasPrefix(form, "en") && !apart[key] && literal.MatchString(slot.ReplaceAllString(text, "")) {
				t.Errorf("%s: %q has %q", key, text, literal.FindString(slot.ReplaceAllString(text, "")))
			}
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for at, want := range map[time.Time][2]string{
		time.Date(2026, 2, 10, 19, 5, 0, 0, time.UTC): {"2:05\u00a0p.m.", "14\u00a0h\u00a005"},
		time.Date(2026, 2, 10, 19, 0, 0, 0, time.UTC): {"2:00\u00a0p.m.", "14\u00a0h"},
		time.Date(2026, 2, 10, 5, 0, 0, 0, time.UTC):  {"12:00\u00a0a.m.", "0\u00a0h"},
	} {
		for i, language := range []string{"en", "fr"} {
			if got := NewPrinter(language, nil, nil).Clock(at); got != want[i] {
				t.Errorf("%s at %s: got %q, want %q", language, at, got, want[i])
			}
		}
	}
}
