// Package alert is what must not be missed about a participant: a short text that stands
// at the top of her record until two people have found that it may go.
//
// # What it is
//
// An alert belongs to one program. It is active until it is ended. Somebody who works
// with the participant recommends its end with an assessment; a program manager approves
// or rejects that with words. A manager may also end an alert directly, with a reason.
//
// # Rules
//
//   - It takes two. Whoever made an alert neither decides on a recommendation of its end nor
//     ends it; whoever recommended its end does not decide on that. A role that changed
//     meanwhile does not help: the rule is about the person. The database holds it too.
//   - At most one recommendation of an alert waits at a time, and while one waits the alert
//     ends by its decision alone. A rejected one leaves the alert active and its words on
//     the alert's page; another one may follow.
//   - What was written and decided stays: the database grants no UPDATE of words, and an
//     alert that has ended stays ended. A new danger is a new alert.
//   - Every act locks the alert's row first, so of two people who act at once the second
//     one sees what the first one did, and what she typed.
//   - All text is sealed. Addresses and titles say nothing but "alert".
//
// # Who may do what
//
// An alert is made with alert.create in a program through which its author reaches the
// participant, and seen with alert.view in that program by those who reach her. For
// anybody else it does not exist: not in the banner, in lists, in counts or in queues.
// alert.recommend_cancel recommends, alert.review_cancel_recommendation decides,
// alert.cancel ends, each in the alert's own program.
package alert
