// Package factor keeps the second factors of local accounts: apps that show codes (TOTP),
// passkeys (WebAuthn), and recovery codes on paper.
//
// # Two proofs
//
// A session begins with what a password has proved (session.Password). Whether that is
// enough is decided at every request by package web: for a person who has a factor, or of
// whom her agency asks one (settings.SecondFactor), such a session is a half one. It opens
// the second step, sign-out and public pages, which see nobody in it; every other route
// refuses it, because a route has to state that it is open to half sessions. It lives five
// minutes; thirty while the person has no factor yet and is led to set one up, which is all
// that she can do then. The second step makes it a full one under a new id.
//
// From this follows: to add a factor makes every other session of the person a half one,
// an agency that begins to ask for a factor gets it at everybody's next request, and
// whatever begins a session with one proof (a reset, an invitation) needs no care for this.
//
// # Apps
//
// A secret of 160 bits, codes of six digits, thirty seconds, one step of tolerance either
// way. An app counts only after a first code from it: until then the row is unconfirmed,
// invisible to sign-in, its owner's alone, and gone after an hour. The step of a code that
// was taken is kept, and no code of that step or an earlier one is ever taken again: the
// comparison and the change are one statement, so of two requests with the same code one
// gets in, and a trigger keeps the step from going back (defect D16).
//
// # Passkeys
//
// The agency's own host is the relying party, its address the only origin: a passkey of one
// agency, or one that was asked for by a page elsewhere, proves nothing here. The challenge
// is kept in the sealed session, says what it is for, and is taken out before it is looked
// at: an answer is good once. A counter that does not go up means that the key was copied;
// the answer is refused. A passkey is one proof here, beside the password.
//
// # Recovery codes
//
// Ten codes of 60 bits, made with the first factor and shown once. Only a keyed hash is
// kept, over the code and whose it is, so that a code opens no other account. Upper and
// lower case, hyphens, spaces, and letters that look like digits do not matter. One
// statement uses a code up. A new set replaces the old one; with the last factor all go.
//
// # Tries
//
// are counted like those of passwords (package limit: by person and network, network,
// person, known devices aside), before they are looked at. A failure has one text, one
// status and one time (staff.DefaultAnswerAfter) whatever it was: wrong, used, of somebody
// else, or refused unchecked, which alone writes no audit record.
//
// # Doing what matters
//
// A route that is Fresh (package web) asks for a proof within the last ten minutes: of a
// factor, or of the password where there is none. /account/confirm is where it is given,
// before the form is shown; what is posted later without a form of that time is refused.
// Changes of factors are Fresh themselves, and the person is told of each by mail.
//
// An administrator can take all factors of a colleague away who has lost them
// ([Handlers.Reset]), never her own: it ends the colleague's sessions, is recorded, and
// told to her.
package factor
