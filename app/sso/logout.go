package sso

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"

	"konote/app/audit"
	"konote/app/staff"
	"konote/app/web"
	"konote/tenancy"
)

const (
	logoutFresh = 10 * time.Minute // how old a logout token may be
	logoutOnce  = 24 * time.Hour   // how long its id is remembered; it is refused as too old long before
)

var errLogout = errors.New("sso: the logout token is not good")

// Backchannel ends sessions because the provider says so, in a token of its own (OpenID
// Connect Back-Channel Logout). The token is the proof: no session and no form token
// come with it. A token counts once.
func (h *Handlers) Backchannel(r *web.Request) (web.Response, error) {
	p, token, err := h.logoutToken(r)
	if errors.Is(err, errLogout) {
		answer, err := web.JSON(map[string]string{"error": "invalid_request"})
		answer.Status = http.StatusBadRequest
		return answer, err
	}
	if err != nil {
		return web.Response{}, err
	}
	if token.SessionID != "" {
		ended, err := h.Sessions.EndOutside(r.Context(), r.Agency.ID, p.mark(token.SessionID))
		if err == nil && ended > 0 {
			err = h.recordLogout(r, p, uuid.Nil)
		}
		return done(err)
	}
	return done(h.endPerson(r, p, token.Subject))
}

// done is the answer that the protocol asks for.
func done(err error) (web.Response, error) {
	if err != nil {
		return web.Response{}, err
	}
	answer := web.Empty()
	answer.Status = http.StatusOK
	return answer, nil
}

// endPerson ends all of a person's sessions.
func (h *Handlers) endPerson(r *web.Request, p Provider, subject string) error {
	var person uuid.UUID
	err := r.Agency.Update(r.Context(), func(tx *tenancy.Tx) (err error) {
		if _, person, err = bySubject(r.Context(), tx, p.ID, subject); err != nil || person == uuid.Nil {
			return err
		}
		if err := staff.EndSessions(r.Context(), tx, person); err != nil {
			return err
		}
		return audit.Record(r.Context(), tx, bySystem(r), audit.Event{Action: actionLogout, Subject: person,
			After: map[string]any{"provider": p.ID}})
	})
	if err != nil || person == uuid.Nil {
		return err
	}
	_, err = h.Sessions.EndAll(r.Context(), r.Agency.ID, person, nil)
	return err
}

func (h *Handlers) recordLogout(r *web.Request, p Provider, person uuid.UUID) error {
	return r.Agency.Update(r.Context(), func(tx *tenancy.Tx) error {
		return audit.Record(r.Context(), tx, bySystem(r), audit.Event{Action: actionLogout, Subject: person,
			After: map[string]any{"provider": p.ID}})
	})
}

// logoutToken checks the token against the provider whose it says it is. What it says is
// looked at first, so that a stranger's token has no keys fetched.
func (h *Handlers) logoutToken(r *web.Request) (p Provider, token *oidc.LogoutToken, err error) {
	raw := r.Value("logout_token")
	names, audience := claimedBy(raw)
	var found []Provider
	err = r.Agency.View(r.Context(), func(tx *tenancy.Tx) (err error) {
		found, err = load(r.Context(), tx, sqlCurrent)
		return err
	})
	if err != nil {
		return p, nil, err
	}
	at := slices.IndexFunc(found, func(p Provider) bool { return p.Issuer == names && slices.Contains(audience, p.ClientID) })
	if at < 0 {
		return p, nil, errLogout
	}
	p = found[at]
	known, err := h.Directory.find(r.Context(), p.Issuer)
	if err != nil {
		return p, nil, errLogout
	}
	token, err = known.verifier(p).VerifyLogout(h.Directory.context(r.Context()), raw)
	if err != nil || token.Issuer != p.Issuer || time.Since(token.IssuedAt).Abs() > logoutFresh {
		return p, nil, errLogout
	}
	fresh, err := h.Sessions.Once(r.Context(), r.Agency.ID, p.ID.String()+":"+token.TokenID, logoutOnce)
	if err == nil && !fresh {
		err = errLogout
	}
	return p, token, err
}

// claimedBy reads whose a token says it is, and for whom. Nothing is proved by it.
func claimedBy(raw string) (issuer string, audience []string) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return "", nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", nil
	}
	var body map[string]json.RawMessage
	if json.Unmarshal(payload, &body) != nil {
		return "", nil
	}
	return text(body, "iss"), list(body, "aud")
}
