// Package limit counts what may be done only so often, in Redis, so that every
// process counts together and a restart forgets nothing.
//
// # Two kinds of counters
//
// A quota ([Limits.Allow]) gives so many turns in a time and refills evenly. The
// table [Rules] names every one of them, whom it counts (account, network, agency)
// and what happens when Redis is down: a rule that guards an account refuses, any
// other lets through and counts that in a metric. An agency's staff and strangers at
// its pages have turns of their own, so strangers cannot use up those of the staff.
//
// A ladder ([Limits.Try]) guards sign-in. The first few tries cost nothing; from then
// on each further try must wait twice as long as the one before, up to a longest
// wait; and one try after the other is forgotten as time passes. A try is counted
// when it begins, not when it has failed, so a hundred tries at the same time get as
// many turns as five after one another. [Limits.Succeeded] takes the try back.
//
// # What a try is counted by
//
//   - the account together with the network: guessing one password from one place;
//   - the network (/32 and /24; IPv6 /64 and /48): trying one password on many
//     accounts, and switching addresses;
//   - the account from wherever: a botnet that guesses one password. This counter can
//     be filled by strangers, which is why a known device goes past it;
//   - the agency: a botnet that tries everything.
//
// Nobody can lock a colleague out for ever. The longest wait is minutes, and counters
// lapse. And a browser that has signed in to an account before carries a random
// device cookie: its tries are counted by account and device alone, so that what others
// do, from the same office too, does not touch it. The mark says which device knows
// which account only to someone who holds both (an HMAC), and lapses after 90 days.
//
// An account is what was typed, folded to lower case. Whether it exists is never
// asked, so unknown accounts are counted, delayed and answered the same.
//
// # Keys
//
// The key of a counter is an HMAC of rule, scope, agency and value under a secret of
// the platform: a dump of Redis names no person, no address and no agency. They share
// one hash tag, so that one script call stays atomic on a Redis cluster.
package limit
