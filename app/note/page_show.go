package note

import (
	"konote/app/i18n"
	"konote/app/metric"
	"konote/app/staff"
	"konote/app/view"
)

// What the page of a note shows, in words.

func metricName(f *view.Frame, metrics []metric.Metric, v Value) string {
	if m, ok := metric.Find(metrics, v.Metric); ok {
		return m.Name(f.P)
	}
	return ""
}

func metricValue(f *view.Frame, metrics []metric.Metric, v Value) string {
	if v.Number == nil {
		return v.Words
	}
	m, _ := metric.Find(metrics, v.Metric)
	return m.Placed(f.P, *v.Number)
}

func suggestionBy(f *view.Frame, n Note) string {
	if n.Weight == "" {
		return f.T(i18n.NoteSuggestionSaid)
	}
	return f.T(i18n.NoteSuggestionSaid) + " · " + f.T(n.Weight.Label())
}

// shownModality is where they met, unless the interaction says so.
func shownModality(f *view.Frame, n Note) string {
	if n.Modality == "" || n.Interaction.modality() != "" {
		return ""
	}
	return f.T(n.Modality.Label())
}

func shownMinutes(f *view.Frame, n Note) string {
	if n.Minutes == 0 {
		return ""
	}
	return f.T(i18n.NoteMinutesSaid(n.Minutes))
}

func shownEngagement(f *view.Frame, n Note) string {
	if n.Engagement == "" {
		return ""
	}
	return f.T(n.Engagement.Label())
}

func allianceSaid(f *view.Frame, a Alliance) string {
	who := i18n.NoteAllianceByWorkerSaid
	if a.By == ByParticipant {
		who = i18n.NoteAllianceByParticipantSaid
	}
	return f.T(i18n.NoteAllianceSaid(f.T(promptOf(a.Prompt).answers[a.Rating-1]), a.Rating, f.T(who)))
}

// crumb names where the form that moves a follow-up leads back to.
func (page followUpPage) crumb(f *view.Frame) string {
	if page.Back != "" {
		return f.T(i18n.HomeTitle)
	}
	return f.T(i18n.NoteShowTitle)
}

// signed is who wrote a note, and as what.
func signed(f *view.Frame, e entry) string {
	return e.Author + " (" + f.T(staff.RoleLabel(e.AuthorRole)) + ")"
}

// textLabel is what the worker's words are.
func textLabel(n Note) i18n.Message {
	if n.Kind == Assessment {
		return i18n.NoteAssessmentText
	}
	return i18n.NoteText
}
