// Package ssotest is an OpenID Connect issuer, for tests and for the demo. It issues codes
// and ID tokens as the real ones do, for people that it was told of, and can be told to
// misbehave in every way that a token can be wrong. It keeps everything in memory and
// asks nobody for a password: never use it for real accounts.
package ssotest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Person is somebody whom the issuer knows.
type Person struct {
	Subject string
	Name    string
	Claims  map[string]any // further ones: email, email_verified, groups, amr, sid …
}

// Token is an ID token before it is signed.
type Token struct {
	Algorithm string // ES256; none and HS256 (with the public key) are for misbehaving
	Claims    map[string]any
	Raw       string // sent as it is, when Bend has set it
}

// Issuer is safe for concurrent use, except that Bend and the flags are set before it is
// asked.
type Issuer struct {
	Address string // the issuer's name, and where it is
	// Redirects are the addresses that people may be sent back to.
	Redirects []string
	ClientID  string
	Secret    string // "" for a public client
	People    []Person

	// Bend changes tokens before they are signed, or leaves the signing to a stranger.
	Bend func(*Token)
	// KeysDown answers nothing where the keys are; Renamed is what it calls itself when that
	// is not its address; Silent leaves itself unnamed in answers.
	KeysDown, Silent bool
	Renamed          string
	// SignedIn is when people have signed in there before: they are let pass without a
	// question, unless prompt=login asks for one. Zero: they sign in each time.
	SignedIn time.Time

	mu    sync.Mutex
	keys  []*key // the newest first
	codes map[string]grant
	asked map[string]int
}

type key struct {
	id      string
	private *ecdsa.PrivateKey
}

// grant is what a code was given for.
type grant struct {
	person   Person
	asked    url.Values
	redirect string
}

// New makes an issuer with one key.
func New(address, clientID, secret string, redirects ...string) *Issuer {
	i := &Issuer{Address: address, ClientID: clientID, Secret: secret, Redirects: redirects, codes: map[string]grant{}, asked: map[string]int{}}
	i.Rotate()
	return i
}

// Rotate signs with a new key from now on, and publishes that one alone.
func (i *Issuer) Rotate() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // the random source never fails
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = []*key{{id: rand.Text(), private: private}}
}

// Asked is how often a part was asked: "configuration", "keys", "token".
func (i *Issuer) Asked(part string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked[part]
}

func (i *Issuer) count(part string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked[part]++
}

// Configuration is the discovery document.
func (i *Issuer) Configuration() map[string]any {
	i.count("configuration")
	name := i.Address
	if i.Renamed != "" {
		name = i.Renamed
	}
	return map[string]any{
		"issuer": name, "authorization_endpoint": i.Address + "/authorize", "token_endpoint": i.Address + "/token",
		"jwks_uri": i.Address + "/keys", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, // a careless one
		"token_endpoint_auth_methods_supported": []string{"client_secret_post"}, "code_challenge_methods_supported": []string{"S256"},
		"authorization_response_iss_parameter_supported": !i.Silent,
	}
}

// Keys is the key set.
func (i *Issuer) Keys() map[string]any {
	i.count("keys")
	i.mu.Lock()
	defer i.mu.Unlock()
	var list []map[string]string
	for _, k := range i.keys {
		raw, err := k.private.PublicKey.Bytes() // 4, x, y
		if err != nil {
			panic(err) // the key was made here
		}
		list = append(list, map[string]string{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": k.id,
			"x": encode(raw[1:33]), "y": encode(raw[33:])})
	}
	return map[string]any{"keys": list}
}

// ErrAsked says that a request does not fit the client.
var ErrAsked = errors.New("ssotest: the request does not fit the client")

// Check says whether somebody may be asked to sign in for this request.
func (i *Issuer) Check(asked url.Values) error {
	if asked.Get("client_id") != i.ClientID || asked.Get("response_type") != "code" || !slices.Contains(i.Redirects, asked.Get("redirect_uri")) ||
		asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") == "" || asked.Get("nonce") == "" ||
		!strings.Contains(" "+asked.Get("scope")+" ", " openid ") {
		return ErrAsked
	}
	return nil
}

