// Package web is the only room that knows HTTP. It turns a request into a [Request],
// takes it through every check, calls one [Handler], and sends its [Response]. Fiber
// ends here: no other package names it.
//
// # A handler
//
//	func (h *Handlers) Create(r *web.Request) (web.Response, error) {
//		form, problems := decode(r)                                   // decode
//		if r.SwitchLanguage {
//			return web.Page(i18n.ProgramNew, edit(r.Frame(), form, nil)), nil
//		}
//		if problems.Any() {
//			return web.Page(i18n.ProgramNew, edit(r.Frame(), form, problems)).Invalid(), nil
//		}
//		…                                                             // decide, act
//		return web.Redirect(view.To("programs", id.String())).Say(i18n.ProgramMade), nil
//	}
//
// A Request holds copies: it may be kept, and it can be made by hand ([NewRequest]) to
// test a handler without HTTP. Its context ends with the request; a handler starts no
// goroutine but enqueues a job. A Response is data. It is rendered into a buffer and
// sent when it is whole, so an error half-way still becomes an error page.
//
// # The way of a request
//
// [New] takes the table of all routes. Each row says what the person needs; a row
// without a need, a doubled path or an unknown permission stops the process. A request
// is checked in this order, and nothing is registered beside it:
//
//  1. the host. Only the Host header counts, it must be there once, and the registry
//     must know it. X-Forwarded-Host and absolute addresses are not looked at.
//  2. the agency's status;
//  3. the session, then a turn (429): of the agency's staff, or of strangers;
//     who the session's owner is at this moment and in which roles; idle time;
//  4. what the route needs: signed out goes to sign-in, no permission is 403;
//  5. for anything but GET: the size and kind of the body, where the request comes from
//     (Sec-Fetch-Site, Origin) and the token of the form;
//  6. the language switch;
//  7. a fresh proof, where the route asks for one ([Need.Fresh]);
//  8. the route's own limit.
//
// # Forged requests
//
// Every form carries a token: a time and an HMAC over it, the agency and the holder of
// the page. The holder is the member of staff, or, signed out, a random mark that the
// browser keeps in a cookie. The token is bound to the person and not to the session
// on purpose. A page that was open when the session ended can then be sent once more
// after signing in again, so nothing typed is lost; and only by the same person: on a
// shared computer the next one's session refuses it. Tokens of staff live for twelve
// hours, as a session does. Beside the token, browsers say by Sec-Fetch-Site and Origin
// whose page sent the request, and every header that is there must name this host.
// Sibling agencies are other origins. The session cookie is SameSite=Lax and, over
// HTTPS, __Host-: a sibling can neither send nor set it.
//
// A form whose address asks for a fresh proof may be sent later than its ten minutes when
// it was opened within them: it then carries a stamp as well, made like a token over the
// session and the form's address, good for one hour. No page does anything for it, and
// what a script posts by itself has none.
//
// # When a session ends
//
// A page that is asked for leads to sign-in and back. A form that is posted with a
// session that has ended is not kept anywhere (it is a person's words, and the next
// person at a shared computer may be another one): the answer is 401, and the browser
// itself still has it. Without JavaScript the page says: sign in in another tab, come
// back, reload. With it the script keeps the page, opens sign-in in a new tab, and sends
// the form again as it is.
//
// # What the script may rely on
//
//   - Forms: application/x-www-form-urlencoded with the field csrf, or header X-CSRF. A form
//     that brings a file is multipart/form-data, on the routes that say so ([Route].File).
//   - Answers of a session carry X-Session-Seconds, how long it lives without a further
//     request. GET /session/state says so too ({"seconds":n}, 0 for signed out) and
//     keeps nothing alive. POST /session/extend answers 204.
//   - A session that has ended answers 401 with X-Session: ended. GET /session with the
//     page's own X-CSRF answers 200 (and a fresh token) when the same person is signed in
//     again, 401 when nobody or somebody else is. A page must never put a fresh token
//     into a form that was typed before: it would send one person's words as another's.
//     The one that may comes with the answer to a save of a draft, which the page's own
//     token was good for: a form that is open for long can be sent in the end.
//   - To an htmx request a redirect is HX-Redirect, an error a fragment.
//
// # Language
//
// A link with ?lang=fr sets the language and comes back to the same page without it. A
// form sent with switch_language=fr is meant to be shown again in French and must not be
// acted on. It reaches the handler only when the row says Keeps; the handler then looks
// at [Request].SwitchLanguage and answers with the form as typed, unchecked. Otherwise
// nothing is done and the person lands on the page she came from, in French. The order
// of preference is: the cookie lang, the person's own choice, the browser's, English.
//
// # Answers
//
// Every answer has the strict Content-Security-Policy, no-store (bundled files aside)
// and the other headers of headers.go. An error becomes a status and a page in one place
// (errors.go), in the reader's language; what nobody foresaw shows a reference number
// alone, which is also in the log. The log never holds a query, a body, a name or what a
// database quotes of a row. Pages are compressed only for requests that the browser
// marks as coming from this host or from the person (a stranger's page could measure
// them otherwise).
//
// Strings from Fiber alias buffers that the next request overwrites, hence Immutable;
// its context never ends, hence our own; its proxies, views, static files, sessions,
// limits and error texts are not used.
package web
