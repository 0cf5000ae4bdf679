// Package message is how people are in touch: the log of contacts with a participant, and
// the messages that are left for those who work with her.
//
// # Contacts
//
// A contact is a call, a text, an e-mail, a meeting or a letter: who got in touch, what
// came of it, and, when somebody was reached, what it was about. It belongs to one
// program, in which its author had a role at that moment. It is signed when it is saved:
// the database grants UPDATE of nothing but the mark that it was entered in error (package
// mistake); the right contact is then logged anew. The day it
// happened may lie in the past; the instant it was written is kept beside it.
//
// # Messages
//
// A message is about a participant and for one member of staff, or for everybody who
// works with her in a program. It is left in a program in which the sender may leave
// messages and reaches her, for people whose role in that same program reads messages: so
// both may see her, through one program that both know. Whom one can choose says nothing
// of other programs.
//
// It waits until somebody whom it is for has read it; the urgent ones come first. A badge
// on every page says how many wait ([QueueUnread]); it is part of the batch that loads the
// visitor, answered by a partial index of what nobody has read, and counts no further than
// it shows.
//
// Some messages are not typed as such: what the front desk enters of somebody of whose
// whereabouts it is shown nothing comes as one ([PassOn]).
//
// # Who may do what
//
// Contacts are logged with communication.log and read with communication.view, in the
// program they belong to. Messages are left with message.leave and read with message.view,
// in the program they were left in. The front desk leaves messages and cannot read any: of
// what it has left it sees for whom, when, and whether it was read, and never the words
// again. On a participant's page whoever reads messages of a program reads all of them
// there, so that a colleague can stand in for somebody who is away; only those whom a
// message is for mark it, so that none is lost to them.
//
// Words are sealed. What waits is counted for those alone who could also open it: a
// message of a program that has no reaching enrolment of the participant any more is
// neither counted nor shown.
package message
