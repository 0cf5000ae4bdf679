package event

import (
	"slices"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/draft"
	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/participant"
	"konote/app/program"
	"konote/app/view"
	"konote/app/web"
	"konote/tenancy"
)

// The forms that are kept while they are typed in. New ones are about a participant,
// the others about the event or meeting itself.
var (
	NewForm = draft.Form{
		Name: "event.new", Title: i18n.EventNewTitle, About: participant.DraftAbout(access.EventCreate),
		Page:   func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "events", "new") },
		Fields: words(i18n.EventTitle, i18n.EventDescription),
	}
	EditForm = draft.Form{
		Name: "event.edit", Title: i18n.EventEditTitle, About: aboutEdit(Happening, access.EventView, access.EventCreate),
		Page:   func(record, _ uuid.UUID) view.URL { return view.To("events", record.String(), "edit") },
		Fields: words(i18n.EventTitle, i18n.EventDescription),
	}
	NewMeetingForm = draft.Form{
		Name: "meeting.new", Title: i18n.EventMeetingNewTitle, About: participant.DraftAbout(access.MeetingCreate),
		Page:   func(record, _ uuid.UUID) view.URL { return view.To("participants", record.String(), "meetings", "new") },
		Fields: words(i18n.EventMeetingAbout, i18n.EventMeetingNotes),
	}
	EditMeetingForm = draft.Form{
		Name: "meeting.edit", Title: i18n.EventMeetingEditTitle, About: aboutEdit(Meeting, access.MeetingView, access.MeetingEdit),
		Page:   func(record, _ uuid.UUID) view.URL { return view.To("meetings", record.String(), "edit") },
		Fields: words(i18n.EventMeetingAbout, i18n.EventMeetingNotes),
	}
	UnflagForm = draft.Form{
		Name: "event.unflag", Title: i18n.EventUnflagTitle, About: aboutUnflag,
		Page: func(record, _ uuid.UUID) view.URL { return view.To("serious-events", "flags", record.String()) },
	}
)

// aboutUnflag names no participant: administrators meet none.
func aboutUnflag(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
	if !r.Actor().Admin {
		return draft.About{}, fault.New(fault.Denied, i18n.FaultDeniedText)
	}
	flagged, err := flagByID(r.Context(), tx, record)
	return draft.About{Program: flagged.Program, Confidential: flagged.Confidential}, err
}

// words are the fields that hold words.
func words(title, description i18n.Message) []draft.Field {
	return []draft.Field{{Name: "title", Label: title}, {Name: "location", Label: i18n.EventLocation}, {Name: "description", Label: description}}
}

// aboutEdit is the About of a form that changes what is there.
func aboutEdit(kind Kind, seen, key access.Key) func(*web.Request, *tenancy.Tx, uuid.UUID) (draft.About, error) {
	return func(r *web.Request, tx *tenancy.Tx, record uuid.UUID) (draft.About, error) {
		e, about, err := reach(r, tx, kind, record, seen, key)
		if err != nil {
			return draft.About{}, err
		}
		return aboutEntry(r, tx, e, about)
	}
}

// aboutEntry is what a draft about an event that was reached is about.
func aboutEntry(r *web.Request, tx *tenancy.Tx, e Entry, about *participant.Reached) (draft.About, error) {
	p, err := program.ByID(r.Context(), tx, e.Program)
	confidential := p.Confidential || slices.ContainsFunc(about.Enrolments, func(e participant.Enrolment) bool { return e.Confidential })
	return draft.About{Participant: e.Participant, Program: e.Program, Confidential: confidential}, err
}
