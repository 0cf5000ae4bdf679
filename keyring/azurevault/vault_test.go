package azurevault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"konote/keyring"
	"konote/keyring/azurevault"
	"konote/keyring/azurevault/vaulttest"
)

var (
	agency = uuid.MustParse("019a0000-0000-7000-8000-00000000000a")
	other  = uuid.MustParse("019a0000-0000-7000-8000-00000000000b")
	secret = bytes.Repeat([]byte{7}, 32)
)

func keyOf(agency uuid.UUID) string { return "konote-" + agency.String() }

func open(t *testing.T, settings azurevault.Settings) *azurevault.Vault {
	t.Helper()
	vault, err := azurevault.New(settings)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return vault
}

func wrap(t *testing.T, vault keyring.Wrapper, agency uuid.UUID) keyring.Wrapped {
	t.Helper()
	wrapped, err := vault.Wrap(t.Context(), agency, secret)
	if err != nil {
		t.Fatalf("Wrap: %v", err)
	}
	return wrapped
}

func TestADataKeyComesBackFromTheVault(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []azurevault.Algorithm{azurevault.RSAOAEP256, azurevault.A256KW} {
		t.Run(string(algorithm), func(t *testing.T) {
			t.Parallel()
			server := vaulttest.New(t)
			version := ""
			if algorithm == azurevault.A256KW {
				version = server.CreateAESKey(keyOf(agency))
			} else {
				version = server.CreateKey(keyOf(agency))
			}
			settings := server.Settings()
			settings.Algorithm = algorithm
			vault := open(t, settings)

			wrapped := wrap(t, vault, agency)
			if want := keyOf(agency) + "/" + version; wrapped.KeyID != want || wrapped.Algorithm != string(algorithm) {
				t.Errorf("wrapped by %s with %s, want %s with %s", wrapped.KeyID, wrapped.Algorithm, want, algorithm)
			}
			if bytes.Contains(wrapped.Bytes, secret) {
				t.Error("the wrapped key holds the plain one")
			}
			for range 3 {
				got, err := vault.Unwrap(t.Context(), agency, wrapped)
				if err != nil || !bytes.Equal(got, secret) {
					t.Errorf("Unwrap = %x, %v; want %x", got, err, secret)
				}
			}
			if got := server.Requests("token"); got != 1 {
				t.Errorf("signed in %d times for 4 operations, want once", got)
			}
		})
	}
}

func TestARotatedWrappingKeyStillUnwrapsWhatItsOldVersionWrapped(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	first := server.CreateKey(keyOf(agency))
	vault := open(t, server.Settings())
	before := wrap(t, vault, agency)
	second := server.CreateKey(keyOf(agency))
	after := wrap(t, vault, agency)

	if !strings.HasSuffix(before.KeyID, first) || !strings.HasSuffix(after.KeyID, second) {
		t.Errorf("wrapped by %s and %s, want versions %s and %s", before.KeyID, after.KeyID, first, second)
	}
	for _, wrapped := range []keyring.Wrapped{before, after} {
		if got, err := vault.Unwrap(t.Context(), agency, wrapped); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("Unwrap by %s = %x, %v", wrapped.KeyID, got, err)
		}
	}
	server.DisableVersion(keyOf(agency), first)
	if _, err := vault.Unwrap(t.Context(), agency, before); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Unwrap by a disabled version: %v, want ErrNoKey", err)
	}
	if _, err := vault.Unwrap(t.Context(), agency, after); err != nil {
		t.Errorf("Unwrap by the other version: %v", err)
	}
}

