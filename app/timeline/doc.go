// Package timeline is everything that happened to a participant, in order: notes, events,
// meetings, contacts, group sessions and changes of enrolments, on one page.
//
// # Model
//
// A [Source] is a feature that has something to tell. Each reads its own entries from
// the page's one batch: the newest after a [Place], limited to the programs that the
// reader may read it in, and at most as many as a page shows. What they have read is
// merged by day and id, and cut at the page's length. So a page costs one statement or
// two for each source, however long the record is, and no more is opened than a page of
// each source.
//
// # Rules
//
//   - The order is that of the days on which things happened, the newest first; within a
//     day, of the ids, which sort by when they were made.
//   - A page begins where the one before ended: nothing is counted, and nothing is shown
//     twice or skipped when somebody writes meanwhile.
//   - A source whose permission the reader lacks is neither read nor offered as a filter;
//     neither is a program in which she has no role.
//   - The address holds a day, an id and the filter: no word of anybody.
package timeline
