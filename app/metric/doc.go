// Package metric is what an agency measures: its library of measures, the values that
// notes record, and what they say.
//
// # Model
//
// A [Metric] is a scale (a number), an achievement (one of some answers, of which some
// count as achieved) or open text. It belongs to the whole agency or to one program, for
// good: a metric that moved would leave plans of other programs without it. It has hard
// limits (no value beyond them is possible), limits of the usual and of the likely, and a
// direction: higher is better, or lower. The goal of a target is set on that scale and is
// never its maximum: PHQ-9 goes to 27, and 27 is the worst. A metric that KoNote counts
// itself (sessions) is never typed.
//
// A metric can be meant to be taken by itself, as an assessment ([Assessment]): when somebody
// begins, every so many days, when she leaves, in all programs that have it or in some. The
// times stand ready (all three, every 90 days); none counts until the agency says so. When
// it is due is decided where notes are.
//
// Every agency begins with the library ([Library]): [Seed] adds the measures that it has
// not got yet, by their library keys, and leaves alone what is there, so that wording an
// agency has changed stays the agency's. It runs when an agency is made; where the library
// has more than the agency, because KoNote has learned new measures, the list offers
// administrators to add them.
//
// # Why it is as it is
//
// Who changes what the numbers of a metric mean (its definition, unit, range, direction, goal,
// limits, answers or bands) says why, in the form and for a table as a whole. Reasons are
// sealed, kept as they were given ([Explain]) and shown on the metric's page, the newest first.
//
// # As a table
//
// What somebody may change of the agency's own metrics, and of the library's that the agency
// has changed, leaves as a CSV table and comes in as one: a row with an id changes that
// metric, one without adds one. The rules are those of the form, because a row is read as the
// form would send it. A preview shows every row, and saves nothing; what it shows has a
// digest, and the confirmation saves exactly that in one transaction, or nothing where
// anything differs by then. Fields of a metric that the table has no column for stay as they are.
//
// # Values that surprise
//
// A value outside the usual asks for one confirmation, one beyond the likely for two
// ([Metric.Level]). The field of a form ([Read], [Input]) asks in place: its check boxes
// carry the value they confirm, so confirming 40 never lets 400 through. What was
// confirmed or corrected is kept ([Keep]), with the value and the limit and without the
// participant, and the page of the metric shows which limits are drawn too tightly.
//
// # What values say
//
// [Series] is one metric's values in the order of their days; [Apart] makes those of what was
// taken by itself. [Finding] says in a sentence
// or three how they went, in the metric's own direction, in words for the participant
// herself. package view draws them.
//
// # Who may do what
//
// Administrators see and change every metric. Managers (metric.manage) see those of the
// whole agency and of their programs, and change those of their programs. A metric of a
// program in which somebody has no such role does not exist for her. Who records and reads
// values is decided where notes and plans are: the queries here are given the programs and
// look at nothing else, and a cancelled note's values are never read.
package metric
