// Package settings holds what an agency chooses for itself: its words, its clock, how
// long a session may rest, whom to ask for help, how strictly records are guarded.
//
// Each setting is one row of agency.settings, named and typed here. A value is checked
// when it is set and again when it is read, by the same function, so a row that was
// changed by hand is an error that names the setting and never a silent default. A
// setting that has no row has its default.
//
// [Queue] adds the reading to a batch that a page sends anyway; [Load] reads in a round
// trip of its own. [Set] writes the audit record with the values before and after.
// Who may call Set is the caller's business: administrators, and operators' commands.
//
// # Pages
//
// /settings lists the pages of settings that somebody may open ([Group], [Link]): the
// server's table of them is given to [Handlers]. This package draws one of them itself,
// access, which lays down how strictly records are guarded. A change names the values that
// it was made from; one that comes too late is shown beside what is there now. Going down
// to a less strict tier has to be confirmed.
package settings
