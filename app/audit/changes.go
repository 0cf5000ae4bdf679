package audit

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"konote/app/i18n"
)

// A change is one field that an act set. Without values, Before and After are empty.
type change struct {
	Field         string // in snake case
	Before, After string
}

// changes are the fields that differ, in order of name.
func (d detail) changes(values bool) []change {
	before, after := fields(d.Before), fields(d.After)
	var list []change
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		c := change{Field: name, Before: plain(before[name]), After: plain(after[name])}
		if c.Before == c.After {
			continue
		}
		if !values {
			c.Before, c.After = "", ""
		}
		list = append(list, c)
	}
	return list
}

func union(a, b map[string]json.RawMessage) map[string]json.RawMessage {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// fields are the members of a JSON object; anything else is one member "value".
func fields(raw json.RawMessage) map[string]json.RawMessage {
	members := map[string]json.RawMessage{}
	if raw == nil {
		return members
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		members["value"] = raw
		return members
	}
	for name, value := range object {
		members[snake(name)] = value
	}
	return members
}

// snake turns the name of a Go field into that of a column: NameEN into name_en.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		begins := unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || (i+1 < len(runes) && unicode.IsLower(runes[i+1])))
		if begins && runes[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// plain is a JSON value as a person would write it.
func plain(raw json.RawMessage) string {
	var text string
	switch {
	case raw == nil, string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return text
	}
	return string(raw)
}

// wordsBelow are the beginnings of the keys below which the catalogues have words for the
// values of a field.
var wordsBelow = map[string]string{
	"role":          "staff.role.",
	"service_model": "program.service_model.",
	"kind":          "metric.kind.",
	"category":      "metric.category.",
	"better":        "metric.better.",
	"interaction":   "note.interaction.",
	"provisioning":  "sso.settings.provisioning.",
	"with":          "factor.kind.",
}

// wordsFor are words for the values of a field whose keys are called otherwise.
var wordsFor = map[string]i18n.Key{
	"status active":      i18n.PeopleActive,
	"status deactivated": i18n.PeopleInactive,
	"status archived":    i18n.ProgramStatusArchived,
	"status off":         i18n.SsoSettingsStatusOff,
	"access_tier 1":      i18n.SettingsTierOpen,
	"access_tier 2":      i18n.SettingsTierRoles,
	"access_tier 3":      i18n.SettingsTierSafe,
	"kind denied":        i18n.AuditOutcomeRefused,
	"kind totp":          i18n.FactorKindApp,
	"kind passkey":       i18n.FactorKindPasskey,
	"with recovery":      i18n.FactorCodesTitle,
	"with password":      i18n.StaffSigninPassword,
}

// value is a value in the reader's language where the catalogues have words for it, and as
// it was kept otherwise.
func (w words) value(field, kept string) string {
	switch kept {
	case "true":
		return w.printer.T(i18n.AuditYes)
	case "false":
		return w.printer.T(i18n.AuditNo)
	}
	if id, err := uuid.Parse(kept); err == nil && w.programs[id] != "" {
		return w.programs[id]
	}
	if key, ok := wordsFor[field+" "+kept]; ok {
		return w.printer.T(key)
	}
	if below, ok := wordsBelow[field]; ok {
		key := i18n.Key(below + kept)
		if text := w.printer.T(key); text != string(key) {
			return text
		}
	}
	return kept
}
