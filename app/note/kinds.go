package note

import (
	"konote/app/i18n"
)

// Kind is how much a note says.
type Kind string

// The kinds, as stored. A full note tells of goals, has values or follows a template;
// every n-th of them asks for a measure. An assessment is one measure by itself, apart from
// goals, with what was said about it.
const (
	Quick      Kind = "quick"
	Full       Kind = "full"
	Assessment Kind = "assessment"
)

// Interaction is how two people met.
type Interaction string

// The interactions, as stored, in the order in which a form offers them.
const (
	Session    Interaction = "session"
	Phone      Interaction = "phone"
	Text       Interaction = "text"
	Email      Interaction = "email"
	HomeVisit  Interaction = "home_visit"
	Group      Interaction = "group"
	Collateral Interaction = "collateral" // about the participant, with somebody else
	Admin      Interaction = "admin"
	Other      Interaction = "other"
)

// Interactions lists them.
var Interactions = []Interaction{Session, Phone, Text, Email, HomeVisit, Group, Collateral, Admin, Other}

var interactionLabels = map[Interaction]i18n.Key{
	Session: i18n.NoteInteractionSession, Phone: i18n.NoteInteractionPhone, Text: i18n.NoteInteractionText,
	Email: i18n.NoteInteractionEmail, HomeVisit: i18n.NoteInteractionHomeVisit, Group: i18n.NoteInteractionGroup,
	Collateral: i18n.NoteInteractionCollateral, Admin: i18n.NoteInteractionAdmin, Other: i18n.NoteInteractionOther,
}

// Label is the interaction in words.
func (i Interaction) Label() i18n.Message { return interactionLabels[i] }

// atDistance says whether somebody has to be reached first.
func (i Interaction) atDistance() bool { return i == Phone || i == Text || i == Email }

// modality is where an interaction takes place by its nature, "" where that is asked.
func (i Interaction) modality() Modality {
	switch i {
	case Phone:
		return ByPhone
	case Text, Email:
		return InWriting
	case HomeVisit:
		return InPerson
	}
	return ""
}

// Outcome is whether the participant was reached.
type Outcome string

// The outcomes, as stored; "" where the question does not arise.
const (
	Reached     Outcome = "reached"
	LeftMessage Outcome = "left_message"
	NoAnswer    Outcome = "no_answer"
)

// Outcomes lists them.
var Outcomes = []Outcome{Reached, LeftMessage, NoAnswer}

var outcomeLabels = map[Outcome]i18n.Key{
	Reached: i18n.NoteOutcomeReached, LeftMessage: i18n.NoteOutcomeLeftMessage, NoAnswer: i18n.NoteOutcomeNoAnswer,
}

// Label is the outcome in words.
func (o Outcome) Label() i18n.Message { return outcomeLabels[o] }

// Modality is where or over what two people met.
type Modality string

// The modalities, as stored; "" where nothing was said.
const (
	InPerson    Modality = "in_person"
	ByPhone     Modality = "phone"
	ByVideo     Modality = "video"
	InWriting   Modality = "text"
	InCommunity Modality = "in_community"
)

// Modalities lists them.
var Modalities = []Modality{InPerson, ByVideo, ByPhone, InWriting, InCommunity}

var modalityLabels = map[Modality]i18n.Key{
	InPerson: i18n.NoteModalityInPerson, ByPhone: i18n.NoteModalityPhone, ByVideo: i18n.NoteModalityVideo,
	InWriting: i18n.NoteModalityText, InCommunity: i18n.NoteModalityInCommunity,
}

// Label is the modality in words.
func (m Modality) Label() i18n.Message { return modalityLabels[m] }

// Weight is how important a participant's suggestion seems to the worker.
type Weight string

// The weights, as stored.
const (
	Noted          Weight = "noted"
	WorthExploring Weight = "worth_exploring"
	Important      Weight = "important"
	Urgent         Weight = "urgent"
)

// Weights lists them.
var Weights = []Weight{Noted, WorthExploring, Important, Urgent}

var weightLabels = map[Weight]i18n.Key{
	Noted: i18n.NoteWeightNoted, WorthExploring: i18n.NoteWeightWorthExploring, Important: i18n.NoteWeightImportant, Urgent: i18n.NoteWeightUrgent,
}

// Label is the weight in words.
func (w Weight) Label() i18n.Message { return weightLabels[w] }

// Engagement is how the participant took part, as the worker saw it.
type Engagement string

// The values, as stored, from the farthest to the closest.
const (
	Disengaged Engagement = "disengaged"
	Guarded    Engagement = "guarded"
	Motions    Engagement = "motions"
	Engaged    Engagement = "engaged"
	Valuing    Engagement = "valuing"
	Unsure     Engagement = "unsure"
)

// Engagements lists them.
var Engagements = []Engagement{Disengaged, Guarded, Motions, Engaged, Valuing, Unsure}

var engagementLabels = map[Engagement]i18n.Key{
	Disengaged: i18n.NoteEngagementDisengaged, Guarded: i18n.NoteEngagementGuarded, Motions: i18n.NoteEngagementMotions,
	Engaged: i18n.NoteEngagementEngaged, Valuing: i18n.NoteEngagementValuing, Unsure: i18n.NoteEngagementUnsure,
}

// Label is the engagement in words.
func (e Engagement) Label() i18n.Message { return engagementLabels[e] }

// Rater is whose answer an alliance rating is.
type Rater string

// The raters, as stored.
const (
	ByParticipant Rater = "participant"
	ByWorker      Rater = "worker"
)

// Alliance is how the two of them work together: one of five answers in plain words to
// a question that changes from note to note.
type Alliance struct {
	Rating int   `json:"rating,omitempty"` // 1 to 5; 0: not asked
	By     Rater `json:"by,omitempty"`
	Prompt int   `json:"prompt,omitempty"` // index in prompts
}

// A prompt is a question about working together, and its five answers.
type prompt struct {
	question i18n.Key
	answers  [5]i18n.Key
}

// prompts take turns with each participant, so that nobody learns to answer one of them.
var prompts = [...]prompt{
	{i18n.NoteAllianceQ0, [5]i18n.Key{i18n.NoteAllianceQ0A1, i18n.NoteAllianceQ0A2, i18n.NoteAllianceQ0A3, i18n.NoteAllianceQ0A4, i18n.NoteAllianceQ0A5}},
	{i18n.NoteAllianceQ1, [5]i18n.Key{i18n.NoteAllianceQ1A1, i18n.NoteAllianceQ1A2, i18n.NoteAllianceQ1A3, i18n.NoteAllianceQ1A4, i18n.NoteAllianceQ1A5}},
	{i18n.NoteAllianceQ2, [5]i18n.Key{i18n.NoteAllianceQ2A1, i18n.NoteAllianceQ2A2, i18n.NoteAllianceQ2A3, i18n.NoteAllianceQ2A4, i18n.NoteAllianceQ2A5}},
}

// promptOf is the question with this index. One that there is no more is the first.
func promptOf(index int) prompt {
	if index < 0 || index >= len(prompts) {
		index = 0
	}
	return prompts[index]
}
