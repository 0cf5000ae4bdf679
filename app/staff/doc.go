// Package staff keeps the accounts of an agency's staff: signing in and out, passwords,
// one's own account, and who has which role in which program.
//
// # An account
//
// has a display name, an e-mail address or a user name (or both), and usually a
// password. All three names are sealed; address and user name carry a keyed hash of
// their normal form (NFKC, lower case, no spaces around) under which sign-in finds them.
// A user name has no @, so it can never stand in for somebody's address. Accounts are
// deactivated and never deleted: their names stand on what they did. The administrator's
// flag opens settings and accounts, never a participant. A person has at most one role
// in a program (package access says what it opens). [Visitors] asks at every request
// whether roles, status or anything else that decides has changed, and reads it anew if so:
// a change takes effect at the next request (docs/decisions/0011).
//
// # Passwords
//
// At least 12 characters, at most 1,024 bytes, no rules about their kinds; refused when
// they are little more than a known word, a row of keys and a few digits (see
// [CheckPassword], common.txt). They are mixed with a pepper (HMAC-SHA-256 with a secret
// outside the database), hashed with Argon2id (19 MiB, 2 passes), written as a PHC
// string that names the pepper, and sealed with the agency's key: guessing needs the
// database, the key and the pepper. Django's Argon2 hashes are accepted as they are and
// made anew at the first sign-in.
//
// # Signing in
//
// What somebody without a password can learn is that a password is wrong, and nothing
// about who has an account:
//
//   - One text and one status (422) for every failure: no such account, wrong password,
//     account deactivated or without a password, too many tries, password too long.
//   - One time. A failure is answered AnswerAfter (400 ms) after its hash got a turn, or,
//     when a try is refused unchecked because of earlier ones, after it arrived. An
//     account that does not exist costs a hash too. One of ours takes about 40 ms on two
//     free cores, an imported one of Django's (100 MiB, 2 passes, 8 threads) 130 ms,
//     twice that on busy ones: hence 400 ms and not less. What takes longer all the same
//     is answered at the next multiple, so that what shows is a step and not the work
//     behind it. Waiting for a turn is not part of the time: it depends on the others.
//   - One trace: every checked failure reads one account and writes one audit record, in
//     one transaction each. The record of a known account names its id, that of an
//     unknown one nothing; what was typed is never written down, since it may be a
//     password in the wrong field. Tries refused unchecked write nothing, for known and
//     unknown alike: otherwise a stranger could fill the audit log at will.
//
// A try is counted before it is checked and taken back when it succeeds (package limit:
// by account and network, by network, by account), so tries at the same time get no more
// turns than tries one after another. The name that was typed is what is counted, in its
// normal form, whether somebody has it or not. Without Redis nobody signs in.
//
// Hashing is bounded in number, queue and time ([Hasher]); beyond that the answer is
// fault.Limited, and the try is taken back. It has the lowest claim on the processors, so
// that a flood of sign-ins slows sign-ins and nobody's pages.
//
// A residue: two people who try at the same time can feel each other's hash, so somebody
// who also holds the queue full could tell an imported hash that was never used from
// others. It needs tries, which are counted.
//
// # Other ways in
//
// A sign-in at the agency's own provider (package sso) enters by [Handlers.Enter]. With the
// agency's choice PasswordOff a password opens administrators' accounts alone; anybody
// else's right password is answered as a wrong one is. A second factor is asked for by
// package web, whatever the way in (package factor).
//
// # A forgotten password
//
// Whoever types a login at /forgot gets one answer at one time, as for signing in. If there
// is an active account with an address and a password, a link is mailed, three an hour at
// most. A link is an HMAC of its row's id ([Links]); it is good for one hour, once, and for
// the account's version at that time: changing password, address or status voids it. It
// replaces the password and no second factor, and ends every session.
//
// Links with which somebody connects her account to a provider (package sso) are kept with
// them, under keys of their own, and are good for a day ([SendConnecting]); where a password
// would not let somebody in, no link for one is sent.
//
// # Notices
//
// [Notify] tells a person by e-mail what has happened to her account, [NoteDevice] that
// somebody signed in on a device that was not known. Jobs carry ids, never addresses or words.
//
// # Who may do what
//
// Everybody has an account page, and corrects her own name and address there; that another
// account has an address is not told her. About the accounts of others, [Powers] says who may do what;
// what changes them (change, in people.go) asks it again under locks, in its own transaction:
//
//   - Administrators do everything, but nothing to themselves, and one stays.
//   - Who manages people in a program (user.manage) sees who works there, and of their roles
//     those there. She gives, changes and ends front desk and direct service in her programs,
//     whatever else that person does, and signs people out. The front desk is not lifted to
//     direct service, and names, addresses, second factors and reopening are the
//     administrators'. docs/decisions/0012 says why nothing that she may not know of plays a
//     part.
//
// [Create], [Deactivate], [Grant] and [Remove] ask nothing themselves: they are for commands
// of operators and for callers that have asked.
package staff
