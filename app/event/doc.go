// Package event is what happened to a participant or is going to: events, serious events
// that must be reported, and meetings.
//
// # What it is
//
// An event is a day (or days), perhaps a time, a title, words and a type of the agency's
// list. It belongs to one program and may name one note of the same participant. A meeting
// is an event with a time, a place, staff who attend and a status; the participant is
// reminded of it. Both dates of an event are kept: the day it tells of and the moment it
// was written.
//
// A serious event carries a category of the agency's second list. Its severity says how
// soon it must be reported (1 at once, 2 within 24 hours, 3 within 7 days). Once it is
// flagged, administrators and the managers of its program are told by e-mail to sign in;
// the mail says neither who nor what nor why. Nobody takes a flag back but an
// administrator, who has to say why and sees nothing of the participant for it: the day,
// the category, the program and who flagged it.
//
// An event or meeting that should not be (about somebody else, or recorded twice) is marked
// as entered in error (package mistake); an event that is flagged as serious, by a manager
// alone. It stays readable behind the mark and counts nowhere: nobody else is told or
// reminded of it, and it is in no report, list of flags, week, feed, or list of what is
// coming. Nobody changes it any more; the database refuses it. A meeting that does not take
// place is no error: it is called off by its status.
//
// # Rules
//
//   - Title, description, place, the reason of an administrator and that of a mark are sealed.
//   - A note that an event names is one of the same participant, in a program where the
//     author reads notes. The form offers no others, and saving asks again. Whoever reads
//     the event without reading notes of that program is not told that there is one, and
//     changing the event leaves it as it is.
//   - A change names the version it was made from; a change that comes too late is shown
//     beside what is there now.
//   - Who attends a meeting has a role in its program.
//
// # Who may do what
//
// Events are written with event.create and read with event.view, meetings with
// meeting.create, meeting.edit (status, reminder) and meeting.view, each in the program of
// the event, about a participant whom the role reaches there. Events of other programs do
// not exist for the reader. sre.flag flags. sre.view_report opens the report: managers see
// the events of their programs in it, executives numbers only. Lists of types are
// the administrators'; managers keep those of their own programs (event_type.manage).
//
// # Reminders
//
// A meeting that lies ahead has a job that wakes 36 hours before it. The job looks again:
// still scheduled, still at that time, not reminded yet, and may the participant be
// written to? Nothing is sent to somebody who has not agreed to e-mail (package consent), whose
// agreement has lapsed or was taken back, or who wants no contact. The message says day and time and nothing
// that somebody who reads over her shoulder could make something of. A run claims the
// reminder before it sends, in a transaction of its own, so that two runs send one
// message; a claim that a crash left behind ends by itself, and a message that is sent
// twice for that has the same Message-ID. What came of it stands on the meeting's page.
//
// # The calendar feed
//
// A worker's calendar program reads her meetings at an address that is the only key to
// them: 256 random bits, shown once, kept as a hash. Anybody who has the address reads
// it, so there is little to read: initials, record id and time. The place is left out,
// because it can be somebody's home or a shelter, and so is what a confidential program has,
// for an owner who also works elsewhere. Making it asks for a fresh proof, and the owner is
// told by mail. It ends with the account or with its last role, with her sessions when all of
// them are ended, when it is revoked, and when it is renewed. What it shows is decided anew
// each time from the roles of that moment. Each reading is recorded; the actor is nobody in particular,
// because a calendar service reads, not a person.
package event
