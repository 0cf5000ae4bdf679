package sso

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// claims are what a verified ID token says.
type claims struct {
	Subject  string
	Session  string // what the provider calls its session; "" when it does not say
	Name     string
	Email    string // only an address that the provider says it has verified
	Address  string // the address that it gives, verified or not: it opens nothing
	Strong   bool   // it states a second factor
	Methods  []string
	Groups   []string
	Names    []string  // of all claims, for the page that tries a sign-in
	AuthTime time.Time // when she proved there who she is; zero when it does not say
	Verified bool      // it says anything about an address having been verified
}

// A refusal is why a sign-in failed: for the audit log alone, in words of our own.
type refusal string

func (r refusal) Error() string { return "sso: " + string(r) }

const (
	maxSubject = 255
	maxGroups  = 500
)

// redeem exchanges a code for the ID token and checks it against what was sent out. It
// asks the one provider that the person was sent to.
func (d *Directory) redeem(ctx context.Context, p Provider, f flow, callback, code, named string) (claims, error) {
	found, err := d.find(ctx, p.Issuer)
	if err != nil {
		return claims{}, refusal("the provider's addresses cannot be read")
	}
	if (named == "" && found.names) || (named != "" && named != p.Issuer) {
		return claims{}, refusal("the answer is another issuer's")
	}
	client := found.client(p, callback)
	token, err := client.Exchange(d.context(ctx), code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return claims{}, refusal("the provider did not take the code")
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return claims{}, refusal("the provider gave no ID token")
	}
	id, err := found.verifier(p).Verify(d.context(ctx), raw)
	if err != nil {
		return claims{}, refusal("the ID token is not good: " + kindOfFlaw(err))
	}
	if id.Issuer != p.Issuer { // the library lets one spelling of Google pass
		return claims{}, refusal("the ID token is another issuer's")
	}
	if f.Nonce == "" || !same(id.Nonce, f.Nonce) {
		return claims{}, refusal("the ID token does not answer this sign-in")
	}
	var body map[string]json.RawMessage
	if err := id.Claims(&body); err != nil {
		return claims{}, refusal("the ID token cannot be read")
	}
	// Of several who may read it, or when it says so, it must have been asked for by us.
	if by := text(body, "azp"); (by != "" || len(id.Audience) > 1) && by != p.ClientID {
		return claims{}, refusal("the ID token was made for another client")
	}
	if id.Subject == "" || len(id.Subject) > maxSubject {
		return claims{}, refusal("the ID token names nobody")
	}
	return readClaims(p, id.Subject, body), nil
}

// kindOfFlaw says what the library found wrong, without what stood in the token.
func kindOfFlaw(err error) string {
	message := err.Error()
	for _, kind := range [][2]string{
		{"expired", "it is over"}, {"different provider", "another issuer"}, {"expected audience", "another audience"},
		{"fetching keys", "the keys cannot be read"}, {"failed to verify", "its signature"}, {"malformed", "its form or algorithm"},
	} {
		if strings.Contains(message, kind[0]) {
			return kind[1]
		}
	}
	return "it cannot be checked"
}

func readClaims(p Provider, subject string, body map[string]json.RawMessage) claims {
	c := claims{Subject: subject, Session: text(body, "sid"), Name: text(body, "name"), Address: text(body, "email"), Groups: list(body, p.GroupClaim),
		Methods: list(body, "amr"), Names: slices.Sorted(maps.Keys(body))}
	var verified bool // an address counts only when the claim is literally true
	_, c.Verified = body["email_verified"]
	if json.Unmarshal(body["email_verified"], &verified) == nil && verified {
		c.Email = text(body, "email")
	}
	var seconds float64 // a number, by the standard
	if json.Unmarshal(body["auth_time"], &seconds) == nil && seconds > 0 && seconds < 1<<40 {
		c.AuthTime = time.Unix(int64(seconds), 0)
	}
	c.Strong = slices.Contains(c.Methods, "mfa") || (p.StrongACR != "" && text(body, "acr") == p.StrongACR)
	if c.Name == "" {
		c.Name = strings.TrimSpace(text(body, "given_name") + " " + text(body, "family_name"))
	}
	return c
}

// proved says whether a sign-in is worth two factors here.
func (p Provider) proved(c claims) bool {
	return p.SecondFactor == Always || (p.SecondFactor == Stated && c.Strong)
}

// skew is how far a provider's clock may be from ours.
const skew = time.Minute

// provedAt is when she proved to the provider who she is, as far as that can be believed:
// never after now, and zero when it did not say, or named a time to come.
func (c claims) provedAt(now time.Time) time.Time {
	switch {
	case c.AuthTime.After(now.Add(skew)):
		return time.Time{}
	case c.AuthTime.After(now):
		return now
	}
	return c.AuthTime
}

// text is a claim that is a string; "" otherwise.
func text(body map[string]json.RawMessage, name string) string {
	var value string
	if json.Unmarshal(body[name], &value) != nil {
		return ""
	}
	return value
}

// list is a claim that is one string or several.
func list(body map[string]json.RawMessage, name string) []string {
	if one := text(body, name); one != "" {
		return []string{one}
	}
	var values []string
	if json.Unmarshal(body[name], &values) != nil {
		return nil
	}
	return values[:min(len(values), maxGroups)]
}

// String hides what a token says from logs.
func (claims) String() string { return "[claims]" }
