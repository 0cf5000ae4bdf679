// Package grant is access for a reason and for a while.
//
// # What it is
//
// At an agency's tier 3 notes, plans and clinical information are guarded from those whose
// role is gated (see access.Gated): they open to somebody who says why. A [Grant] is that
// act: a reason from the agency's list, a sentence of her own, for one participant or for
// everybody in one of her programs, for some days. Nobody approves it; it counts from the
// next request on, because care does not wait. Others look back instead: every grant can
// be reviewed, and ended early.
//
// An emergency is the other kind. It opens for four hours what a participant has closed to
// somebody, kinds and single records but never a whole file, and what is guarded, about
// this participant alone. It is there at every tier. Administrators, and the managers of
// the programs through which the actor knows the participant, are told at once by e-mail,
// which names nobody; her pages say that it is being reviewed; and it waits on the
// reviewers' home pages until somebody has looked at it.
//
// # What a grant opens
//
// This package only keeps grants. Package access reads those in force at every request and
// decides (access.Actor.Decide), so a grant can never give more than the role would: in a
// program that its owner has left, about somebody whom she does not reach, or below the
// level of her role it opens nothing. One about a participant opens nobody else's records.
// It ends at its second, or at the next request after it was revoked; jobs ask as requests
// do.
//
// # Rules
//
//   - The program of a grant is one in which the actor's role is gated and through which
//     she reaches the participant she asks about. A form that names another is refused.
//   - What somebody writes is sealed, and stands in no audit record.
//   - Through are the programs in which the actor knew the participant when she asked. They
//     decide who hears of it: the manager of another program that the participant is in
//     would learn from it who else knows her.
//   - Nobody reviews her own grant (the database refuses it too). A finding is final, and
//     what was ended stays ended.
//   - The reasons of the list are archived, never deleted, and one always stays.
//
// # Who may do what
//
// Asking: a role that is gated somewhere, who has proved anew who she is. An emergency: direct
// service and managers, where something is closed or guarded; no proof is asked for, because
// seconds count and others are told at once. Her own grants: everybody. Looking back: administrators
// all grants, managers (audit.view) those of programs that they manage. Administrators do
// not meet participants, so to them a record is a number.
package grant
