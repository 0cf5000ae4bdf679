package vaulttest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"konote/keyring/azurevault"
)

// What the test certificate is good for. The server's client finds them.
const (
	vaultURL     = "https://vault.example.com"
	authorityURL = "https://login.example.com"
	resource     = "https://example.com"

	tenant       = "6f1dbf3e-0000-4000-8000-000000000001"
	application  = "6f1dbf3e-0000-4000-8000-000000000002"
	clientSecret = "not a secret: only the emulator takes it"
)

// Server is the emulator. Its methods may be called while it serves.
type Server struct {
	tb    testing.TB
	http  *httptest.Server
	token string
	ended chan struct{}

	mu       sync.Mutex
	keys     map[string][]*version // oldest first
	fault    Fault
	requests map[string]int
}

// Fault is how the vault misbehaves. The zero value is good behaviour.
type Fault struct {
	Latency    time.Duration // before each answer
	Throttle   int           // so many requests are answered with 429
	RetryAfter time.Duration // what those say, in whole seconds; 0 is not said
	Status     int           // every request is answered with this
	Cut        bool          // connections are closed without an answer
	SignIn     int           // sign-ins are answered with this status
	Corrupt    bool          // unwrap gives other bytes than were wrapped
}

// New starts a vault without keys, which ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		tb: tb, token: rand.Text(), ended: make(chan struct{}),
		keys: map[string][]*version{}, requests: map[string]int{},
	}
	s.http = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	tb.Cleanup(func() {
		close(s.ended)
		s.http.Close()
	})
	return s
}

// Settings reach this vault, with an identity that may do everything.
func (s *Server) Settings() azurevault.Settings {
	return azurevault.Settings{
		URL: vaultURL, AuthorityURL: authorityURL, HTTP: s.http.Client(),
		TenantID: tenant, ClientID: application, ClientSecret: clientSecret,
	}
}

// Misbehave sets the fault; Fault{} ends it.
func (s *Server) Misbehave(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Requests counts what came in: "challenge" (a request without a token, answered
// with one), "token", "get", "create", "wrapkey" and "unwrapkey". Requests that met
// a fault count.
func (s *Server) Requests(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[operation]
}

func (s *Server) count(operation string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[operation]++
	fault := s.fault
	if operation != "token" && operation != "challenge" && s.fault.Throttle > 0 {
		s.fault.Throttle--
	}
	return fault
}

// serve splits paths by hand: a version that is left out leaves //, which a mux
// would redirect.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Host == strings.TrimPrefix(authorityURL, "https://") {
		s.serveAuthority(w, r)
		return
	}
	parts := strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	if r.Host != strings.TrimPrefix(vaultURL, "https://") || len(parts) < 2 || parts[0] != "keys" {
		http.NotFound(w, r)
		return
	}
	operation := "get"
	if r.Method == http.MethodPost {
		operation = parts[len(parts)-1]
	}
	authorized := r.Header.Get("Authorization") == "Bearer "+s.token
	if !authorized {
		operation = "challenge"
	}
	fault := s.count(operation)
	if s.misbehaved(w, r, fault, operation) {
		return
	}
	if !authorized {
		w.Header().Set("WWW-Authenticate", `Bearer authorization="`+authorityURL+`/`+tenant+`", resource="`+resource+`"`)
		refuse(w, http.StatusUnauthorized, "Unauthorized", "")
		return
	}
	s.serveKey(w, r, operation, parts[1:], fault)
}

// misbehaved answers in the place of the vault, if the fault says so.
func (s *Server) misbehaved(w http.ResponseWriter, r *http.Request, fault Fault, operation string) bool {
	if fault.Latency > 0 {
		select {
		case <-time.After(fault.Latency):
		case <-r.Context().Done():
			return true
		case <-s.ended:
			return true
		}
	}
	switch {
	case fault.Cut:
		panic(http.ErrAbortHandler)
	case fault.Throttle > 0 && operation != "challenge":
		if fault.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(fault.RetryAfter.Seconds())))
		}
		refuse(w, http.StatusTooManyRequests, "Throttled", "")
		return true
	case fault.Status != 0:
		refuse(w, fault.Status, http.StatusText(fault.Status), "")
		return true
	}
	return false
}

func (s *Server) serveAuthority(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/" + tenant + "/v2.0/.well-known/openid-configuration":
		answer(w, map[string]any{
			"issuer":                 authorityURL + "/" + tenant + "/v2.0",
			"authorization_endpoint": authorityURL + "/" + tenant + "/oauth2/v2.0/authorize",
			"token_endpoint":         authorityURL + "/" + tenant + "/oauth2/v2.0/token",
		})
	case "/" + tenant + "/oauth2/v2.0/token":
		fault := s.count("token")
		if fault.SignIn == 0 && (r.FormValue("client_id") != application || r.FormValue("client_secret") != clientSecret) {
			fault.SignIn = http.StatusUnauthorized
		}
		if fault.SignIn != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(fault.SignIn)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_client", "error_description": "refused"})
			return
		}
		answer(w, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": s.token})
	default:
		http.NotFound(w, r)
	}
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// refuse answers as the vault does, with a code and an inner one.
func refuse(w http.ResponseWriter, status int, code, inner string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{
		"code": code, "message": "The emulator refuses: " + code + " " + inner + ".",
		"innererror": map[string]string{"code": inner},
	}})
}
