package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/app/session"
	"konote/app/view"
)

// csrfHeader carries the token of a page where no form does (view.CSRFField).
const csrfHeader = "X-CSRF"

// tokenOf makes the token that forms on a page carry: eight bytes of time and an HMAC
// over the time, the agency and whose page it is. holder is the member of staff, or,
// when nobody is signed in, the mark of the browser.
func (a *App) tokenOf(agency uuid.UUID, holder string) string {
	token := binary.BigEndian.AppendUint64(nil, uint64(a.cfg.Now().Unix()))
	return base64.RawURLEncoding.EncodeToString(append(token, a.tokenMAC(token, agency, holder)...))
}

func (a *App) tokenMAC(at []byte, agency uuid.UUID, holder string) []byte {
	mac := hmac.New(sha256.New, a.forms)
	mac.Write(at)
	mac.Write(agency[:])
	mac.Write([]byte(holder))
	return mac.Sum(nil)
}

// validToken says whether a token is good. One of staff lives as long as a session
// may; one of a browser that nobody is signed in with does not age, since sign-in
// pages stay open overnight.
func (a *App) validToken(token string, agency uuid.UUID, holder string, ages bool) bool {
	age, ours := a.tokenAge(token, agency, holder)
	return ours && (!ages || age < session.Absolute)
}

// tokenAge compares in constant time. ours says whether the token was made here, at this
// agency and for this holder.
func (a *App) tokenAge(token string, agency uuid.UUID, holder string) (age time.Duration, ours bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != 8+sha256.Size {
		return 0, false
	}
	if !hmac.Equal(raw[8:], a.tokenMAC(raw[:8], agency, holder)) {
		return 0, false
	}
	return a.cfg.Now().Sub(time.Unix(int64(binary.BigEndian.Uint64(raw)), 0)), true
}

// staffHolder, browserHolder and stampHolder keep the kinds of holders apart. A stamp
// (see checkFresh) is held by one session, for one address.
func staffHolder(staff uuid.UUID) string { return "staff:" + staff.String() }
func browserHolder(device string) string { return "browser:" + device }
func stampHolder(s *session.Session, path string) string {
	return "stamp:" + s.Token().Cookie() + ":" + path
}

// checkUnsafe lets a request that changes something pass only when the browser says
// that it comes from a page of this very host, and when it carries the token of that
// page. Either would do against today's browsers; both are asked.
func (x *exchange) checkUnsafe() error {
	r := x.r
	if !sameOrigin(x.header("Sec-Fetch-Site"), x.header("Origin"), x.host, x.app.cfg.Secure) {
		return fault.New(fault.Denied, i18n.WebForeignText)
	}
	token := x.header(csrfHeader)
	if token == "" {
		token = r.Form.Get(view.CSRFField)
	}
	r.Form.Del(view.CSRFField)
	x.stamp = r.Form.Get(view.StampField)
	r.Form.Del(view.StampField)
	if r.Session != nil && x.app.validToken(token, r.Agency.ID, staffHolder(r.Session.Staff), true) {
		return nil
	}
	// A page from before the sign-in may still send public forms.
	if x.route.Need.kind == needPublic && x.app.validToken(token, r.Agency.ID, browserHolder(x.cookie(deviceCookie)), false) {
		return nil
	}
	return fault.New(fault.Denied, i18n.WebStaleText)
}

// sameOrigin reads what browsers say about where a request comes from. Each header
// that is there must agree; other programs than browsers send neither, and they are
// stopped by the token.
func sameOrigin(site, origin, host string, secure bool) bool {
	switch site {
	case "", "same-origin", "none": // none: the person herself, by reloading
	default:
		return false
	}
	if origin == "" {
		return true
	}
	parsed, err := url.Parse(origin)
	if err != nil || parsed.Host == "" {
		return false // "null" too
	}
	if parsed.Scheme != "https" && (secure || parsed.Scheme != "http") {
		return false
	}
	return strings.EqualFold(withoutPort(parsed.Host, parsed.Scheme), withoutPort(host, parsed.Scheme))
}

// withoutPort takes the scheme's own port off a host.
func withoutPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
