// Package directive is what a participant has closed to somebody, and whether her
// whereabouts are kept safe.
//
// # Closed records
//
// A directive closes a participant's whole file, one kind of record or one single record
// to a member of staff, to a role or to a program, from a day on. She asks for it herself,
// a substitute decision-maker does, or the agency; those who may manage her consent record
// it (consent.manage). Why is sealed. A directive is never changed: it is lifted, with a
// reason, and stays in the list.
//
// What a directive does is decided in package access and nowhere else: every request loads
// the directives that stand against its actor (staff.Visitor) as access.Actor.Closed, and
// all statements take what they leave out from there (access.Actor.About, Withheld,
// Withholds; app/apptest/house keeps watch). So a directive counts from the next request on,
// and so does its end. It goes by all roles that somebody holds: working in another program
// evades nothing.
//
// To whom a file is closed, the participant does not exist. To whom a part is closed, her
// page says so once ([Banner]), because the law wants it said (PHIPA s. 20 (3)), and whom
// to ask. Who is closed out neither reads why nor lifts it.
//
// A directive names only people, roles and programs that its author may know of, and one
// record only if its author may read it. The list leaves out the names of other programs,
// and shows why only to those who may know who wrote it: the words of somebody who works in a
// confidential program tell of it as her name does. Somebody who would close a file to
// herself, or to the last person who reaches it, is asked once more: nobody in the agency
// could open it then.
//
// # Guarded whereabouts
//
// Where somebody is in danger, one person acts and two undo it. From tier 2 on, whoever may
// manage her consent keeps a participant's whereabouts safe with one button: the front desk
// then sees no phone number, e-mail address, address, birth date, middle name or advice on
// reaching her, finds her by none of them (package find), and is told of nothing: the fields
// look as if nobody had filled them in. What it enters there goes to those who work with her,
// and not into the record; so it does about everybody of whom nothing is shown to it, so that
// the answer tells of neither (docs/decisions/0013). To end
// it, one person asks with a reason, one request at a time, and a manager of one of her
// programs who is somebody else decides; the table says so too (guard_requests). She ends it
// only if she can read why it was asked; otherwise she can keep it. Who asked
// may take it back, which ends nothing: where nobody else can decide, somebody else asks,
// and she decides.
//
// # The files
//
//	directive.go  directives, targets, who is closed out
//	store*.go     all SQL
//	form.go       the form, checked
//	handlers*.go  closing, lifting; guarding
//	section.go    what stands on her page, and on a manager's home page
//	views.templ   the pages
package directive
