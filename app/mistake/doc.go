// Package mistake is the mark of a record that was entered in error: a note, a contact, an
// event or a meeting that is about somebody else, was recorded twice, or never was.
//
// # What it is
//
// What was signed is not rewritten, and nothing is deleted. A record that should not be gets
// a mark with a reason, once, and keeps it. It stays readable behind the mark for those who
// may read it, and counts nowhere: it is in no number, short list, report, feed or reminder.
//
// # Who may do what
//
// Who recorded it sets the mark within a day, and who manages its program at any time, both
// with a role there that allows the [Kind]'s key. Some records are for the manager alone
// ([Record].Guarded). After consent was withdrawn nobody does. To those who may not read the
// record it is not there.
//
// # How a feature has it
//
// It says what differs in a [Kind]: how a record is reached, and how the mark is saved, with
// whatever follows from it. Ask and Save are its routes, Draft is its form, which is kept
// while it is typed in. [Columns] are in its rows, and [Set] seals the reason.
package mistake
