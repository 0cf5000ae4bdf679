// Package session keeps who is signed in, in Redis, so that neither reading nor
// writing Redis opens anything.
//
// # Model
//
// A session begins at sign-in ([Store.Start]) and ends after a time without requests
// (the agency's setting), after twelve hours, at sign-out ([Store.End]), when all of
// a person's sessions are ended ([Store.EndAll]), or when its id is changed
// ([Store.Rotate], [Store.Prove]: after a second factor or a change of the account). A new
// id does not begin the twelve hours again. A session is looked up at every request and
// nowhere cached, so an end takes effect at the next request.
//
// # The seal
//
// The cookie holds 64 random bytes: an id and a secret. The key in Redis is
//
//	s:{<agency>}:<SHA-256 of the id>
//
// and the value is AES-256-GCM under HKDF-SHA256(secret of the cookie, salt: secret
// of the platform), with the key as associated data. From this follows:
//
//   - A dump of Redis holds no token (only a hash of half of it), no name and no
//     staff id, and the values cannot be opened: the secret is in the browser alone.
//   - Whoever can write to Redis cannot make a session either: that takes the secret
//     of the platform. Moving a value to another key does not open.
//   - A cookie of one agency presented at another one's host names a key that does
//     not exist; the sealed agency id is compared as well.
//   - Nobody can choose an id for somebody else: ids are made here, at sign-in, and a
//     cookie that is presented at sign-in is never kept.
//
// The index of a person's sessions is named by an HMAC of the staff id and holds
// hashes. Beside each session stands on which device it began ([Store.SetDevice]), sealed
// under a key of the platform, since a list of sessions is read without their cookies: a
// browser's and a system's name, made equally long. All keys of an agency share a hash
// tag, so that scripts stay atomic on a Redis cluster.
//
// # From elsewhere
//
// A session that rests on a sign-in elsewhere ([Outside], package sso) has an end of its
// own, and may be ended by the name that the other side gives it; the index for that is
// named by an HMAC too. While somebody is away, what is needed when she comes back is kept
// like a session, under a cookie of its own, and can be taken once ([Store.Begin],
// [Store.Take]).
//
// # Writing
//
// Every change to a living session is compare-and-set: requests that run at the same
// time do not undo each other's changes, and none can bring back a session that has
// ended meanwhile. The time of the last request is written at most every twenty
// seconds; a session may therefore end up to twenty seconds early, never late.
//
// # When Redis is down
//
// Every function returns [ErrUnavailable]. Nothing is ever allowed because Redis did
// not answer.
package session
