// Package group is what people do together in a program: groups that meet, and projects
// that a group works on.
//
// # What it is
//
// A group belongs to one program whose way of working has groups. It has members, who are
// participants of that program or somebody else by name; each is a member or leads. When
// a group meets, its session is logged on one screen: who came, the mood in the room, what
// happened, and one highlight for each who had one. A project has milestones and outcomes
// besides.
//
// # Rules
//
//   - Names of groups and of members who are no participants, what happened, highlights,
//     milestones and outcomes are sealed. Dates, moods and who was there are not.
//   - Whoever leaves stays in the history: a membership ends with its last day, and the
//     attendance before it stays.
//   - A group meets at most once a day, so two people who log the same session meet each
//     other instead of doubling it: the second sees what is there, and keeps her words.
//   - Checking in begins the day's session without words; whoever led it logs it later and
//     finds those who were checked in ticked, and nobody else.
//   - Everything that is saved locks the group's row first.
//
// # Who is shown
//
// Members who are participants are shown to those who reach them (package participant),
// which staff of the group's program do through it. Somebody whose place in the program
// was cancelled was never meant to be there: staff who reach her through nothing else see
// no trace of her, in lists, counts and percentages alike, and there is no "and one more".
// One whose place is finished is shown: what was done with her must stay readable. Saving
// a session leaves the attendance of those whom the actor does not reach as it was.
//
// # Who may do what
//
// Each key counts in the group's own program. group.view_roster opens a group,
// group.view_detail its sessions; attendance.check_in (front desk) opens the names of its
// members and today's ticks, without a word of any session; attendance.view_report without
// group.view_roster (executives) gives shares and nobody. For anybody else the group does
// not exist.
package group
