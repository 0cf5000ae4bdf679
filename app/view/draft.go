package view

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"konote/app/i18n"
)

// Names of the hidden fields that a form with a draft carries.
const (
	// DraftPrefix begins them all; such fields are never part of a draft.
	DraftPrefix        = "draft_"
	DraftWindowField   = DraftPrefix + "window"
	DraftSequenceField = DraftPrefix + "sequence"
	DraftFromField     = DraftPrefix + "from"
	// DraftOfField names the form and its record: what a save is addressed to.
	DraftOfField = DraftPrefix + "of"
	// DraftDropField names the one window whose version is to be discarded.
	DraftDropField = DraftPrefix + "drop"
)

// Draft is what a form knows of what it keeps on the server while it is typed in. The
// zero Draft is a form that keeps nothing. Package draft makes it.
type Draft struct {
	Save     URL    // the script's saves
	Keep     URL    // "Save draft" without a script
	Discard  URL    // take it away
	Page     URL    // the form itself
	Window   string // this opening of the form
	Sequence string // of the window's saves
	From     string // the save that this opening began with; "" for none
	BegunAt  time.Time
	SavedAt  time.Time // zero: what is shown is not a draft
	Today    bool      // SavedAt is today: the time of day says enough
	Other    *DraftOther
}

// DraftOther is what another window has kept of the same form: the fields in which the
// two differ.
type DraftOther struct {
	Window string     `json:"window"`
	Saved  string     `json:"saved"` // when, in words
	Values url.Values `json:"values"`
}

// Begun says whether the form shows what was begun earlier: its values then stand in
// web.Request.Form.
func (d Draft) Begun() bool { return !d.SavedAt.IsZero() }

// Keeps says whether there is anything that keeps.
func (d Draft) Keeps() bool { return !d.Save.IsZero() }

// savedText is when it was saved, in words.
func (d Draft) savedText(f *Frame) string {
	switch {
	case !d.Begun():
		return ""
	case d.Today:
		return f.P.Clock(d.SavedAt)
	}
	return f.P.Moment(d.SavedAt)
}

// other is what the script compares with.
func (d Draft) other() string {
	if d.Other == nil {
		return ""
	}
	var b strings.Builder
	if err := json.NewEncoder(&b).Encode(d.Other); err != nil {
		return "" // strings alone: it cannot fail
	}
	return b.String()
}

func (d Draft) otherWindow() string {
	if d.Other == nil {
		return ""
	}
	return d.Other.Window
}

func draftOtherTitle(f *Frame, d Draft) string {
	if d.Other == nil {
		return f.T(i18n.DraftOtherTitle("%"))
	}
	return f.T(i18n.DraftOtherTitle(d.Other.Saved))
}
