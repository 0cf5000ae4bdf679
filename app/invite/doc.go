// Package invite lets administrators and managers invite people to an account of the
// agency.
//
// # Model
//
// An [Invitation] is for one person at one e-mail address: a name, a language, and what the
// account will be, that is roles by program and, if an administrator says so, administration.
// It is open until it is accepted, revoked, replaced by a newer one for the same address, or
// over (after 1 to 30 days).
//
// # The link
//
// The link goes to that address and nowhere else. Its token is an HMAC of the invitation's id
// under a key of the agency (staff.Links): 256 bits, of which the database has a keyed hash;
// neither a job nor a log nor the audit record holds it, and the job that sends the mail
// makes it again. Opened, it puts the token into a cookie and leads to a page without it
// (web.Route.Secret), so that no Referer, history or error page has it. A link of another
// agency is found nowhere, since every agency has its own key and tables.
//
// It works once: the row is locked and marked in the transaction that makes the account. The
// account gets exactly the address that the mail went to. Whatever is wrong with a link, the
// answer is the same; who has opened the link learns the name that was typed and the address
// but for its first letter's neighbours.
//
// Where the agency has a provider (package sso), she may accept there in the place of choosing
// a password; where passwords are off she has to, unless she becomes an administrator, because
// a password would not let her in a second time.
//
// # Who may invite whom
//
// staff.Powers says who may give what: administrators everything, a manager the roles front
// desk and direct service in her own programs. It is asked when the invitation is made and
// again, under lock, when it is accepted: an inviter whose account is closed has invited
// nobody, and one who has lost a program gives nothing there. A manager sees the invitations
// that she could have made herself, and replaces no others: for an address with another one,
// or with an account, she is told to ask an administrator, in words that do not say which.
package invite
