package web

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"konote/app/session"
)

// The cookies, without the prefix that Secure mode gives them.
const (
	sessionCookie  = "session" // ends with the browser
	deviceCookie   = "device"  // random mark of the browser: tokens of signed-out forms, tries to sign in
	languageCookie = "lang"
	keysCookie     = "keys" // "off": single keys do nothing in this browser
	linkCookie     = "link" // the secret of a link that was sent by mail
	flowCookie     = "flow" // what finds and opens a sign-in elsewhere that is under way
)

const (
	deviceAge   = 400 * 24 * time.Hour // what browsers allow at most
	languageAge = 365 * 24 * time.Hour
	linkAge     = time.Hour
)

// cookieName adds the prefix by which browsers refuse a cookie that was set by a
// sibling subdomain, over plain HTTP or for another path.
func (a *App) cookieName(name string) string {
	if a.cfg.Secure {
		return "__Host-" + name
	}
	return name
}

// setCookie sets a cookie; no age lets it end with the browser, a negative one
// deletes it.
func (x *exchange) setCookie(name, value string, age time.Duration) {
	x.c.Cookie(&fiber.Cookie{
		Name: x.app.cookieName(name), Value: value, Path: "/",
		MaxAge: int(age.Seconds()), SessionOnly: age == 0,
		Expires: expires(x.app.cfg.Now(), age),
		Secure:  x.app.cfg.Secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

func expires(now time.Time, age time.Duration) time.Time {
	switch {
	case age < 0:
		return time.Unix(1, 0)
	case age == 0:
		return time.Time{}
	}
	return now.Add(age)
}

func (x *exchange) cookie(name string) string { return x.c.Cookies(x.app.cookieName(name)) }

// device is the mark of the browser: the one it sent, or a new one, which the answer
// gives it when it is a page.
func (x *exchange) device() string {
	if mark := x.cookie(deviceCookie); len(mark) == 43 {
		return mark
	}
	var mark [32]byte
	_, _ = rand.Read(mark[:]) // never fails (crypto/rand)
	x.newDevice = base64.RawURLEncoding.EncodeToString(mark[:])
	return x.newDevice
}

// setFlow lets the cookie of a sign-in elsewhere live as long as what it opens. It is Lax
// like the others: the browser brings it when the other side sends it back.
func (x *exchange) setFlow(cookie *string) {
	switch {
	case cookie == nil:
	case *cookie == "":
		x.setCookie(flowCookie, "", -1)
	default:
		x.setCookie(flowCookie, *cookie, session.FlowLife)
	}
}

// keepLink gives the browser the secret of a link, or takes it away.
func (x *exchange) keepLink(secret string) {
	if secret == "" {
		x.setCookie(linkCookie, "", -1)
		return
	}
	x.setCookie(linkCookie, secret, linkAge)
}
