package sso

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Directory is what is known of issuers: their addresses and keys. It belongs to no
// agency, since what an issuer publishes is public. It is safe for concurrent use.
type Directory struct {
	loopback bool
	client   *http.Client

	mu    sync.Mutex
	known map[string]*issuer
}

// NewDirectory makes an empty one. loopback allows issuers on this machine: for a demo
// and tests.
func NewDirectory(loopback bool) *Directory {
	return &Directory{loopback: loopback, client: newClient(loopback), known: map[string]*issuer{}}
}

// issuer is what one of them publishes.
type issuer struct {
	provider *oidc.Provider
	endpoint oauth2.Endpoint
	// names says that its answers name it (RFC 9207).
	names bool
	at    time.Time
}

const (
	rememberFor = time.Hour
	rememberMax = 500
)

// algorithms are those with a public key. With HMAC, the client's own secret or the public
// key would do for signing; "none" asks for nothing.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// find asks an issuer for its addresses, or remembers them.
func (d *Directory) find(ctx context.Context, name string) (*issuer, error) {
	d.mu.Lock()
	found := d.known[name]
	d.mu.Unlock()
	if found != nil && time.Since(found.at) < rememberFor {
		return found, nil
	}
	found, err := d.ask(ctx, name)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) >= rememberMax {
		clear(d.known)
	}
	d.known[name] = found
	return found, nil
}

// forget makes the next find ask again.
func (d *Directory) forget(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.known, name)
}

func (d *Directory) ask(ctx context.Context, name string) (*issuer, error) {
	provider, err := oidc.NewProvider(d.context(ctx), name)
	if err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	var published struct {
		Keys    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Names   bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := provider.Claims(&published); err != nil {
		return nil, fmt.Errorf("discover the issuer: %w", err)
	}
	found := &issuer{provider: provider, endpoint: provider.Endpoint(), names: published.Names, at: time.Now()}
	for _, address := range []string{found.endpoint.AuthURL, found.endpoint.TokenURL, published.Keys} {
		parsed, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("discover the issuer: %w", errPlain)
		}
		if err := fetchable(parsed, d.loopback); err != nil {
			return nil, fmt.Errorf("discover the issuer: %w", err)
		}
	}
	// Trying one way and then the other would use the code up at the first.
	found.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(published.Methods) > 0 && !slices.Contains(published.Methods, "client_secret_basic") {
		found.endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return found, nil
}

// context has requests of the libraries go through the guarded client.
func (d *Directory) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, d.client)
}

// settle finds the name by which an issuer calls itself: the one that was typed, give or
// take a slash at the end.
func (d *Directory) settle(ctx context.Context, typed string) (string, error) {
	typed = strings.TrimSuffix(typed, "/.well-known/openid-configuration")
	d.forget(typed)
	_, err := d.find(ctx, typed)
	if mismatch := (*oidc.IssuerMismatchError)(nil); errors.As(err, &mismatch) &&
		strings.TrimSuffix(mismatch.Discovered, "/") == strings.TrimSuffix(typed, "/") {
		typed = mismatch.Discovered
		_, err = d.find(ctx, typed)
	}
	return typed, err
}

// client is KoNote as the provider knows it.
func (i *issuer) client(p Provider, callback string) oauth2.Config {
	endpoint := i.endpoint
	if p.Secret == "" {
		endpoint.AuthStyle = oauth2.AuthStyleInParams // a public client names itself in the form
	}
	return oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: endpoint, RedirectURL: callback,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// verifier checks tokens for one client.
func (i *issuer) verifier(p Provider) *oidc.IDTokenVerifier {
	return i.provider.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms})
}
