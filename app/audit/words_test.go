package audit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/app/i18n"
)

// kept are the types of which whole values are put into entries, by their directory.
var kept = map[string][]string{
	"alert": {"Alert", "Recommendation"}, "circle": {"Circle", "Member"}, "consent": {"Event", "Words"}, "directive": {"Directive"},
	"event": {"Event", "Type"}, "grant": {"Grant", "Reason"}, "group": {"Group", "Session", "Step"}, "message": {"Contact", "Message"},
	"metric": {"Metric"}, "note": {"Note", "Template"}, "participant": {"Details"}, "plan": {"Section", "Template", "content"}, "program": {"Program"},
}

var jsonName = regexp.MustCompile(`json:"([A-Za-z_]+)[",]`)

func TestEveryFieldOfAnEntryHasItsWords(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	for feature, types := range kept {
		paths, err := filepath.Glob(filepath.Join("..", feature, "*.go"))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: got %v", feature, err)
		}
		var source []byte
		for _, path := range paths {
			one, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			source = append(source, one...)
		}
		for _, name := range types {
			body := regexp.MustCompile(`(?s)\ntype ` + name + ` struct {\n(.*?)\n}`).FindSubmatch(source)
			if body == nil {
				t.Errorf("%s has no type %s any more", feature, name)
				continue
			}
			for _, match := range jsonName.FindAllSubmatch(body[1], -1) {
				names[snake(string(match[1]))] = feature + "." + name
			}
		}
	}
	source, err := os.ReadFile("../settings/settings.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`Name = "([a-z_]+)"`).FindAllSubmatch(source, -1) {
		names[string(match[1])] = "settings"
	}
	if len(names) < 50 {
		t.Fatalf("found only %d fields", len(names))
	}
	for name, where := range names {
		key := i18n.Key("audit.field." + name)
		for _, language := range []string{"en", "fr"} {
			if i18n.NewPrinter(language, nil, nil).T(key) == string(key) {
				t.Errorf("%s of %s has no words: add %s to app/i18n/catalogue/audit.txt", name, where, key)
			}
		}
	}
}

func TestValuesAreToldInWordsWhereThereAreSome(t *testing.T) {
	t.Parallel()
	program := uuid.New()
	w := words{printer: i18n.NewPrinter("en", nil, nil), programs: map[uuid.UUID]string{program: "Youth"}}
	for _, test := range []struct{ field, kept, want string }{
		{"role", "direct_service", "Direct service"},
		{"role", "", ""},
		{"status", "deactivated", "Deactivated"},
		{"status", "archived", "Archived"},
		{"confidential", "true", "Yes"},
		{"confidential", "false", "No"},
		{"access_tier", "3", "3. Clinical safeguards"},
		{"service_model", "group", "In groups"},
		{"kind", "denied", "Refused"},
		{"with", "recovery", "Recovery codes"},
		{"program_id", program.String(), "Youth"},
		{"name_en", "group", "group"},
		{"status", "unheard_of", "unheard_of"},
	} {
		if got := w.value(test.field, test.kept); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.field, test.kept, got, test.want)
		}
	}
}

