// Package note is what was said and done with a participant, in the words of both.
//
// # What it is
//
// A quick note says when and how something happened, what happened, what the
// participant takes away from it ("What's one thing you're taking away from today?"),
// whether the two of them wrote it together, and when to follow up. It belongs to one
// program, in which its author had a role at that moment; the role is kept with it.
//
// # Rules
//
//   - A note is never rewritten: the database grants no UPDATE of its words.
//   - The day it happened is a calendar date and may lie in the past; the instant it
//     was written is kept beside it, and a page shows both when they differ.
//   - After a call, text or e-mail the outcome is asked for; when nobody was reached
//     the text may stay empty. Otherwise a note has words.
//   - Words are sealed; interaction, outcome and dates are not, they are numbers.
//   - The next note about a participant answers the author's open follow-up.
//
// # Who may do what
//
// A note is written in a program where the author's role has note.create and the
// participant is enrolled, and read by those whose role there has note.view. Notes of
// other programs do not exist for the reader, in lists and in counts.
package note
