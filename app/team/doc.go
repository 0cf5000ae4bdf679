// Package team is what the people of a program have done lately, for a team meeting: a page
// for who manages the program.
//
// # What it shows
//
// For each person in the team, in the last 7, 14 or 30 days of the agency's calendar: how
// many notes she wrote, meetings she held or has before her in as many days to come, contacts
// she logged, and follow-ups that wait for her; and below the numbers each of them, the
// newest first, as a link. Somebody who has left the team meanwhile stays as long as there is
// something of hers in that time. People stand in the order of their names, a page at a time;
// somebody with much to list has a page of her own. It is made to be printed.
//
// # Rules
//
//   - Only programs that the actor manages (program.manage) are counted, listed and offered.
//     What the same people do elsewhere, or about somebody who is not in the program, is
//     neither counted nor hinted at.
//   - Notes and follow-ups are shown where she may read notes now (note.view; at tier 3 with a
//     grant for the program), meetings with meeting.view, contacts with communication.view.
//     Otherwise neither numbers nor days of them are read, and the page says that they are
//     missing.
//   - What participants have closed to her, what was entered in error or called off, and
//     whoever has withdrawn consent are left out of numbers and lists alike.
//   - No words of anybody are read: names, kinds and days.
//   - Administrators and executives meet no participants, and do not open it.
package team
