// Package i18n holds every sentence of KoNote in English and French, and the
// Canadian forms of dates, times, numbers, phone numbers and postal codes.
//
// Sentences stand side by side in catalogue/*.txt, one file a feature:
//
//	home.found
//	en.one {n} person found
//	en.other {n} people found
//	fr.one {n} personne trouvée
//	fr.other {n} personnes trouvées
//
// `go generate ./app/i18n` makes a constant (HomeTitle) of each key without
// arguments and a function (HomeFound(n int)) of each key with them, so a missing
// message or argument does not compile. Both languages must be there, with the
// same arguments, or generation fails. {n} is a whole number and chooses the
// plural form (French: 0 and 1 are singular); other arguments are text.
//
// Words that an agency chooses itself (Concepts: participant, worker, program, note,
// goal …) are written as terms and agree by themselves:
//
//	{participant} {participants} {Participant} {the participant} {a participant}
//	{of participant} {de participant} {to participant} {this participant} {e participant}
//
// In French these give le, la or l'; du, de la or de l'; de or d'; au; ce, cet or cette;
// and the e of a feminine ending. A [Printer] carries the language, the agency's terms
// and its time zone; it is an argument of every view, never state of a template.
package i18n

//go:generate go run ./gen
