// Package consent is what a participant agrees to and takes back: that a record is kept,
// that her programs share it, that she is written to.
//
// # What it is
//
// There are four purposes: the service itself, sharing between her programs, e-mail and
// text messages. For each stands what was decided last: nothing yet, agreed, declined, or
// withdrawn; what was agreed to may lapse. Every decision is an [Event] with the version of
// the text that was read, the language, who decided, how, who explained it, and the
// limits that she has set, in her words. What people read is the agency's [Words]: each
// change is a new version, and what somebody has agreed to stays readable as it was. An
// agency that has none for a purpose gets ours when one is needed.
//
// # Rules
//
//   - Events and texts are never changed: the database grants no UPDATE and no DELETE.
//     An event may be dated back, but not before the one that stands, so that the last one
//     by its day is the last one that was decided.
//   - Withdrawing is as easy as giving: one page, no reason asked for, and it says before
//     what will happen. Nobody needs to have agreed to be able to withdraw from the service.
//   - What follows from an event is written in its transaction: participants.consent,
//     participants.sharing, and when each lapses. Package access decides by them at the
//     next request. Nothing is cached. What has lapsed counts as never given.
//   - Consent to messages is express, or implied by being in touch; implied consent lapses
//     after two years, whatever a form says (CASL). No e-mail goes out without consent that
//     counts at that moment ([MayWrite]). Text messages are sent by people: where they log
//     one, and on her pages while it is the way she wants to be reached, it says that consent
//     to it is not on record ([Ways], [Banner]); so it does of e-mail.
//   - Sharing: agreed, her programs are read together; declined or withdrawn, they are kept
//     apart; not asked, the agency's choice counts. The table is in docs/permissions.md.
//   - Every e-mail to her has a link by which she stops them herself ([StopPath]): it opens a
//     page with one question, and the form, or a mail program (RFC 8058), withdraws consent to
//     e-mail. Nobody signs in; the audit log names nobody as having done it.
//   - Limits bind everybody: who sees consent reads them. The reason of a withdrawal is read
//     by those who may know who wrote it down, because the words of somebody who works in a
//     confidential program tell of it as her name does.
//   - Limits and reasons are sealed. Titles and addresses name the purpose, never a person.
//
// # After a withdrawal
//
// The record is read and not written. Package access refuses every key that writes, so that
// no button leads there, and the database refuses each row besides (SQLSTATE KN001,
// [tenancy.ErrWithdrawn]; migrations/agency/0013). Whoever writes shares the participant's
// row until the commit, and a withdrawal takes it for itself: of a note that is being saved and
// a withdrawal one waits for the other, and there is never a note after the withdrawal.
//
// What stays possible, because it gives her nothing new to worry about or protects her:
//
//   - consent itself: given again, the record opens again
//   - what she closes, and keeping her whereabouts safe
//   - ending an alert, with the recommendation that this takes
//   - cancelling a meeting that was planned; noting that a reminder was not sent
//   - taking back a flag of a serious event that was a mistake
//   - taking her out of a group or a circle
//   - reading and putting away a message that was left before
//   - retention: participants.retention_from is the day of the withdrawal
//
// What does not: everything else, enrolments among it. Moving somebody between programs, or
// finishing an enrolment, says something new about her; whoever wants that done does it
// before the withdrawal, or asks her. Lists for changes of many leave her out, and so do the
// pages on which groups are logged. Drafts are not part of a record: they belong to whoever types
// and go away by themselves.
//
// # Who may do what
//
// consent.view sees it, on a tab of the record; consent.manage records, both in any program through
// which the participant is reached. The front desk sees nothing of it. Administrators
// write the texts and see nobody's consent.
package consent