func TestAKeyThatIsGoneIsNotTheProvidersFault(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	server.CreateKey(keyOf(agency))
	vault := open(t, server.Settings())
	wrapped := wrap(t, vault, agency)
	cut, algorithm := wrapped, wrapped
	cut.Bytes = wrapped.Bytes[:len(wrapped.Bytes)-1]
	algorithm.Algorithm = "RSA1_5"

	steps := []struct {
		name    string
		do      func()
		wrapped keyring.Wrapped
		says    string
	}{
		{"a cut ciphertext", func() {}, cut, "400 BadParameter"},
		{"an unknown algorithm", func() {}, algorithm, "RSA1_5"},
		{"a disabled key", func() { server.Disable(keyOf(agency)) }, wrapped, "403 Forbidden KeyDisabled"},
		{"the wrong key", func() { server.Enable(keyOf(agency)); server.ReplaceKey(keyOf(agency)) }, wrapped, "400 BadParameter"},
		{"a withdrawn right", func() { server.Misbehave(vaulttest.Fault{Status: 403}) }, wrapped, "403 Forbidden"},
		{"a deleted key", func() { server.Misbehave(vaulttest.Fault{}); server.DeleteKey(keyOf(agency)) }, wrapped, "404 KeyNotFound"},
	}
	for _, step := range steps { // in order: each goes on from the last
		step.do()
		got, err := vault.Unwrap(t.Context(), agency, step.wrapped)
		if !errors.Is(err, keyring.ErrNoKey) || errors.Is(err, keyring.ErrProvider) || got != nil {
			t.Errorf("%s: %x, %v; want ErrNoKey", step.name, got, err)
		} else if !strings.Contains(err.Error(), step.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q, want one line with %q", step.name, err, step.says)
		}
	}
}

func TestAKeyOfAnotherAgencyIsNeverAsked(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	server.CreateKey(keyOf(agency))
	server.CreateKey(keyOf(other))
	vault := open(t, server.Settings())
	stolen := wrap(t, vault, other)
	for _, id := range []string{stolen.KeyID, "", "/", keyOf(agency), keyOf(agency) + "/", "../" + stolen.KeyID} {
		moved := stolen
		moved.KeyID = id
		if _, err := vault.Unwrap(t.Context(), agency, moved); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("Unwrap of a row that names key %q: %v, want ErrNoKey", id, err)
		}
	}
	if got := server.Requests("unwrapkey"); got != 0 {
		t.Errorf("the vault was asked %d times, want never", got)
	}
}

func TestAVaultOutOfReachIsTheProvidersFault(t *testing.T) {
	t.Parallel()
	faults := map[string]vaulttest.Fault{
		"throttled for long": {Throttle: 1, RetryAfter: time.Minute},
		"throttled on":       {Throttle: 100},
		"fault":              {Status: 500},
		"unavailable":        {Status: 503},
		"unauthorized":       {Status: 401},
		"cut":                {Cut: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := vaulttest.New(t)
			server.CreateKey(keyOf(agency))
			vault := open(t, server.Settings())
			wrapped := wrap(t, vault, agency)
			server.Misbehave(fault)
			_, err := vault.Unwrap(t.Context(), agency, wrapped)
			if !errors.Is(err, keyring.ErrProvider) || errors.Is(err, keyring.ErrNoKey) {
				t.Errorf("Unwrap: %v, want ErrProvider", err)
			}
			if err := vault.Check(t.Context()); !errors.Is(err, keyring.ErrProvider) && fault.Throttle != 1 {
				t.Errorf("Check: %v, want ErrProvider", err)
			}
			server.Misbehave(vaulttest.Fault{})
			if got, err := vault.Unwrap(t.Context(), agency, wrapped); err != nil || !bytes.Equal(got, secret) {
				t.Errorf("Unwrap afterwards = %x, %v", got, err)
			}
		})
	}
}

