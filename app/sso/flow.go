package sso

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"konote/app/i18n"
	"konote/app/view"
	"konote/app/web"
)

// A purpose is what a sign-in elsewhere is for.
type purpose string

const (
	toSignIn  purpose = "sign-in"
	toConnect purpose = "connect" // to the account of who is signed in here
	toTry     purpose = "try"     // an administrator looks what comes back
	toProve   purpose = "prove"   // that it is still who is signed in here
	toAccept  purpose = "accept"  // an invitation, whose token is kept here
	toLink    purpose = "link"    // to the account of a link that was mailed, whose token is kept here
)

// A flow is what is kept, sealed, while somebody is away to sign in.
type flow struct {
	Purpose  purpose   `json:"purpose"`
	Provider uuid.UUID `json:"provider"`
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Next     string    `json:"next,omitempty"`
	Staff    uuid.UUID `json:"staff,omitzero"` // who began it, signed in here
	Asked    time.Time `json:"asked,omitzero"` // when a proof was asked for
	// Invitation is the token that the browser came with.
	Invitation string `json:"invitation,omitempty"`
}

// begin sends the browser to the provider. The page in between is only seen when the
// browser does not go on by itself: a form may not be answered with an address of another
// host (form-action), and a provider may lead on to hosts that nobody knows beforehand.
func (h *Handlers) begin(r *web.Request, p Provider, f flow) (web.Response, error) {
	found, err := h.Directory.find(r.Context(), p.Issuer)
	if err != nil {
		return h.failed(r, f, refusal("the provider's addresses cannot be read"))
	}
	f.Provider, f.State, f.Nonce, f.Verifier = p.ID, random(), random(), oauth2.GenerateVerifier()
	cookie, err := h.Sessions.Begin(r.Context(), r.Agency.ID, f)
	if err != nil {
		return web.Response{}, err
	}
	client := found.client(p, h.callback(r))
	options := []oauth2.AuthCodeOption{oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier),
		oauth2.SetAuthURLParam("ui_locales", r.P.Tag()+" "+r.P.Language())}
	if f.Purpose == toProve { // she is asked anew there, and the token says when (OIDC Core 3.1.2.1)
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	address := client.AuthCodeURL(f.State, options...)
	answer := web.Page(i18n.SsoLeavingTitle, leavingView(r.Frame(), p.Name(r.P), address)).Flow(cookie)
	answer.Header = map[string]string{"Refresh": "0;url=" + address}
	return answer, nil
}

// callback is where providers send people back; the agency's host alone decides.
func (h *Handlers) callback(r *web.Request) string {
	return h.URL(r.Agency.Host) + view.To("sign-in", "sso", "callback").String()
}

func (h *Handlers) backchannel(r *web.Request) string {
	return h.URL(r.Agency.Host) + view.To("sign-in", "sso", "backchannel").String()
}

func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// same compares secrets in a time that does not tell where they differ.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
