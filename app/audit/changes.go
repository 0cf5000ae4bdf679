package audit

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A change is one field that an act set. Without values, Before and After are empty.
type change struct {
	Field         string // in snake case
	Before, After json.RawMessage
}

// changes are the fields that differ, in order of name.
func (d detail) changes(values bool) []change {
	before, after := fields(d.Before), fields(d.After)
	var list []change
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		if plain(before[name]) == plain(after[name]) {
			continue
		}
		c := change{Field: name}
		if values {
			c.Before, c.After = before[name], after[name]
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