func TestAThrottledRequestIsSentAgainAfterTheTimeTheVaultAsksFor(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	server.CreateKey(keyOf(agency))
	vault := open(t, server.Settings())
	wrapped := wrap(t, vault, agency)

	server.Misbehave(vaulttest.Fault{Throttle: 1, RetryAfter: time.Second})
	begun := time.Now()
	if _, err := vault.Unwrap(t.Context(), agency, wrapped); err != nil {
		t.Errorf("Unwrap: %v", err)
	}
	if took := time.Since(begun); took < time.Second {
		t.Errorf("asked again after %s, and the vault asked for 1s", took)
	}
	if got := server.Requests("unwrapkey"); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}

	server.Misbehave(vaulttest.Fault{Throttle: 1, RetryAfter: time.Minute})
	begun = time.Now()
	if _, err := vault.Unwrap(t.Context(), agency, wrapped); !errors.Is(err, keyring.ErrProvider) {
		t.Errorf("Unwrap: %v, want ErrProvider", err)
	}
	if took := time.Since(begun); took > 5*time.Second || server.Requests("unwrapkey") != 3 {
		t.Errorf("gave up after %s and %d requests in all, want at once and 3", took, server.Requests("unwrapkey"))
	}
}

func TestASlowVaultIsGivenUpWithTheContext(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	server.CreateKey(keyOf(agency))
	vault := open(t, server.Settings())
	wrapped := wrap(t, vault, agency)
	server.Misbehave(vaulttest.Fault{Latency: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := vault.Unwrap(ctx, agency, wrapped)
	if !errors.Is(err, keyring.ErrProvider) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Unwrap: %v, want ErrProvider for a deadline", err)
	}
}

func TestASignInThatFailsIsTheProvidersFaultAndRevealsNothing(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	server.CreateKey(keyOf(agency))
	wrong := server.Settings()
	wrong.ClientSecret = "another secret"
	if err := open(t, wrong).Check(t.Context()); !errors.Is(err, keyring.ErrProvider) ||
		!strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), wrong.ClientSecret) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Check with a wrong secret: %v, want ErrProvider with 401 in one line, without the secret", err)
	}
	server.Misbehave(vaulttest.Fault{SignIn: 503})
	if _, err := open(t, server.Settings()).Wrap(t.Context(), agency, secret); !errors.Is(err, keyring.ErrProvider) {
		t.Errorf("Wrap while the directory is down: %v, want ErrProvider", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
		if got := fmt.Sprintf(verb, wrong); strings.Contains(got, wrong.ClientSecret) {
			t.Errorf("settings print their secret with %s: %s", verb, got)
		}
	}
}

func TestAMissingWrappingKeyIsMadeOnlyWhenTold(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []azurevault.Algorithm{azurevault.RSAOAEP256, azurevault.A256KW} {
		server := vaulttest.New(t)
		settings := server.Settings()
		settings.Algorithm = algorithm
		if _, err := open(t, settings).Wrap(t.Context(), agency, secret); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("%s: Wrap without a wrapping key: %v, want ErrNoKey", algorithm, err)
		}
		settings.CreateKeys = true
		vault := open(t, settings)
		wrapped := wrap(t, vault, agency)
		if got, err := vault.Unwrap(t.Context(), agency, wrapped); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%s: Unwrap = %x, %v", algorithm, got, err)
		}
		wrap(t, vault, agency)
		if got := server.Requests("create"); got != 1 {
			t.Errorf("%s: %d keys made, want 1", algorithm, got)
		}
	}
}

func TestCheckNeedsNoKey(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	if err := open(t, server.Settings()).Check(t.Context()); err != nil {
		t.Errorf("Check of an empty vault: %v", err)
	}
	server.Misbehave(vaulttest.Fault{Status: 403})
	if err := open(t, server.Settings()).Check(t.Context()); !errors.Is(err, keyring.ErrProvider) || errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Check of a vault that refuses us: %v, want ErrProvider", err)
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	good := vaulttest.New(t).Settings()
	bad := map[string]func(*azurevault.Settings){
		"no vault":          func(s *azurevault.Settings) { s.URL = "" },
		"a vault over http": func(s *azurevault.Settings) { s.URL = "http://vault.example.com" },
		"one key for all":   func(s *azurevault.Settings) { s.KeyName = "konote" },
		"a strange name":    func(s *azurevault.Settings) { s.KeyName = "ko/note-{agency}" },
		"an old algorithm":  func(s *azurevault.Settings) { s.Algorithm = "RSA1_5" },
		"two identities":    func(s *azurevault.Settings) { s.TokenFile = "/token" },
	}
	for name, spoil := range bad {
		settings := good
		spoil(&settings)
		if _, err := azurevault.New(settings); err == nil {
			t.Errorf("New with %s: no error", name)
		}
	}
}

