// Package plan is what a participant and the people around her work towards.
//
// # What it is
//
// A plan has sections, each of one program; a section has targets, which people call
// goals. A target says what the participant wants in her own words, what the two of them
// call it, who chose it, by when, and what it is measured by. A section without a name
// is the program's plain list of goals.
//
// # Rules
//
//   - The participant's own words come first on every page and on paper.
//   - A target stays in the program in which it was made: another program's staff would
//     otherwise read what was said there. Its section may change, within the program.
//   - Every change of a target leaves a revision: the whole of it as it stood afterwards,
//     sealed. The database refuses a commit without.
//   - A new target is hoped for by the day on which its program looks at goals again, where
//     the program says after how many days: a suggestion, said as one, to change or clear.
//   - A status other than active has a reason. Completed means achieved, closed means not
//     achieved; both are then the worker's judgement.
//   - Achievement is computed from the goal that was set for the first metric that has
//     numbers, and from its direction, never from its maximum ([Compute]). The worker's
//     judgement wins, with its reason, until she gives it back to computing.
//   - What is computed is no revision: it follows from the notes, which have a history of
//     their own. The instant at which a target was first achieved is never cleared.
//   - What counts for a target are the values and descriptors of notes of its own
//     program that were not cancelled, taken for the target or for the person as a whole.
//   - A change names the version it was made from. One that comes too late is shown field
//     by field beside what is there now, as in package participant: of a target, of its
//     status and judgement, of a section.
//   - What was measured apart from targets (assessments) has charts of its own on the page of
//     progress. It counts for the targets of its program that have the metric, as all that is
//     taken for the person as a whole.
//   - A metric that is taken off a target keeps its values and its place in history.
//   - All words are sealed; days, statuses and numbers are not.
//
// # Who may do what
//
// Sections and targets are read by those whose role in their program has plan.view, and
// changed by those whose role there has plan.edit while the participant is enrolled
// there (participant.Reach). To anyone else they do not exist, in lists and in counts. A
// template is about nobody: administrators keep those of the agency, managers with
// template.plan.manage those of their programs, and who may change a plan may begin one
// from a template of the agency or of that program.
//
// # The files
//
//	plan.go        sections, targets, what is wrong with them
//	achievement.go how a target stands, computed
//	conflict.go    two versions of a form, line by line
//	suggest.go     by when a new target is hoped for
//	store*.go      all SQL: plans, histories, what notes say, templates
//	form*.go       what pages send, checked
//	handlers*.go   decode · decide · act · answer
//	page*.go       what pages show, in words and charts
//	*.templ        the pages
package plan
