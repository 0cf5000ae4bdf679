// Package sso signs staff in at their agency's own identity provider, by OpenID Connect.
//
// # What it is
//
// A [Provider] is an issuer that an agency trusts to say who its people are, with the
// client that KoNote is there. A person signs in with it when her account is linked to the
// subject by which the issuer names her. Nobody gets an account because she is in the
// directory, unless the agency says so and maps a group to a role.
//
// # What a provider can say, and about whom
//
// An account is found by (provider, subject) within one agency and by nothing else: the
// agency comes from the host, its providers are rows of its own schema, and a token is
// verified against the issuer and the client of the one provider that the person was sent
// to. So the issuer of one agency can assert nothing about another one's people, whatever
// it writes into its tokens. The issuer of a provider never changes; another issuer is
// another provider, and links do not pass over.
//
// # A sign-in
//
//  1. The person's own page posts to /sign-in/sso. State, nonce and PKCE verifier are made
//     and kept in Redis, sealed under a cookie that only this browser gets, for ten minutes.
//  2. She comes back to /sign-in/sso/callback. The cookie finds and opens what was kept,
//     once; the state must be that one. Without the cookie there is no sign-in, so nobody
//     can be signed in as somebody else by following a link.
//  3. When the answer names its issuer (RFC 9207) it must be the provider's; when the
//     issuer promises to, it must be named. The code is exchanged there, with the verifier.
//  4. The ID token must be signed by a key of the issuer with an asymmetric algorithm, name
//     exactly this issuer, this client and this nonce, and not be over.
//  5. The account is found, must be active, and the session begins.
//
// Whatever fails has one page with a reference; the reason is in the audit log alone. It
// says nothing about accounts: who fails here has proved who she is to her own provider.
//
// # How an account is linked
//
//   - She signs in with her password and connects it herself, on /account/connected.
//   - The agency lets verified e-mail addresses link: the provider states literally that
//     it has verified the address, it is that of an active account that is linked to
//     nobody there yet, and the account is no administrator's.
//   - She accepts an invitation at the provider (package invite), the only way where passwords
//     are off. Its token waits with the flow, sealed. The link has proved the address, so the
//     provider need not have verified it, but one that it gives may be no other. Account and
//     link are made in the transaction that uses the invitation up, or neither.
//   - She opens a link that an administrator had mailed to her (staff.SendConnecting), on
//     /connect: the way for whoever had only a password when passwords were turned off, and the
//     settings name them before. It works once, for a day, for the account as it was then, and
//     never for an administrator's. The rule of addresses is that of an invitation; and where the
//     provider gives none, the account may have no second factor here, in whose place that of
//     somebody else could come.
//   - The agency lets a group in, and the token names the group: then a new account is made
//     with the mapped roles, once. Afterwards its roles are kept in KoNote as all are.
//     They do not follow the groups: a token that names none may come from somebody who has
//     left them, or from a directory that names no groups at all (Entra ID does so where
//     there are many), and roles that come and go with it would take people's work away or
//     leave it open, and nobody here would have decided it. Whoever is to be out at once is
//     shut out by her account: there or here.
//
// # How long it lasts
//
// A session from here ends after eight hours ([Life]) and at every idle limit, and cannot
// be prolonged by proving something here. An account that is closed at the provider
// therefore stops working here after eight hours at most, at once when the provider sends
// a logout token to /sign-in/sso/backchannel, and at once when it is deactivated in KoNote,
// as every request asks. Entra ID sends no such tokens. A logout that names a session ends
// that one, one that names the person ends all of hers, signed in here or there.
//
// A second factor at the provider counts as one here when the agency says so; otherwise
// the person's second factor is asked for here, as after a password.
//
// # Proving anew
//
// A sign-in counts as a fresh proof (web.Need.Fresh) from the moment that the token states
// as auth_time: never later than now, and as none when the token does not say, because a
// provider may let a browser pass that it knows already. Somebody with neither a factor nor
// a password here proves anew through her provider ([Handlers.Prove]): it is sent
// prompt=login and max_age=0, must answer with her own subject, and with an auth_time that
// is not before the question. Clocks may be a minute apart.
//
// # What is fetched from elsewhere
//
// The address of an issuer is typed by an administrator and fetched by the server. Only
// https is fetched, no redirect is followed, no name that leads to an address inside is
// connected to (asked of the connection itself, after the name was looked up), and answers
// are bounded in size and time. In a demo and in tests addresses of this machine are
// allowed, over plain HTTP.
package sso
