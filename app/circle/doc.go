// Package circle is the family or network around people: who belongs to whom.
//
// # What it is
//
// A circle has a name and members: participants, or people without a record by name, each
// with a relationship in their words and perhaps the mark of whom to reach first. It is
// kept in the program in which it was made. All names and relationships are sealed.
//
// # Who is shown what
//
// That two people belong together is itself personal, and where somebody flees from
// somebody else it is dangerous. So:
//
//   - A circle that was made in a confidential program is seen by that program's staff
//     alone. Into any other circle come only participants whom the actor knows through a
//     program that is not confidential: its name and the people in it are read by others.
//   - Of a circle, the viewer is shown the participants whom she reaches through a program
//     where she has circle.view, and the people without a record. Others are neither
//     shown nor counted, and nothing that is done about them shows: their changes touch
//     neither the circle's version nor its date.
//   - A circle of which fewer than two people would be shown, or no participant, does not
//     exist for her. Two are needed to make one, and taking out one of the last two that
//     she sees is refused in favour of archiving.
//
// The rule is one piece of SQL (visible), used by every list, page, picker and count. What
// other features draw on a circle's page ([Section]) is told of these people alone.
//
// # Who may do what
//
// circle.view sees, circle.create makes circles in that program; circle.edit changes a
// circle that its actor sees, in a program through which she reaches one of the
// participants in it, and of a confidential program's circle, in that program.
package circle
