package factor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"konote/tenancy"
)

// A key is an authenticator of the test: one credential of one person.
type key struct {
	id      []byte
	private *ecdsa.PrivateKey
	user    []byte
	count   uint32
}

func newKey(t *testing.T) *key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id)
	return &key{id: id, private: private}
}

// asked is what the server wants signed.
type asked struct {
	Challenge string `json:"challenge"`
	RPID      string `json:"rpId"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func client(kind, challenge, origin string) []byte {
	text, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false})
	return text
}

// authenticator data: the hash of the relying party, flags (present, verified), the count.
func (k *key) data(rp string, flags byte) []byte {
	hash := sha256.Sum256([]byte(rp))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), k.count)
}

// bytesOf is a byte string in CBOR.
func bytesOf(b []byte) []byte {
	return append([]byte{0x59, byte(len(b) >> 8), byte(len(b))}, b...)
}

func textOf(s string) []byte { return append([]byte{0x60 + byte(len(s))}, s...) }

// create is the answer to a challenge to add the key.
func (k *key) create(a asked, rp, origin string) string {
	k.user, _ = base64.RawURLEncoding.DecodeString(a.User.ID)
	public, _ := k.private.PublicKey.Bytes() // 4, x, y
	cose := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21}, append([]byte{0x58, 32}, public[1:33]...)...)
	cose = append(append(cose, 0x22), append([]byte{0x58, 32}, public[33:]...)...)
	data := k.data(rp, 0x45)
	data = append(data, make([]byte, 16)...)
	data = append(append(binary.BigEndian.AppendUint16(data, uint16(len(k.id))), k.id...), cose...)
	object := append([]byte{0xa3}, append(textOf("fmt"), textOf("none")...)...)
	object = append(append(object, textOf("attStmt")...), 0xa0)
	object = append(append(object, textOf("authData")...), bytesOf(data)...)
	return answerOf(k.id, map[string]string{"clientDataJSON": encode(client("webauthn.create", a.Challenge, origin)), "attestationObject": encode(object)})
}

// get is the answer to a challenge to prove who she is.
func (k *key) get(a asked, rp, origin string) string {
	k.count++
	said, data := client("webauthn.get", a.Challenge, origin), k.data(rp, 0x05)
	hash := sha256.Sum256(said)
	digest := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	return answerOf(k.id, map[string]string{"clientDataJSON": encode(said), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(k.user)})
}

func answerOf(id []byte, response map[string]string) string {
	text, _ := json.Marshal(map[string]any{"id": encode(id), "rawId": encode(id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return string(text)
}

func (b *browser) asks(path string) asked {
	b.w.t.Helper()
	got := b.post(path)
	if got.StatusCode != http.StatusOK {
		b.w.t.Fatalf("%s: got %d: %s", path, got.StatusCode, short(got.text))
	}
	var a asked
	b.w.must(json.Unmarshal([]byte(got.text), &a))
	if a.Challenge == "" {
		b.w.t.Fatalf("%s asks for nothing: %s", path, got.text)
	}
	return a
}

func (w *world) origin() string { return "https://" + w.agency.Host }

// holder is a person with a passkey.
func (w *world) holder(t *testing.T, name string) (*browser, *key) {
	t.Helper()
	w.person(name, false)
	b := w.browser("192.0.2.1")
	b.password(name)
	b.get("/account/security/passkey")
	k := newKey(t)
	a := b.asks("/account/security/passkey/ask")
	if a.RP.ID != w.agency.Host {
		t.Errorf("the relying party is %q, want the agency's host %q", a.RP.ID, w.agency.Host)
	}
	got := b.post("/account/security/passkey", "credential", k.create(a, w.agency.Host, w.origin()), "name", "blue key")
	if len(codesOn(got.text)) != 10 {
		t.Fatalf("add a passkey: got %d: %s", got.StatusCode, short(got.text))
	}
	b.isIn(true)
	return b, k
}

func TestAPasskeyIsTheSecondStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, k := w.holder(t, "zoe")
	b.post("/sign-out")
	b.half("zoe")
	a := b.asks("/sign-in/second/ask")
	w.want(b.post("/sign-in/second", "credential", k.get(a, w.agency.Host, w.origin()), "next", "/account/security"), http.StatusSeeOther, "the passkey")
	b.isIn(true)

	w.move(15 * time.Minute)
	b.get("/account/confirm")
	a = b.asks("/account/confirm/ask")
	w.want(b.post("/account/confirm", "credential", k.get(a, w.agency.Host, w.origin())), http.StatusSeeOther, "a proof with the passkey")
	w.want(b.get("/account/security"), http.StatusOK, "afterwards")
}

func TestAnAnswerOfAPasskeyThatIsNotForThisProvesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, k := w.holder(t, "zoe")
	b.post("/sign-out")
	host, origin := w.agency.Host, w.origin()
	for what, answer := range map[string]func(asked) string{
		"a page elsewhere asked":          func(a asked) string { return k.get(a, host, "https://evil.example") },
		"a page of another agency asked":  func(a asked) string { return k.get(a, host, "https://"+w.other.Host) },
		"without encryption":              func(a asked) string { return k.get(a, host, "http://"+host) },
		"on another port":                 func(a asked) string { return k.get(a, host, origin+":8443") },
		"for the other agency":            func(a asked) string { return k.get(a, w.other.Host, origin) },
		"for the domain above":            func(a asked) string { return k.get(a, host[strings.Index(host, ".")+1:], origin) },
		"to another challenge":            func(a asked) string { return k.get(asked{Challenge: encode(make([]byte, 32))}, host, origin) },
		"another key of hers, not stored": func(a asked) string { other := newKey(t); other.user = k.user; return other.get(a, host, origin) },
		"another key with her key's name": func(a asked) string {
			other := newKey(t)
			other.id, other.user, other.count = k.id, k.user, 100
			return other.get(a, host, origin)
		},
		"somebody else's handle": func(a asked) string {
			id := tenancy.NewID()
			other := *k
			other.user = id[:]
			return other.get(a, host, origin)
		},
		"an answer to another question": func(a asked) string { return k.create(a, host, origin) },
		"nothing that can be read":      func(asked) string { return `{"id":` },
		"nothing in it":                 func(asked) string { return `{}` },
	} {
		w.move(time.Hour) // tries are forgotten
		user := k.user
		b.half("zoe")
		a := b.asks("/sign-in/second/ask")
		w.want(b.post("/sign-in/second", "credential", answer(a)), http.StatusUnprocessableEntity, what)
		b.isIn(false)
		k.user = user
	}
}

func TestAChallengeIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, k := w.holder(t, "zoe")
	b.post("/sign-out")

	b.half("zoe")
	a := b.asks("/sign-in/second/ask")
	good := k.get(a, w.agency.Host, w.origin())
	w.want(b.post("/sign-in/second", "credential", "{}"), http.StatusUnprocessableEntity, "a wrong answer")
	w.want(b.post("/sign-in/second", "credential", good), http.StatusUnprocessableEntity, "a right answer to a question that was answered")

	a = b.asks("/sign-in/second/ask")
	good = k.get(a, w.agency.Host, w.origin())
	var mu sync.Mutex
	got := map[int]int{}
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			page := b.ask(b.form("/sign-in/second", "credential", good))
			mu.Lock()
			defer mu.Unlock()
			got[page.StatusCode]++
		})
	}
	wait.Wait()
	if got[http.StatusSeeOther] > 1 {
		t.Errorf("got %v, want one in at most", got)
	}

	// In another half session the same answer is to no question, and to another one wrong.
	other := w.browser("192.0.2.2")
	other.half("zoe")
	w.want(other.post("/sign-in/second", "credential", good), http.StatusUnprocessableEntity, "replayed where nothing was asked")
	other.asks("/sign-in/second/ask")
	w.want(other.post("/sign-in/second", "credential", good), http.StatusUnprocessableEntity, "replayed to another question")
	other.isIn(false)
}

func TestAQuestionToAddIsNoneToProve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, k := w.holder(t, "zoe")
	w.move(11 * time.Minute)
	w.move(-11 * time.Minute)
	a := b.asks("/account/security/passkey/ask")
	w.want(b.post("/account/confirm", "credential", k.get(a, w.agency.Host, w.origin())), http.StatusUnprocessableEntity, "a proof by a question to add")
	a = b.asks("/account/confirm/ask")
	fresh := newKey(t)
	w.want(b.post("/account/security/passkey", "credential", fresh.create(a, w.agency.Host, w.origin())), http.StatusUnprocessableEntity, "a key by a question to prove")
}

func TestACopiedKeyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, k := w.holder(t, "zoe")
	k.count = 10
	copied := *k
	for i, test := range []struct {
		key  *key
		want int
	}{{k, http.StatusSeeOther}, {&copied, http.StatusUnprocessableEntity}, {k, http.StatusSeeOther}} {
		b.post("/sign-out")
		b.half("zoe")
		a := b.asks("/sign-in/second/ask")
		if got := b.post("/sign-in/second", "credential", test.key.get(a, w.agency.Host, w.origin())); got.StatusCode != test.want {
			t.Errorf("use %d, counted %d: got %d, want %d", i, test.key.count, got.StatusCode, test.want)
		}
	}
}

func TestAKeyIsAddedOnceAndForItsOwnAgency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, k := w.holder(t, "zoe")
	a := b.asks("/account/security/passkey/ask")
	w.want(b.post("/account/security/passkey", "credential", k.create(a, w.agency.Host, w.origin())), http.StatusUnprocessableEntity, "the same key again")
	w.person("ada", false)
	other := w.browser("192.0.2.2")
	other.password("ada")
	other.get("/account/security/passkey")
	a = other.asks("/account/security/passkey/ask")
	w.want(other.post("/account/security/passkey", "credential", k.create(a, w.agency.Host, w.origin())), http.StatusUnprocessableEntity, "a colleague's key")
	for what, answer := range map[string]func(asked) string{
		"for the other agency": func(a asked) string { return newKey(t).create(a, w.other.Host, "https://"+w.other.Host) },
		"asked elsewhere":      func(a asked) string { return newKey(t).create(a, w.agency.Host, "https://evil.example") },
	} {
		a = other.asks("/account/security/passkey/ask")
		w.want(other.post("/account/security/passkey", "credential", answer(a)), http.StatusUnprocessableEntity, what)
	}
	w.want(other.post("/account/security/passkey"), http.StatusUnprocessableEntity, "without a script")
	if list := w.factors(w.id("ada")); len(list) != 0 {
		t.Errorf("ada has %v, want nothing", list)
	}
}