func TestTheRingServesThroughAnOutageOfTheVaultAndClosesAWithdrawnKey(t *testing.T) {
	t.Parallel()
	server := vaulttest.New(t)
	server.CreateKey(keyOf(agency))
	server.CreateKey(keyOf(other))
	now := newClock()
	var wrapped = map[uuid.UUID][]keyring.Wrapped{}
	source := func(_ context.Context, agency uuid.UUID) ([]keyring.Wrapped, error) { return wrapped[agency], nil }
	log := make(lines, 10)
	ring := keyring.NewRing(open(t, server.Settings()), source, keyring.Limits{}, now.Now, slog.New(slog.NewTextHandler(log, nil)))
	defer ring.Close()
	for _, id := range []uuid.UUID{agency, other} {
		w, err := ring.NewKey(t.Context(), id, 1)
		if err != nil {
			t.Fatalf("NewKey: %v", err)
		}
		wrapped[id] = []keyring.Wrapped{w}
	}
	acquire := func(id uuid.UUID) error {
		_, release, err := ring.Acquire(t.Context(), id)
		if err == nil {
			release()
		}
		return err
	}
	if err := acquire(agency); err != nil {
		t.Fatalf("Acquire: %v", err)
	}

	server.Misbehave(vaulttest.Fault{Cut: true})
	now.Add(11 * time.Minute)
	if err := acquire(agency); err != nil { // begins a refresh, which fails
		t.Errorf("Acquire of a cached agency in an outage: %v", err)
	}
	if line := log.next(t); !strings.Contains(line, "serving from the cache") {
		t.Errorf("logged %s, want that the refresh failed", line)
	}
	if err := acquire(other); !errors.Is(err, keyring.ErrProvider) {
		t.Errorf("Acquire of another agency in an outage: %v, want ErrProvider", err)
	}
	if health := ring.Health(); !errors.Is(health.LastError, keyring.ErrProvider) || health.Held != 1 || health.Since != now.Now() {
		t.Errorf("health = %+v, want one agency held and an outage since now", health)
	}

	server.Misbehave(vaulttest.Fault{})
	now.Add(time.Minute)
	if err := acquire(other); err != nil {
		t.Errorf("Acquire after the outage: %v", err)
	}
	if health := ring.Health(); health.LastError != nil || !health.Since.IsZero() {
		t.Errorf("health after the outage = %+v", health)
	}

	// The other agency's failure was logged too; from here on it is about withdrawal.
	if line := log.next(t); !strings.Contains(line, other.String()) {
		t.Errorf("logged %s, want that the other agency's key did not load", line)
	}
	server.Disable(keyOf(agency))
	ring.Drop(agency)
	if err := acquire(agency); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Acquire of an agency whose key is disabled: %v, want ErrNoKey", err)
	}
	if line := log.next(t); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, agency.String()) || !strings.Contains(line, "KeyDisabled") {
		t.Errorf("logged %s, want an alert with the agency and the reason", line)
	}
	server.Misbehave(vaulttest.Fault{Corrupt: true})
	ring.Drop(other)
	if err := acquire(other); !errors.Is(err, keyring.ErrKeyMismatch) {
		t.Errorf("Acquire when the vault gives another key: %v, want ErrKeyMismatch", err)
	}
}
