// Package participant is the people an agency serves, and their enrolments in its
// programs.
//
// # What it is
//
// A record has names (first, preferred, middle, last), pronouns, birth date, phone,
// e-mail, address, record number, preferred language and a status that people set. All
// of it but status and language is sealed. A participant is enrolled in programs; each
// enrolment has a status of its own, and every change of it leaves a line of history.
//
// # Rules
//
//   - A record opens through an enrolment in a program where the actor's role sees
//     people, and through nothing else (access.Actor.Reaches). [Reach] is the one way to
//     a record: what it does not give out does not exist for that actor. It loads only
//     enrolments of programs where the actor sees people, so the others can be neither
//     shown nor counted, and it empties the fields that the actor may not see before
//     anyone can draw them.
//   - The person is called by the preferred name. Dates are days of the calendar.
//   - A record is never deleted. The agency's database role cannot.
//   - A change names the version it was made from. One that comes too late is shown
//     field by field beside what is there now; the form of that page is the ordinary form,
//     made from the newer version, so there is one way to save. Fields that the actor may
//     not change are taken from the record and never from the form.
//   - From tier 2 on, where an actor is shown no way to somebody that the agency could keep
//     from her (access.Subject.Guarded), what she enters of it is passed on to those who work
//     with that person, whether it is kept from her or is not there ([Handlers].PassOn). Only
//     what she is shown does she change herself.
//   - The status of a record does not follow the enrolments: it would tell of programs
//     that its reader may not know of.
//   - An enrolment changes along a table (transitions) and each change has its line of history;
//     the database refuses a commit without. At most one enrolment of a person in a
//     program is open. Finished and cancelled are ends: who comes back is enrolled again.
//     A change that comes too late stands in its form beside what is there now, since what is
//     possible goes by that; who works with somebody there does not stand in its way.
//   - A look at a record is an act: it is recorded in the transaction that reads it. A
//     list is one act, with the ids of those shown.
//   - Names never stand in addresses, titles or logs. What is typed of a new person is
//     sent with POST to be compared.
//
// # Who may do what
//
// Lists, counts and hints hold the people whom the actor reaches (participant.view_name)
// and no others. Front desk, direct service and managers add people to programs where
// their role has participant.create; front desk may fill in what it would be shown.
// Fields are changed as access.Actor.FieldOf says, names, record number and status with
// participant.edit. Enrolling and changing an enrolment need participant.transfer in that
// program, enrolling also in one that the participant is in already. Reasons are read
// with participant.view_clinical. Executives and administrators meet nobody here.
//
// # The files
//
//	participant.go  the record: fields, who may touch them, what is wrong, two versions
//	enrolment.go    statuses and their transitions
//	clean.go        the form in which values are stored
//	store*.go       all SQL: records, lists, enrolments
//	form.go         what pages send, checked
//	handlers*.go    decode · decide · act · answer
//	page*.go        what pages show, in words
//	views.templ     the pages
package participant
