// Package watch tells who opened whose record: to the managers of a participant's programs
// and, on paper, to the participant herself; and it points at patterns in the audit log
// that are worth a look.
//
// # Who opened this file
//
// The page reads the agency's chain of audit entries about one participant, within what the
// reader may see of it (audit.Scope), and gathers them into visits: what one person opened
// and changed with no pause longer than half an hour. Refused attempts are in it, and so is
// emergency access. It says up to which moment it is complete: acts wait in the outbox for
// a moment, or longer while the audit database is down.
//
// # Patterns
//
// Every morning a job reads the entries of the day before, one at a time, checks the
// agency's chain from its beginning, and writes down what is worth a look. What it keeps of
// the day is bounded by how many different records were opened. Names are opened in memory,
// compared, and forgotten; a [Finding] holds ids, kinds and numbers.
//
//	many       more different records within an hour than at least twice her own usual
//	family     a record of somebody with her own family name
//	colleague  a record of somebody with the name or e-mail address of a member of staff
//	refused    attempts that were refused, one after the other
//	hours      records opened outside the agency's hours and outside her own usual
//	no_work    a record opened by a worker who did nothing about it for a month before and
//	           after, and to whom it was not assigned; so it is found a month later
//	export     a table that was downloaded
//
// A pattern is not a verdict. Each has an innocent reason far more often than not, so the
// page says what each rule does, what it cannot know, and leaves the judgement to somebody
// who knows the work. Nobody judges a finding about herself: neither here nor, whatever
// this code does, in the database.
//
// # Who may see a finding
//
// Administrators, without names of participants, and a manager who manages every program
// that it touches, if she reaches one of the participants. What touches a program that is
// not hers would tell her of it, so it is for administrators.
package watch
