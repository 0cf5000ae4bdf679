package azurevault

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
)

// Algorithm is how data keys are wrapped. Keys that were wrapped with the other one
// still unwrap.
type Algorithm string

const (
	// RSAOAEP256 works in every vault. It is the default.
	RSAOAEP256 Algorithm = "RSA-OAEP-256"
	// A256KW is AES key wrap, for a managed HSM.
	A256KW Algorithm = "A256KW"
)

func (a Algorithm) known() bool { return a == RSAOAEP256 || a == A256KW }

func (a Algorithm) azure() azkeys.EncryptionAlgorithm { return azkeys.EncryptionAlgorithm(a) }

// Settings of a Vault. The zero value of a field stands for its default.
type Settings struct {
	URL       string    // https://<name>.vault.azure.net or https://<name>.managedhsm.azure.net
	KeyName   string    // name of an agency's wrapping key, with {agency} for its id; default konote-{agency}
	Algorithm Algorithm // default RSAOAEP256

	// CreateKeys makes the wrapping key of an agency that has none when its first
	// data key is wrapped: RSA with 3072 bits, or an AES key for A256KW.
	CreateKeys bool
	// HSM has the RSA keys made in hardware, which a premium vault can do.
	HSM bool

	// The identity that asks: an application with a secret, or with a token of the
	// cluster in TokenFile; without either the managed identity of the machine
	// (ClientID picks one if it has several). Nothing else is tried.
	TenantID     string
	ClientID     string
	ClientSecret string `json:"-"`
	TokenFile    string

	// AuthorityURL signs the identity in, when it is not Azure's public cloud.
	AuthorityURL string
	// HTTP carries the requests; default is the SDK's own.
	HTTP *http.Client
}

// Format hides the secret from %v and its like.
func (s Settings) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "{%s %s %s}", s.URL, s.KeyName, s.Algorithm)
}

const agencyPlace = "{agency}"

func (s Settings) withDefaults() Settings {
	if s.KeyName == "" {
		s.KeyName = "konote-" + agencyPlace
	}
	if s.Algorithm == "" {
		s.Algorithm = RSAOAEP256
	}
	return s
}

// What may stand around the agency's id: with it, a name has at most 127 characters.
var keyNamePattern = regexp.MustCompile(`^[0-9A-Za-z-]{0,91}$`)

func (s Settings) check() error {
	address, err := url.Parse(s.URL)
	if err != nil || address.Scheme != "https" || address.Host == "" {
		return errors.New("azurevault: the vault's address must be an https URL")
	}
	if strings.Count(s.KeyName, agencyPlace) != 1 || !keyNamePattern.MatchString(strings.Replace(s.KeyName, agencyPlace, "", 1)) {
		return fmt.Errorf("azurevault: the key name %q must hold %s once, and otherwise letters, digits and hyphens", s.KeyName, agencyPlace)
	}
	if !s.Algorithm.known() {
		return fmt.Errorf("azurevault: algorithm %q is not known", s.Algorithm)
	}
	if s.ClientSecret != "" && s.TokenFile != "" {
		return errors.New("azurevault: give the application a secret or a token file, not both")
	}
	return nil
}

// clientOptions bound what one call may take: a caller waits behind it. The ring
// gives up after its own timeout, which is about as long.
func (s Settings) clientOptions() azcore.ClientOptions {
	options := azcore.ClientOptions{
		Retry: policy.RetryOptions{
			MaxRetries: 2, TryTimeout: 3 * time.Second,
			RetryDelay: 200 * time.Millisecond, MaxRetryDelay: 2 * time.Second,
		},
		Telemetry: policy.TelemetryOptions{ApplicationID: "konote"},
	}
	if s.HTTP != nil {
		options.Transport = s.HTTP
	}
	if s.AuthorityURL != "" {
		options.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: s.AuthorityURL}
	}
	return options
}

func (s Settings) credential() (azcore.TokenCredential, error) {
	options := s.clientOptions()
	ownAuthority := s.AuthorityURL != "" // nobody else knows it, so nobody is asked about it
	switch {
	case s.ClientSecret != "":
		return azidentity.NewClientSecretCredential(s.TenantID, s.ClientID, s.ClientSecret,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: ownAuthority})
	case s.TokenFile != "":
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options, DisableInstanceDiscovery: ownAuthority,
			TenantID: s.TenantID, ClientID: s.ClientID, TokenFilePath: s.TokenFile,
		})
	default:
		managed := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}
		if s.ClientID != "" {
			managed.ID = azidentity.ClientID(s.ClientID)
		}
		return azidentity.NewManagedIdentityCredential(managed)
	}
}

// newKey is what CreateKeys makes.
func (s Settings) newKey() *azkeys.CreateKeyParameters {
	parameters := &azkeys.CreateKeyParameters{
		Kty: to.Ptr(azkeys.KeyTypeRSA), KeySize: to.Ptr(int32(3072)),
		KeyOps: []*azkeys.KeyOperation{to.Ptr(azkeys.KeyOperationWrapKey), to.Ptr(azkeys.KeyOperationUnwrapKey)},
	}
	switch {
	case s.Algorithm == A256KW:
		parameters.Kty, parameters.KeySize = to.Ptr(azkeys.KeyTypeOctHSM), to.Ptr(int32(256))
	case s.HSM:
		parameters.Kty = to.Ptr(azkeys.KeyTypeRSAHSM)
	}
	return parameters
}
