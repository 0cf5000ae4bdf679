// Package program is the services that an agency runs, and the example that every
// other feature follows. Read it first.
//
// # What it is
//
// A program has a name and description in both languages, a way of working
// (individual, group or both) and a status: active, or archived when nobody is to be
// enrolled any more. It may say after how many days it looks at goals again: package plan
// suggests that day for a new goal. Staff hold at most one role in each program (package staff);
// participants are enrolled in programs (package participant).
//
// # Rules
//
//   - A confidential program stays confidential. People were promised it, so the
//     database refuses to take the mark away again.
//   - A program is never deleted: records point at it.
//   - A change names the version it was made from; a change that comes too late is
//     shown beside what is there now and nothing that was typed is lost.
//
// # Who may do what
//
// Everybody sees the programs in which they have a role. Administrators see and
// create all of them, and decide who works there, but they do not meet participants, and
// nobody gives a role to herself: that takes a second administrator, or an operator.
// Managers change the programs they manage (program.manage). To anyone else a
// program, confidential or not, does not exist.
//
// # The files of a feature
//
//	doc.go        what it is, its rules, who may do what
//	program.go    types and pure rules
//	store.go      all its SQL, as constants, and the functions that run it
//	form.go       what a page sends, checked
//	handlers.go   decode · decide · act · answer
//	views.templ   its pages
package program
