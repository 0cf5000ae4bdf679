package note

import (
	"slices"

	"konote/app/civil"
	"konote/app/i18n"
	"konote/app/view"
)

const (
	maxText       = 20_000
	maxTakeaway   = 2_000
	maxSummary    = 2_000
	maxSuggestion = 2_000
	maxGoal       = 8_000
	maxMinutes    = 1_440
)

// check says what is wrong with a note that somebody wants to save today.
func (n Note) check(today civil.Date) view.Problems {
	var problems view.Problems
	if !slices.Contains(Interactions, n.Interaction) {
		problems.Add("interaction", i18n.NoteInteractionWanted)
	}
	if n.Interaction.atDistance() && !slices.Contains(Outcomes, n.Outcome) {
		problems.Add("outcome", i18n.NoteOutcomeWanted)
	} else if !n.says() && (!n.Interaction.atDistance() || n.Outcome == Reached) {
		problems.Add("text", i18n.NoteTextWanted)
	}
	for _, words := range []struct {
		label       i18n.Key
		field, text string
		max         int
	}{
		{i18n.NoteText, "text", n.Text, maxText}, {i18n.NoteTakeaway, "takeaway", n.Takeaway, maxTakeaway},
		{i18n.NoteSummary, "summary", n.Summary, maxSummary}, {i18n.NoteSuggestion, "suggestion", n.Suggestion, maxSuggestion},
	} {
		if view.TooLong(words.text, words.max) {
			problems.AddOf(words.label, words.field, i18n.FormTooLong(words.max))
		}
	}
	if n.Weight != "" && n.Suggestion == "" {
		problems.Add("suggestion", i18n.NoteSuggestionWanted)
	}
	if n.Alliance.Rating > 0 && n.Alliance.By == "" {
		problems.Add("alliance_by", i18n.NoteAllianceByWanted)
	}
	n.checkDays(today, &problems)
	return problems
}

func (n Note) checkDays(today civil.Date, problems *view.Problems) {
	switch {
	case n.HappenedOn.IsZero():
		problems.Add("happened_on", i18n.NoteDayWanted)
	case today.Before(n.HappenedOn):
		problems.Add("happened_on", i18n.NoteDayAhead)
	}
	if !n.FollowUpOn.IsZero() && n.FollowUpOn.Before(today) {
		problems.Add("follow_up_on", i18n.NoteFollowUpPast)
	}
}

// says says whether the note tells what happened, in whichever place.
func (n Note) says() bool { return n.Text != "" || said(n.Sections) }

// among is a choice that a form sent, or the zero value when there is no such choice.
func among[T ~string](text string, choices []T) T {
	if i := slices.Index(choices, T(text)); i >= 0 {
		return choices[i]
	}
	return ""
}
