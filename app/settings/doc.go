// Package settings holds what an agency chooses for itself: its words, its clock, how
// long a session may rest, whom to ask for help.
//
// Each setting is one row of agency.settings, named and typed here. A value is checked
// when it is set and again when it is read, by the same function, so a row that was
// changed by hand is an error that names the setting and never a silent default. A
// setting that has no row has its default.
//
// [Queue] adds the reading to a batch that a page sends anyway; [Load] reads in a round
// trip of its own. [Set] writes the audit record with the values before and after.
// Who may call Set is the caller's business: administrators, and operators' commands.
package settings
