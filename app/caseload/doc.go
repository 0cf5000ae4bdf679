// Package caseload changes many enrolments at once: it assigns them to a worker, transfers
// people to another program, or discharges them.
//
// # The way through
//
// A list that is narrowed by program, status, worker and time without a note; people are
// chosen from it, one by one, a page, or all that match (at most [Most]). Then the page
// asks what is needed for the change, and the next one says exactly what will happen and
// to whom, who is left out and why. Nothing is changed before that page was sent. The last
// page says what was done; for a day the same person can take it back.
//
// # Rules
//
//   - Only enrolments of programs in which the actor may change them
//     (participant.transfer) are listed, counted and changed, and only such programs are
//     offered to transfer to: no other program is hinted at. A worker is offered, and
//     taken, only for programs in which she works.
//   - The day of the last note is shown, sorted and narrowed by only in programs whose
//     notes the actor may read now (note.view; at tier 3 with a grant for the program).
//   - Enrolments change by the rules of package participant, which does it: along its
//     table, with a line of history each. Everything is one transaction, in which the
//     enrolments are locked first, in one order.
//   - Each enrolment is changed from the version that the person saw when she confirmed.
//     One that somebody else has changed meanwhile is left out and named.
//   - Each person gets an audit record of her own, for the change and for taking it back.
//   - What was done is kept as ids, statuses and versions, without a word of anybody
//     (bulk_changes). A change is taken back for those for whom nothing has happened
//     since: the enrolment has the version that the change gave it, and, after a transfer,
//     nothing was written in the new program. The others stay and are named.
//   - A form that is sent twice does one change: its id is that of the change.
package caseload
