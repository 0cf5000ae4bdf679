// Package note is what was said and done with a participant, in the words of both.
//
// # What it is
//
// A note is one page that grows. It says when and how something happened, what happened,
// what the participant takes away from it ("What's one thing you're taking away from
// today?"), whether the two of them wrote it together, and when to follow up. It may go
// through the goals of the plan: how each is going, the worker's words, the participant's
// words, numbers. It may say how the two of them work together (one of three questions,
// in turn), what the participant suggests, and stand below the headings of a [Template].
// A note that does any of that for goals or a template is a full one, otherwise it is a
// quick one ([Kind]); the form is the same. An assessment is one measure by itself, apart
// from goals, with the day, the participant's words and the worker's; it has a short form of
// its own and is a note in all else.
//
// A note belongs to one program, in which its author had a role at that moment; the role
// is kept with it. Goals belong to programs too, and a note tells only of goals of its
// own: otherwise its readers would learn of a program that they may not know.
//
// # Rules
//
//   - A note is signed when it is saved and never rewritten: the database grants no
//     UPDATE of its words, and no DELETE. What has to be put right is an [Addendum],
//     dated and signed. A note that should not be is marked as entered in error (package
//     mistake); it stays readable, is shown struck, and counts nowhere: package metric and
//     package plan leave it out.
//   - A note, its goals, its values, the follow-ups that it answers and the achievements
//     that follow from it are one transaction. The goals and values are written only when
//     that transaction made the note, so a form that is sent twice is one note; one that
//     comes again with other words is another note. What somebody wrote is never dropped:
//     words about a goal that was closed meanwhile are moved to "What happened".
//   - The day it happened is a calendar date and may lie in the past; the instant it
//     was written is kept beside it, and a page shows both when they differ.
//   - After a call, text or e-mail the outcome is asked for; when nobody was reached
//     the text may stay empty. Otherwise a note has words.
//   - No question is asked twice: a phone call is not asked where it took place, and a
//     measure of several goals is asked once, unless it is about the goal itself.
//   - A measure with a cadence of n is due in every n-th full note of the program. Its
//     field stands aside until then and may be used.
//   - Whoever writes a note about a participant may take any measure by itself, in a program
//     that has it, but for those that are about a goal. What she took counts for the goals of
//     the program that have the measure. It is no session and no full note: who met wrote a
//     note of it.
//   - A measure that the agency takes by itself (package metric) is due for a participant in
//     each program where it is taken: at intake, from the first day until there is a value of
//     30 days before it or later; again, so many days after the last value or the first day,
//     whichever is later; both while she is enrolled, and not while that is on hold.
//     At discharge it is due for 30 days after the last day, unless there is a value of the 30
//     days before it or later, she is there again, has died or cannot be reached. Whatever
//     note of the program measured it, for a goal too, has. What is due stands on her page and
//     on the home page of who works with her there.
//   - A value that surprises is confirmed in place (package metric); the form comes back
//     with everything that was typed.
//   - A note may tell of a circle of its participant that the author sees. The circle's page
//     lists such notes, about those in it whom the reader is shown and without their words.
//   - Words are sealed, each with the id of its own row; interaction, descriptors, numbers
//     and dates are not. Headings are the agency's words, about nobody; what is written
//     below them is sealed together with them, as it was signed.
//   - A follow-up is whose it is to come back to the participant: of who works with her in
//     the note's program, where somebody is named; otherwise of the author; and where
//     neither works there any more, or her record is closed to them, of the program's
//     managers. That one finds it on her home page. Her next note about the participant, and
//     the author's, answers it; marking that note as entered in error opens it again. Without a note it is
//     marked as done or moved; the day that was signed stays beside the new one.
//
// # Who may do what
//
// A note is written in a program where the author's role has note.create and the
// participant is enrolled, and read by those whose role there has note.view. Addenda and
// marks of errors ask for note.edit in the note's program, and what becomes of a follow-up for
// note.create. Assessments ask for metric.view_individual besides, so that who has closed her
// plan and measures to somebody is not measured by her; what was measured last, and what is
// due, is told to those who may read the notes too. Notes of other programs do not
// exist for the reader, in lists and in counts, and neither do their goals.
// Administrators keep the agency's templates and all others, managers with
// template.note.manage those of their programs.
//
// # The files
//
//	note.go kinds.go goal.go check.go   what a note is, and what is wrong with one
//	template.go                         headings to write below
//	form.go page.go page_form.go        what the form sends and shows
//	mistake.go circle.go                what was entered in error; the notes of a circle
//	assessment.go store_due.go          one measure by itself, and what is due
//	handlers*.go sections.go            decode · decide · act · answer
//	store*.go                           all SQL: saving, reading, what comes later, templates
//	bulk.go                             invented notes
//	search*.go summary.go jobs.go       searching notes, and "in their words"
package note
