// Package draft keeps what somebody has begun to type: on the server, sealed, while she
// types.
//
// # What it is
//
// A feature declares its long forms ([Form]); the server's wiring gathers them ([Forms]).
// The set is closed, and so are the addresses: what a client sends is the name of a form
// and the id of a record, never where to go. view.DraftForm draws such a form, a script
// sends it here while it is typed in, and without scripts a button does. Opened again,
// from any device, the form shows what was begun, decoded by the feature exactly as if it
// had been sent, so nothing is validated away. The transaction that saves the form
// finishes its draft ([Form.Done]).
//
// # Windows
//
// Each opening of a form is a window with an id of its own, and each window writes its
// own row: none can overwrite another one's, whatever arrives when. A window counts its
// saves. One that arrives late, after a newer one of the same window, is not kept.
//
// A window that was opened with a draft names the save it began with. Its own first save
// takes that one's place, but only if it is still the newest of its window. Otherwise both
// have written since, both versions stay, and each window is shown the other's, field by
// field, until somebody chooses. A record that was changed meanwhile is not a matter of
// drafts: the version that the form was made from travels in the draft like every hidden
// field, and the feature's own conflict page follows at save.
//
// The row of a finished window stays for a day, without its words, so that a save that
// was on its way while the form was sent does not bring the draft back.
//
// # Who may do what
//
// A draft belongs to one member of staff of one agency. Every statement is limited to
// her; the row's id, and with it the seal, is made of her id, the form, the record and the
// window, so that a row moved to somebody else does not open. Nobody else, administrators
// included, can read it. A draft begins only when she may fill in the form for that record
// now ([Form.About]). It goes on after she has lost the record: the words are hers, the
// page is closed to her, and she can discard them from her home page, which then names
// nobody. Where she may still read the record, but nobody may write in it now (consent
// was withdrawn), the refusal says that her words are kept, and she reads and copies
// them on a page of their own. Tokens, passwords and the fields of this package are never
// part of it. Nothing is kept in the browser.
//
// # What the audit log has
//
// That a draft was begun about somebody, once, that it was read where its form is
// refused, and that it was discarded, without its words. Not its saves: there is one each
// second of typing, they say no more than the first, and a log full of them hides what it
// is there to show. The record that is saved in the end has its own entry.
package draft
