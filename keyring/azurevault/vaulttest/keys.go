package vaulttest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"konote/keyring/azurevault"
)

// A version of a key is either RSA or AES.
type version struct {
	id       string
	rsa      *rsa.PrivateKey
	aes      cipher.Block
	disabled bool
}

// CreateKey adds a version to the RSA key of that name, which is made if there is
// none. It has 2,048 bits, to be made quickly. It returns the version's id.
func (s *Server) CreateKey(name string) string {
	s.tb.Helper()
	return s.add(name, s.newVersion("RSA", 2048))
}

// CreateAESKey is CreateKey for a key as a managed HSM has them.
func (s *Server) CreateAESKey(name string) string {
	s.tb.Helper()
	return s.add(name, s.newVersion("oct-HSM", 256))
}

// Disable makes every version of a key refuse to unwrap; Enable is its opposite.
func (s *Server) Disable(name string) { s.setDisabled(name, true) }

// Enable ends what Disable did.
func (s *Server) Enable(name string) { s.setDisabled(name, false) }

func (s *Server) setDisabled(name string, disabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.keys[name] {
		v.disabled = disabled
	}
}

// DisableVersion makes one version of a key refuse to unwrap.
func (s *Server) DisableVersion(name, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.keys[name] {
		if v.id == id {
			v.disabled = true
		}
	}
}

// DeleteKey removes a key.
func (s *Server) DeleteKey(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, name)
}

// ReplaceKey puts other key material under the same name and version, so that what
// was wrapped before does not unwrap: the wrong key.
func (s *Server) ReplaceKey(name string) {
	s.tb.Helper()
	fresh := s.newVersion("RSA", 2048)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.keys[name] {
		v.rsa, v.aes = fresh.rsa, nil
	}
}

func (s *Server) add(name string, v *version) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[name] = append(s.keys[name], v)
	return v.id
}

func (s *Server) newVersion(kind string, bits int) *version {
	s.tb.Helper()
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails (crypto/rand)
	v := &version{id: hex.EncodeToString(id)}
	var err error
	if kind == "oct-HSM" {
		secret := make([]byte, bits/8)
		_, _ = rand.Read(secret)
		v.aes, err = aes.NewCipher(secret)
	} else {
		v.rsa, err = rsa.GenerateKey(rand.Reader, bits)
	}
	if err != nil {
		s.tb.Errorf("make a %s key: %v", kind, err)
	}
	return v
}

// find returns a copy, so that it can be used without the lock.
func (s *Server) find(name, id string) (version, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := s.keys[name]
	for i := len(versions) - 1; i >= 0; i-- {
		if id == "" || versions[i].id == id {
			return *versions[i], true
		}
	}
	return version{}, false
}

// serveKey answers for a path of name, name/version, name/operation or
// name/version/operation. Without a version the newest is meant.
func (s *Server) serveKey(w http.ResponseWriter, r *http.Request, operation string, path []string, fault Fault) {
	name, id := path[0], ""
	if len(path) > 1 && path[1] != operation {
		id = path[1]
	}
	if operation == "create" {
		s.serveCreate(w, r, name)
		return
	}
	v, ok := s.find(name, id)
	if !ok {
		refuse(w, http.StatusNotFound, "KeyNotFound", "")
		return
	}
	kid := vaultURL + "/keys/" + name + "/" + v.id
	switch operation {
	case "get":
		answer(w, map[string]any{"key": map[string]any{"kid": kid}, "attributes": map[string]any{"enabled": !v.disabled}})
	case "wrapkey", "unwrapkey":
		s.serveWrap(w, r, operation, v, kid, fault)
	default:
		refuse(w, http.StatusBadRequest, "BadParameter", "")
	}
}

func (s *Server) serveCreate(w http.ResponseWriter, r *http.Request, name string) {
	var request struct {
		Kind string `json:"kty"`
		Bits int    `json:"key_size"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || request.Bits == 0 {
		refuse(w, http.StatusBadRequest, "BadParameter", "")
		return
	}
	id := s.add(name, s.newVersion(request.Kind, request.Bits))
	answer(w, map[string]any{"key": map[string]any{"kid": vaultURL + "/keys/" + name + "/" + id, "kty": request.Kind}})
}

func (s *Server) serveWrap(w http.ResponseWriter, r *http.Request, operation string, v version, kid string, fault Fault) {
	var request struct {
		Algorithm azurevault.Algorithm `json:"alg"`
		Value     string               `json:"value"`
	}
	err := json.NewDecoder(r.Body).Decode(&request)
	value, decodeErr := base64.RawURLEncoding.DecodeString(request.Value)
	fits := request.Algorithm == azurevault.RSAOAEP256 && v.rsa != nil || request.Algorithm == azurevault.A256KW && v.aes != nil
	if err != nil || decodeErr != nil || !fits {
		refuse(w, http.StatusBadRequest, "BadParameter", "")
		return
	}
	if v.disabled && (operation == "unwrapkey" || v.aes != nil) {
		refuse(w, http.StatusForbidden, "Forbidden", "KeyDisabled")
		return
	}
	result, err := v.apply(operation, value)
	if err != nil {
		refuse(w, http.StatusBadRequest, "BadParameter", "")
		return
	}
	if fault.Corrupt && operation == "unwrapkey" {
		result[0] ^= 1
	}
	answer(w, map[string]string{"kid": kid, "value": base64.RawURLEncoding.EncodeToString(result)})
}

func (v version) apply(operation string, value []byte) ([]byte, error) {
	switch {
	case operation == "wrapkey" && v.rsa != nil:
		return rsa.EncryptOAEP(sha256.New(), rand.Reader, &v.rsa.PublicKey, value, nil)
	case operation == "wrapkey":
		return wrapAES(v.aes, value)
	case v.rsa != nil:
		return rsa.DecryptOAEP(sha256.New(), nil, v.rsa, value, nil)
	default:
		return unwrapAES(v.aes, value)
	}
}
