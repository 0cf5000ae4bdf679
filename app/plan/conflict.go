package plan

import (
	"net/url"
	"slices"
	"strconv"

	"konote/app/i18n"
	"konote/app/view"
)

// A difference is one field in which two versions are not the same.
type difference struct {
	name   string // of the field in its form
	label  i18n.Key
	yours  string
	theirs string
	by     changedBy
}

type changedBy uint8

const (
	you  changedBy = iota // the actor alone
	them                  // somebody else alone
	both
)

// differ compares what was typed with what is there now. began says whether it is known
// what the form began with (base).
func differ(name string, label i18n.Key, mine, other, base string, began bool) (difference, bool) {
	by := both
	switch {
	case began && base == other:
		by = you
	case began && base == mine:
		by = them
	}
	return difference{name, label, mine, other, by}, mine != other
}

// disputed says whether somebody else has made one of the differences.
func disputed(differences []difference) bool {
	return slices.ContainsFunc(differences, func(d difference) bool { return d.by != you })
}

// first is the version that is chosen as the page of a conflict opens: the actor's own,
// where she changed the field.
func (d difference) first() string {
	if d.by == them {
		return d.theirs
	}
	return d.yours
}

// words say who changed it.
func (c changedBy) words() i18n.Message {
	switch c {
	case you:
		return i18n.PlanConflictYou
	case them:
		return i18n.PlanConflictThem
	}
	return i18n.PlanConflictBoth
}

// An asked is a field of a short form, with what is there now.
type asked struct {
	name  string
	label i18n.Key
	now   string
}

// A base is what a form began with, by the names of its fields.
type base map[string]string

// baseNow is that of a form that opens.
func baseNow(fields []asked) base {
	now := base{}
	for _, a := range fields {
		now[a.name] = a.now
	}
	return now
}

// baseOf is that of a form that was sent.
func baseOf(form url.Values, fields []asked) base {
	began := base{}
	for _, a := range fields {
		if text, ok := form["base_"+a.name]; ok {
			began[a.name] = text[0]
		}
	}
	return began
}

// same are the fields in which nothing differs, as the page of a conflict sends them.
func same(fields []asked, differences []difference) base {
	rest := base{}
	for _, a := range fields {
		if !slices.ContainsFunc(differences, func(d difference) bool { return d.name == a.name }) {
			rest[a.name] = a.now
		}
	}
	return rest
}

// compare lists the fields in which what was sent differs from what is there now.
func compare(form url.Values, fields []asked) []difference {
	began := baseOf(form, fields)
	var found []difference
	for _, a := range fields {
		from, known := began[a.name]
		if d, differs := differ(a.name, a.label, form.Get(a.name), a.now, from, known); differs {
			found = append(found, d)
		}
	}
	return found
}

// formVersion is the version that a form was made from.
func formVersion(form url.Values) int {
	version, _ := strconv.Atoi(form.Get("version")) // a broken number is a version that does not exist: a conflict
	return version
}

// A conflict is the page on which the actor chooses between her version and the one that
// is there now, line by line. What it sends is the form once more, made from the version
// that is there now.
type conflict struct {
	From        string   // what the page leads back to, by name
	Back        view.URL // and where that is
	Title       i18n.Message
	Saved       string // when the version that is there now was saved, and by whom
	Beside      string // what else somebody else has said meanwhile; "" for nothing
	Action      view.URL
	Version     int // that is there now
	Base        base
	Hidden      base // what the form holds besides
	Keep        view.Draft
	Differences []difference
	Text        func(f *view.Frame, name, value string) string // one version of a field, in words
}

// text is one version of a field, in words.
func (c conflict) text(f *view.Frame, d difference, value string) string {
	if value == "" {
		return f.T(i18n.PlanConflictEmpty)
	}
	return c.Text(f, d.name, value)
}
