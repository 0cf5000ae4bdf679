package azurevault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/google/uuid"

	"konote/keyring"
)

const providerName = "azurevault"

// Vault is the key provider. It is safe for concurrent use.
type Vault struct {
	client    *azkeys.Client
	keyName   string
	algorithm Algorithm
	create    *azkeys.CreateKeyParameters // nil: keys are made by operators
}

var _ keyring.Wrapper = (*Vault)(nil)

// New makes the provider. It does not reach for the vault; Check does.
func New(settings Settings) (*Vault, error) {
	settings = settings.withDefaults()
	if err := settings.check(); err != nil {
		return nil, err
	}
	credential, err := settings.credential()
	if err != nil {
		return nil, fmt.Errorf("azurevault: identity: %w", err)
	}
	client, err := azkeys.NewClient(settings.URL, credential, &azkeys.ClientOptions{ClientOptions: settings.clientOptions()})
	if err != nil {
		return nil, fmt.Errorf("azurevault: client: %w", err)
	}
	v := &Vault{client: client, keyName: settings.KeyName, algorithm: settings.Algorithm}
	if settings.CreateKeys {
		v.create = settings.newKey()
	}
	return v, nil
}

// Name implements [keyring.Wrapper].
func (v *Vault) Name() string { return providerName }

// Wrap implements [keyring.Wrapper]. The newest version of the agency's wrapping key
// wraps. If there is no such key it is made when the settings say so.
func (v *Vault) Wrap(ctx context.Context, agency uuid.UUID, secret []byte) (keyring.Wrapped, error) {
	name := v.nameOf(agency)
	wrapped, err := v.wrap(ctx, name, secret)
	if status(err) == http.StatusNotFound && v.create != nil {
		if _, err := v.client.CreateKey(ctx, name, *v.create, nil); err != nil {
			return keyring.Wrapped{}, explain("create key "+name, err)
		}
		wrapped, err = v.wrap(ctx, name, secret)
	}
	if err != nil {
		return keyring.Wrapped{}, explain("wrap with key "+name, err)
	}
	return wrapped, nil
}

func (v *Vault) wrap(ctx context.Context, name string, secret []byte) (keyring.Wrapped, error) {
	answer, err := v.client.WrapKey(ctx, name, "", azkeys.KeyOperationParameters{
		Algorithm: to.Ptr(v.algorithm.azure()), Value: secret,
	}, nil)
	if err != nil {
		return keyring.Wrapped{}, err
	}
	version, err := versionOf(answer.KID, name)
	if err != nil {
		return keyring.Wrapped{}, err
	}
	return keyring.Wrapped{
		Provider: providerName, KeyID: name + "/" + version, Algorithm: string(v.algorithm), Bytes: answer.Result,
	}, nil
}

// Unwrap implements [keyring.Wrapper]. It unwraps with the key that belongs to the
// agency and with no other, whatever the stored row says.
func (v *Vault) Unwrap(ctx context.Context, agency uuid.UUID, w keyring.Wrapped) ([]byte, error) {
	name := v.nameOf(agency)
	stored, version, _ := strings.Cut(w.KeyID, "/")
	algorithm := Algorithm(w.Algorithm)
	if stored != name || version == "" || !algorithm.known() {
		return nil, fmt.Errorf("%w: wrapped by %q with %q, which is not the agency's key %s", keyring.ErrNoKey, w.KeyID, w.Algorithm, name)
	}
	answer, err := v.client.UnwrapKey(ctx, name, version, azkeys.KeyOperationParameters{
		Algorithm: to.Ptr(algorithm.azure()), Value: w.Bytes,
	}, nil)
	if err != nil {
		return nil, explain("unwrap with key "+w.KeyID, err)
	}
	return answer.Result, nil
}

// Check implements [keyring.Wrapper]: the vault answers and knows us. It asks for a
// key that need not exist.
func (v *Vault) Check(ctx context.Context) error {
	_, err := v.client.GetKey(ctx, "konote-check", "", nil)
	if err == nil || status(err) == http.StatusNotFound {
		return nil
	}
	err = explain("ask the vault", err)
	if errors.Is(err, keyring.ErrNoKey) { // it refuses us; that is about no agency's key
		return fmt.Errorf("%w: %s", keyring.ErrProvider, err.Error())
	}
	return err
}

func (v *Vault) nameOf(agency uuid.UUID) string {
	return strings.ReplaceAll(v.keyName, agencyPlace, agency.String())
}

// versionOf takes the version out of a key's address, https://vault/keys/name/version.
func versionOf(kid *azkeys.ID, name string) (string, error) {
	if kid == nil {
		return "", errors.New("the vault did not say which key it used")
	}
	address, err := url.Parse(string(*kid))
	if err != nil {
		return "", errors.New("the vault named its key in an unknown form")
	}
	parts := strings.Split(strings.Trim(address.Path, "/"), "/")
	if len(parts) != 3 || parts[0] != "keys" || parts[1] != name || parts[2] == "" {
		return "", errors.New("the vault used another key than asked")
	}
	return parts[2], nil
}

// status is the HTTP status of an answer of the vault, 0 for other errors.
func status(err error) int {
	if answer, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return answer.StatusCode
	}
	return 0
}
