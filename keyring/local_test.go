package keyring

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestALocalKeyWrapsForOneAgency(t *testing.T) {
	t.Parallel()
	local, err := NewLocal(GenerateLocal())
	if err != nil {
		t.Fatal(err)
	}
	w, err := local.Wrap(t.Context(), agencyA, secretOf(7))
	if err != nil || bytes.Contains(w.Bytes, secretOf(7)) || len(w.KeyID) != 16 {
		t.Fatalf("Wrap = %+v, %v", w, err)
	}
	if got, err := local.Unwrap(t.Context(), agencyA, w); err != nil || !bytes.Equal(got, secretOf(7)) {
		t.Errorf("Unwrap = %x, %v", got, err)
	}
	if got, err := local.Unwrap(t.Context(), agencyB, w); !errors.Is(err, ErrNoKey) || got != nil {
		t.Errorf("Unwrap for another agency = %x, %v; want ErrNoKey", got, err)
	}
	if err := local.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func TestAReplacedLocalKeyStillUnwraps(t *testing.T) {
	t.Parallel()
	first, second := GenerateLocal(), GenerateLocal()
	before, err := NewLocal(first)
	if err != nil {
		t.Fatal(err)
	}
	after, err := NewLocal(second + "\n" + first + "\n")
	if err != nil {
		t.Fatal(err)
	}
	old, err := before.Wrap(t.Context(), agencyA, secretOf(7))
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := after.Wrap(t.Context(), agencyA, secretOf(8))
	if err != nil || fresh.KeyID == old.KeyID {
		t.Fatalf("Wrap by %s after %s, %v; want another key", fresh.KeyID, old.KeyID, err)
	}
	if got, err := after.Unwrap(t.Context(), agencyA, old); err != nil || !bytes.Equal(got, secretOf(7)) {
		t.Errorf("Unwrap by the older key = %x, %v", got, err)
	}
	if _, err := before.Unwrap(t.Context(), agencyA, fresh); !errors.Is(err, ErrNoKey) {
		t.Errorf("Unwrap without the key: %v, want ErrNoKey", err)
	}
}

func TestLocalKeysMustBeWhatTheyAre(t *testing.T) {
	t.Parallel()
	good := base64.StdEncoding.EncodeToString(secretOf(0xff)) // "////…8="
	for what, bad := range map[string]string{
		"nothing":      " \n",
		"a passphrase": "correct horse battery staple",
		"16 bytes":     base64.StdEncoding.EncodeToString(secretOf(0xff)[:16]),
		"33 bytes":     base64.StdEncoding.EncodeToString(append(secretOf(0xff), 0xff)),
		"base64url":    base64.URLEncoding.EncodeToString(secretOf(0xff)),
		"loose bits":   good[:42] + "9=",
		"one of two":   good + "\n" + good[:40],
	} {
		if _, err := NewLocal(bad); err == nil || strings.Contains(err.Error(), "////") {
			t.Errorf("NewLocal of %s: %v, want an error that does not quote it", what, err)
		}
	}
}

func TestAKeyFileIsReadOnlyWhenItIsPrivate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key := GenerateLocal()
	for _, mode := range []os.FileMode{0o600, 0o400} {
		local, err := NewLocalFile(write("private", key+"\n", mode))
		if err != nil {
			t.Errorf("mode %04o: %v", mode, err)
			continue
		}
		if want, _ := NewLocal(key); local.keys[0].id != want.keys[0].id {
			t.Errorf("mode %04o: another key was read", mode)
		}
		if err := os.Remove(filepath.Join(folder, "private")); err != nil {
			t.Fatal(err)
		}
	}

	link := filepath.Join(folder, "link")
	if err := os.Symlink(write("target", key, 0o600), link); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"a file that the group reads":    write("group", key, 0o640),
		"a file that the world reads":    write("world", key, 0o604),
		"a file that others write":       write("written", key, 0o622),
		"a symbolic link":                link,
		"a folder":                       folder,
		"a device":                       os.DevNull,
		"a file that is not there":       filepath.Join(folder, "none"),
		"a file that is far too long":    write("long", strings.Repeat(key+"\n", 2000), 0o600),
		"a file with something else":     write("else", "hello", 0o600),
		"an empty file":                  write("empty", "", 0o600),
		"a file with a broken last line": write("broken", key+"\n"+key[:30], 0o600),
	} {
		if local, err := NewLocalFile(path); err == nil || strings.Contains(err.Error(), key[:8]) {
			t.Errorf("%s: %v, %v; want an error without the key", what, local, err)
		}
	}
}

func TestThePublishedKeyIsRecognized(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		keys string
		want bool
	}{
		"the published key":                 {DevelopmentKey, true},
		"the published key, no longer used": {GenerateLocal() + "\n" + DevelopmentKey, true},
		"a key of one's own":                {GenerateLocal(), false},
	} {
		local, err := NewLocal(test.keys)
		if err != nil {
			t.Fatal(err)
		}
		if got := IsDevelopmentKey(local); got != test.want {
			t.Errorf("IsDevelopmentKey of %s = %t, want %t", what, got, test.want)
		}
	}
	if IsDevelopmentKey(notLocal{}) {
		t.Error("IsDevelopmentKey of another provider = true")
	}
}

type notLocal struct{}

func (notLocal) Name() string { return "other" }
func (notLocal) Wrap(context.Context, uuid.UUID, []byte) (Wrapped, error) {
	return Wrapped{}, ErrProvider
}
func (notLocal) Unwrap(context.Context, uuid.UUID, Wrapped) ([]byte, error) { return nil, ErrProvider }
func (notLocal) Check(context.Context) error                                { return ErrProvider }