// What was kept as lists and objects is read by people, not by programmers.
func TestNestedValuesAreToldInWords(t *testing.T) {
	t.Parallel()
	program, unknown, measure := uuid.New(), uuid.New(), uuid.New()
	w := words{printer: i18n.NewPrinter("en", nil, nil), programs: map[uuid.UUID]string{program: "Youth"}, things: map[uuid.UUID]string{measure: "Sleep"}}
	for _, test := range []struct {
		field, kept string
		want        []string
	}{
		{"roles", `{"` + program.String() + `":"front_desk"}`, []string{"Youth: Front desk"}},
		{"roles", `{"` + unknown.String() + `":"executive"}`, []string{Reference(unknown) + ": Executive"}},
		{"second_factor", `["program_manager","executive"]`, []string{"Program manager, Executive"}},
		{"second_factor", `"required"`, []string{w.printer.T(i18n.FactorPolicyRequired)}},
		{"front_desk_fields", `{"phone":"view","email":"hidden"}`, []string{"E-mail: Hidden", "Phone: Sees"}},
		{"bands", `[{"from":0,"to":3,"en":"Low","fr":"Faible"},{"from":4,"to":10,"en":"High","fr":"Élevé"}]`,
			[]string{"English: Low; French: Faible; From: 0; To: 3", "English: High; French: Élevé; From: 4; To: 10"}},
		{"body", `{"sections":[{"en":"Home","fr":"Logis","targets":[{"en":"Rent","fr":"Loyer","metrics":["` + measure.String() + `"]}]}]}`,
			[]string{"English: Home; French: Logis; Goals: (English: Rent; French: Loyer; Measures: Sleep)"}},
		{"options", `[]`, []string{""}},
		{"bands", `null`, []string{""}},
		{"name", `"{not an object}"`, []string{"{not an object}"}},
		{"name", `"[1,2]"`, []string{"[1,2]"}},
		{"high", `10`, []string{"10"}},
		{"expires", `"2026-02-03T09:30:00Z"`, []string{w.printer.Moment(time.Date(2026, 2, 3, 9, 30, 0, 0, time.UTC))}},
	} {
		if diff := cmp.Diff(test.want, w.lines(test.field, json.RawMessage(test.kept))); diff != "" {
			t.Errorf("%s %s: %s", test.field, test.kept, diff)
		}
	}
	for _, language := range []string{"en", "fr"} {
		w.printer = i18n.NewPrinter(language, nil, nil)
		for _, kept := range []string{`{"en":{"participant":{"one":"client","many":"clients"}}}`, `[{"value":1,"en":"Yes","fr":"Oui","achieved":true}]`} {
			for _, line := range w.lines("terms", json.RawMessage(kept)) {
				if strings.ContainsAny(line, `{}[]"_`) {
					t.Errorf("%s: %s is told as %q", language, kept, line)
				}
			}
		}
	}
}

func TestAnEntrySaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	measure := uuid.New()
	w := words{printer: i18n.NewPrinter("en", nil, nil), things: map[uuid.UUID]string{measure: "Sleep"}}
	for _, test := range []struct {
		act     Action
		subject uuid.UUID
		want    string
	}{
		{"metric.update", measure, "Sleep"}, {"metric.update", uuid.New(), "Measures"}, {"metric.library", uuid.Nil, "Measures"},
		{"settings.update", uuid.Nil, "Settings"}, {"invitation.create", uuid.New(), "Invitations"}, {"event_type.update", uuid.New(), "Types of events"},
		{"note.create", uuid.New(), ""}, {"group.update", uuid.New(), ""},
	} {
		if got := w.about(Told{body: body{Action: test.act, Subject: test.subject}}); got != test.want {
			t.Errorf("%s: got %q, want %q", test.act, got, test.want)
		}
	}
}

func TestValuesOfTheAgencysOwnThingsAloneAreShown(t *testing.T) {
	t.Parallel()
	participant := []uuid.UUID{uuid.New()}
	for _, test := range []struct {
		act   Action
		about []uuid.UUID
		want  bool
	}{
		{"metric.update", nil, true}, {"grant_reason.update", nil, true}, {"note_template.create", nil, true}, {"plan_template.update", nil, true},
		{"event_type.update", nil, true}, {"invitation.create", nil, true}, {"factor.add", nil, true}, {"settings.update", nil, true},
		{"plan_template.apply", participant, false}, {"staff.update", participant, false},
		{"note.create", nil, false}, {"note.search", nil, false}, {"grant.review", nil, false}, {"group.update", nil, false},
		{"circle.update", nil, false}, {"watch.mark", nil, false}, {"draft.begin", nil, false}, {"event.update", nil, false},
	} {
		if got := (Told{body: body{Action: test.act, Participants: test.about}}).valuesShown(); got != test.want {
			t.Errorf("%s about %d people: got %v, want %v", test.act, len(test.about), got, test.want)
		}
	}
}

// The list of acts is that of a manager: what an act is called, and that there is one.
func TestEveryActOfAManagersFilterHasItsWordsOnce(t *testing.T) {
	t.Parallel()
	seen := map[Action]bool{}
	for _, act := range managersActs {
		if seen[act] {
			t.Errorf("%s stands there twice", act)
		}
		seen[act] = true
		for _, language := range []string{"en", "fr"} {
			key := i18n.Key("audit.action." + string(act))
			if i18n.NewPrinter(language, nil, nil).T(key) == string(key) {
				t.Errorf("%s has no words", act)
			}
		}
	}
}
