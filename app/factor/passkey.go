package factor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"konote/app/fault"
	"konote/app/i18n"
	"konote/tenancy"
)

// challengeFor is how long a passkey may take to answer.
const challengeFor = 5 * time.Minute

// What a challenge is for: an answer to one is none to another.
const (
	toAdd   = "add"
	toProve = "prove"
)

// challenge is what the session keeps while a passkey is asked.
type challenge struct {
	For  string               `json:"for"`
	Data webauthn.SessionData `json:"data"`
}

// owner is a person as passkeys know her: by her account's id, which names nobody.
type owner struct {
	id          uuid.UUID
	name        string
	credentials []webauthn.Credential
}

func (o owner) WebAuthnID() []byte                         { return o.id[:] }
func (o owner) WebAuthnName() string                       { return o.name }
func (o owner) WebAuthnDisplayName() string                { return o.name }
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

// relyingParty is the agency at the address of its pages: the host is what passkeys are
// bound to, and no other origin may ask for them.
func relyingParty(agency *tenancy.Agency, address string) (*webauthn.WebAuthn, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read the agency's address: %w", err)
	}
	wait := webauthn.TimeoutConfig{Enforce: true, Timeout: challengeFor, TimeoutUVD: challengeFor}
	party, err := webauthn.New(&webauthn.Config{
		RPID: parsed.Hostname(), RPDisplayName: "KoNote " + agency.NameEN, RPOrigins: []string{address},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: wait, Registration: wait},
	})
	if err != nil {
		return nil, fmt.Errorf("make a relying party: %w", err)
	}
	return party, nil
}

// passkeysOf makes the owner of what was loaded.
func passkeysOf(id uuid.UUID, name string, factors []held) (owner, error) {
	o := owner{id: id, name: name}
	for _, f := range factors {
		if f.Kind != Passkey {
			continue
		}
		var credential webauthn.Credential
		if err := json.Unmarshal([]byte(f.secret), &credential); err != nil {
			return o, fmt.Errorf("read a passkey: %w", err)
		}
		credential.Authenticator.SignCount = uint32(f.signCount)
		o.credentials = append(o.credentials, credential)
	}
	return o, nil
}

// errNoPasskey says that an answer proves nothing; the person is told no more.
var errNoPasskey = errors.New("factor: the answer of the passkey is not good")

// created reads the answer to a challenge to add a passkey.
func created(party *webauthn.WebAuthn, o owner, c challenge, answer string) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil || c.For != toAdd {
		return nil, errNoPasskey
	}
	credential, err := party.CreateCredential(o, c.Data, parsed)
	if err != nil {
		return nil, errNoPasskey
	}
	credential.Attestation = webauthn.CredentialAttestation{} // who made the key is nobody's business
	return credential, nil
}

// addPasskey stores one; it counts at once, since it has just proved itself.
func addPasskey(ctx context.Context, tx *tenancy.Tx, staff uuid.UUID, name string, credential *webauthn.Credential) (uuid.UUID, error) {
	hashes, err := tx.Box().Index(colCredential, string(credential.ID))
	if err != nil {
		return uuid.Nil, fmt.Errorf("hash a passkey: %w", err)
	}
	var known bool
	if err := tx.QueryRow(ctx, sqlIsKnown, hashes).Scan(&known); err != nil {
		return uuid.Nil, fmt.Errorf("look for a passkey: %w", err)
	}
	if known {
		return uuid.Nil, fault.New(fault.Invalid, i18n.FactorPasskeyKnown)
	}
	secret, err := json.Marshal(credential)
	if err != nil {
		return uuid.Nil, fmt.Errorf("write a passkey: %w", err)
	}
	h := held{Factor: Factor{ID: tenancy.NewID(), Kind: Passkey, Name: name}, secret: string(secret), signCount: int64(credential.Authenticator.SignCount)}
	return h.ID, insert(ctx, tx, staff, h, hashes[0], true)
}

// usePasskey checks the answer to a challenge to prove who she is, and takes it: "passkey",
// or "" when it is not good, or when the key's counter says that there are two of it.
func usePasskey(ctx context.Context, tx *tenancy.Tx, party *webauthn.WebAuthn, staff uuid.UUID, c challenge, answer string) (string, error) {
	factors, err := load(ctx, tx, staff)
	if err != nil {
		return "", err
	}
	o, err := passkeysOf(staff, "", factors)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil || c.For != toProve {
		return "", nil
	}
	credential, err := party.ValidateLogin(o, c.Data, parsed)
	if err != nil || credential.Authenticator.CloneWarning {
		return "", nil
	}
	for _, f := range factors {
		var stored webauthn.Credential
		if f.Kind != Passkey || json.Unmarshal([]byte(f.secret), &stored) != nil || string(stored.ID) != string(credential.ID) {
			continue
		}
		secret, err := json.Marshal(credential)
		if err != nil {
			return "", fmt.Errorf("write a passkey: %w", err)
		}
		sealed, err := tx.Box().Seal(colSecret, f.ID, string(secret))
		if err != nil {
			return "", fmt.Errorf("seal a passkey: %w", err)
		}
		touched, err := tx.Exec(ctx, sqlUsePasskey, f.ID, int64(credential.Authenticator.SignCount), sealed, tx.Now())
		if err != nil {
			return "", fmt.Errorf("use a passkey: %w", err)
		}
		if touched == 1 {
			return "passkey", nil
		}
	}
	return "", nil
}

// exclude keeps a key from being added twice.
func exclude(o owner) webauthn.RegistrationOption {
	return webauthn.WithExclusions(webauthn.Credentials(o.credentials).CredentialDescriptors())
}