// Authorize signs a person in for a request and returns where she is sent back to.
func (i *Issuer) Authorize(asked url.Values, person Person) (string, error) {
	if err := i.Check(asked); err != nil {
		return "", err
	}
	code := rand.Text()
	i.mu.Lock()
	i.codes[code] = grant{person: person, asked: asked, redirect: asked.Get("redirect_uri")}
	i.mu.Unlock()
	answer := url.Values{"code": {code}, "state": {asked.Get("state")}}
	if !i.Silent {
		answer.Set("iss", i.Address)
	}
	return asked.Get("redirect_uri") + "?" + answer.Encode(), nil
}

// Exchange answers a request for tokens: each code once, with its verifier, for its client.
func (i *Issuer) Exchange(form url.Values) (status int, answer map[string]any) {
	i.count("token")
	refused := func(code string) (int, map[string]any) {
		return http.StatusBadRequest, map[string]any{"error": code}
	}
	if form.Get("client_id") != i.ClientID || form.Get("client_secret") != i.Secret {
		return refused("invalid_client")
	}
	i.mu.Lock()
	given, ok := i.codes[form.Get("code")]
	delete(i.codes, form.Get("code"))
	i.mu.Unlock()
	verifier := sha256.Sum256([]byte(form.Get("code_verifier")))
	if !ok || form.Get("grant_type") != "authorization_code" || form.Get("redirect_uri") != given.redirect ||
		encode(verifier[:]) != given.asked.Get("code_challenge") {
		return refused("invalid_grant")
	}
	return http.StatusOK, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300,
		"id_token": i.token(given)}
}

func (i *Issuer) token(given grant) string {
	now := time.Now()
	signedIn := now
	if !i.SignedIn.IsZero() && given.asked.Get("prompt") != "login" {
		signedIn = i.SignedIn
	}
	claims := map[string]any{"iss": i.Address, "sub": given.person.Subject, "aud": i.ClientID, "exp": now.Add(5 * time.Minute).Unix(),
		"iat": now.Unix(), "auth_time": signedIn.Unix(), "nonce": given.asked.Get("nonce"), "name": given.person.Name}
	maps.Copy(claims, given.person.Claims)
	t := Token{Algorithm: "ES256", Claims: claims}
	if i.Bend != nil {
		i.Bend(&t)
	}
	if t.Raw != "" {
		return t.Raw
	}
	return i.Sign(t)
}

// Logout is a back-channel logout token with further claims: sub, sid.
func (i *Issuer) Logout(claims map[string]any) string {
	now := time.Now()
	all := map[string]any{"iss": i.Address, "aud": i.ClientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	maps.Copy(all, claims)
	return i.Sign(Token{Algorithm: "ES256", Claims: all})
}

// Sign makes a token with the newest key, or one that is no good.
func (i *Issuer) Sign(t Token) string {
	i.mu.Lock()
	signing := i.keys[0]
	i.mu.Unlock()
	header, body := must(json.Marshal(map[string]string{"alg": t.Algorithm, "kid": signing.id, "typ": "JWT"})), must(json.Marshal(t.Claims))
	text := encode(header) + "." + encode(body)
	var signature []byte
	switch t.Algorithm {
	case "ES256":
		digest := sha256.Sum256([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, signing.private, digest[:])
		if err != nil {
			panic(err) // the random source never fails
		}
		signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case "HS256":
		mac := hmac.New(sha256.New, must(x509.MarshalPKIXPublicKey(&signing.private.PublicKey)))
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	}
	return text + "." + encode(signature)
}

// ServeHTTP answers at the issuer's address: for a server of its own. Whoever comes to
// /authorize is signed in as the first person at once.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base, err := url.Parse(i.Address)
	if err != nil {
		panic(err)
	}
	switch strings.TrimPrefix(r.URL.Path, base.Path) {
	case "/.well-known/openid-configuration":
		reply(w, http.StatusOK, i.Configuration())
	case "/keys":
		if i.KeysDown {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		reply(w, http.StatusOK, i.Keys())
	case "/authorize":
		to, err := i.Authorize(r.URL.Query(), i.People[0])
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	case "/token":
		if err := r.ParseForm(); err != nil {
			http.Error(w, "form", http.StatusBadRequest)
			return
		}
		status, answer := i.Exchange(r.PostForm)
		reply(w, status, answer)
	default:
		http.NotFound(w, r)
	}
}

// Reply sends a document.
func Reply(w http.ResponseWriter, value any) { reply(w, http.StatusOK, value) }

func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // whoever asked is gone
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
