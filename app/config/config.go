package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Mode is how strict the process is.
type Mode string

// The modes. Production refuses to start when a critical check fails; Demo warns
// loudly and runs with invented people only.
const (
	Production Mode = "production"
	Demo       Mode = "demo"
)

// Config is every setting, read and checked.
type Config struct {
	Mode       Mode
	BaseDomain string // agencies live at <subdomain>.<BaseDomain>
	Listen     string
	Internal   string // health and metrics; never reachable from outside
	Port       int    // what browsers use, when it is not 443

	DatabaseURL     string
	OwnerURL        string
	Shards          map[string]string
	ShardOwners     map[string]string
	AuditOwnerURL   string
	AuditWriterURL  string
	AuditReaderURL  string
	RedisURL        string
	KeyProvider     string // local or azurevault
	KeyFile         string
	LocalKey        string
	VaultURL        string
	VaultKeyName    string
	VaultAlgorithm  string
	VaultTenant     string
	VaultClient     string
	VaultSecret     string
	VaultTokenFile  string
	Pepper          []byte
	LimitSecret     []byte
	AuditSigningKey string
	CheckpointDir   string
	AuditBacklog    int
	AuditBacklogAge time.Duration
	InsecureCookies bool
	TrustedProxies  []string
	SearchMemory    int64
	SMTPURL         string // "" sends no mail
	MailFrom        string
	Support         string // whom agencies ask when KoNote itself does not work; "" for nobody
}

// Setting is one row: a name in the environment and how its value is read.
type Setting struct {
	Name    string
	Default string
	Secret  bool
	// Needed marks a setting without which production does not start.
	Needed bool
	Doc    string
	read   func(*Config, string) error
}

// Settings are all of them, in the order of the README.
var Settings = []Setting{
	{"KONOTE_MODE", "production", false, false, "`production` refuses to start when a critical check fails; `demo` warns and runs with invented people", func(c *Config, v string) error {
		c.Mode = Mode(v)
		if c.Mode != Production && c.Mode != Demo {
			return errors.New("is production or demo")
		}
		return nil
	}},
	{"KONOTE_BASE_DOMAIN", "", false, true, "agencies live at `<subdomain>.<base domain>`", func(c *Config, v string) error {
		c.BaseDomain = strings.ToLower(v)
		if v != "" && !regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`).MatchString(c.BaseDomain) {
			return errors.New("is a domain name")
		}
		return nil
	}},
	{"KONOTE_LISTEN", "127.0.0.1:8080", false, false, "address of the web server, behind a proxy that speaks HTTPS", text(func(c *Config) *string { return &c.Listen })},
	{"KONOTE_INTERNAL", "127.0.0.1:9090", false, false, "address of `/healthz`, `/readyz`, `/health` (with figures) and `/metrics`, in every process; keep it inside", text(func(c *Config) *string { return &c.Internal })},
	{"KONOTE_PORT", "443", false, false, "port that browsers use (`make demo`: the port to listen on, 8080)", func(c *Config, v string) (err error) {
		if c.Port, err = strconv.Atoi(v); err != nil || c.Port < 1 || c.Port > 65535 {
			return errors.New("is a port number")
		}
		return nil
	}},
	{"KONOTE_DATABASE_URL", "", true, true, "Postgres with the registry, as `konote_app`; also the shard `main`", address(func(c *Config) *string { return &c.DatabaseURL }, "postgres", "postgresql")},
	{"KONOTE_OWNER_DATABASE_URL", "", true, false, "the same database as `konote_owner`: for migrations and provisioning only", address(func(c *Config) *string { return &c.OwnerURL }, "postgres", "postgresql")},
	{"KONOTE_SHARDS", "", true, false, "further clusters: `name=url` separated by spaces, as `konote_app`", shards(func(c *Config) *map[string]string { return &c.Shards })},
	{"KONOTE_SHARD_OWNERS", "", true, false, "the same as `konote_owner`", shards(func(c *Config) *map[string]string { return &c.ShardOwners })},
	{"KONOTE_AUDIT_WRITER_URL", "", true, true, "audit database as `konote_audit_writer` (may add)", address(func(c *Config) *string { return &c.AuditWriterURL }, "postgres", "postgresql")},
	{"KONOTE_AUDIT_READER_URL", "", true, true, "audit database as `konote_audit_reader` (may read)", address(func(c *Config) *string { return &c.AuditReaderURL }, "postgres", "postgresql")},
	{"KONOTE_AUDIT_OWNER_URL", "", true, false, "audit database as `konote_audit_owner`: for migrations only", address(func(c *Config) *string { return &c.AuditOwnerURL }, "postgres", "postgresql")},
	{"KONOTE_REDIS_URL", "", true, true, "Redis for sessions and counters; a password is required off the loopback", address(func(c *Config) *string { return &c.RedisURL }, "redis", "rediss", "unix")},
	{"KONOTE_KEY_PROVIDER", "local", false, false, "`azurevault`, or `local` for development and self-hosting", func(c *Config, v string) error {
		c.KeyProvider = v
		if v != "local" && v != "azurevault" {
			return errors.New("is local or azurevault")
		}
		return nil
	}},
	{"KONOTE_KEY_FILE", "", false, false, "key file of the local provider, readable by its owner only", text(func(c *Config) *string { return &c.KeyFile })},
	{"KONOTE_LOCAL_KEY", "", true, false, "or the key itself (`konote key new` makes one)", text(func(c *Config) *string { return &c.LocalKey })},
	{"KONOTE_VAULT_URL", "", false, false, "address of the Key Vault", address(func(c *Config) *string { return &c.VaultURL }, "https")},
	{"KONOTE_VAULT_KEY_NAME", "konote-{agency}", false, false, "name of the wrapping keys; `{agency}` stands for the agency's id", text(func(c *Config) *string { return &c.VaultKeyName })},
	{"KONOTE_VAULT_ALGORITHM", "RSA-OAEP-256", false, false, "how data keys are wrapped: `RSA-OAEP-256`, or `A256KW` on a managed HSM", text(func(c *Config) *string { return &c.VaultAlgorithm })},
	{"KONOTE_VAULT_TENANT_ID", "", false, false, "Entra tenant of the application below", text(func(c *Config) *string { return &c.VaultTenant })},
	{"KONOTE_VAULT_CLIENT_ID", "", false, false, "application that asks the vault; alone, a managed identity", text(func(c *Config) *string { return &c.VaultClient })},
	{"KONOTE_VAULT_CLIENT_SECRET", "", true, false, "its secret", text(func(c *Config) *string { return &c.VaultSecret })},
	{"KONOTE_VAULT_TOKEN_FILE", "", false, false, "or a file with its token (workload identity)", text(func(c *Config) *string { return &c.VaultTokenFile })},
	{"KONOTE_PASSWORD_PEPPER", "", true, true, "32 bytes in base64, mixed into every password", secretBytes(func(c *Config) *[]byte { return &c.Pepper })},
	{"KONOTE_LIMIT_SECRET", "", true, true, "32 bytes in base64: names of counters in Redis are hashed with it", secretBytes(func(c *Config) *[]byte { return &c.LimitSecret })},
	{"KONOTE_AUDIT_SIGNING_KEY", "", true, true, "Ed25519 key that signs the heads of the audit chains (`konote audit key` makes one)", text(func(c *Config) *string { return &c.AuditSigningKey })},
	{"KONOTE_CHECKPOINT_DIR", "", false, true, "where signed heads are published: storage that the platform can add to and not rewrite", text(func(c *Config) *string { return &c.CheckpointDir })},
	{"KONOTE_AUDIT_BACKLOG", "200000", false, false, "records waiting for the audit database past which writing is refused", func(c *Config, v string) (err error) {
		if c.AuditBacklog, err = strconv.Atoi(v); err != nil || c.AuditBacklog < 1 {
			return errors.New("is a positive number")
		}
		return nil
	}},
	{"KONOTE_AUDIT_BACKLOG_AGE", "24h", false, false, "age of the oldest waiting record past which writing is refused", func(c *Config, v string) (err error) {
		if c.AuditBacklogAge, err = time.ParseDuration(v); err != nil || c.AuditBacklogAge <= 0 {
			return errors.New("is a duration such as 24h")
		}
		return nil
	}},
	{"KONOTE_INSECURE_COOKIES", "false", false, false, "`true` sends cookies over plain HTTP: demo only", func(c *Config, v string) (err error) {
		if c.InsecureCookies, err = strconv.ParseBool(v); err != nil {
			return errors.New("is true or false")
		}
		return nil
	}},
	{"KONOTE_TRUSTED_PROXIES", "", false, false, "addresses or networks of the proxies in front, separated by spaces", func(c *Config, v string) error {
		for _, proxy := range strings.Fields(v) {
			if _, err := netip.ParsePrefix(proxy); err != nil {
				if _, err := netip.ParseAddr(proxy); err != nil {
					return errors.New("holds something that is neither an address nor a network")
				}
			}
			c.TrustedProxies = append(c.TrustedProxies, proxy)
		}
		return nil
	}},
	{"KONOTE_SEARCH_MEMORY", "256", false, false, "MiB that the search indexes of all agencies may take", func(c *Config, v string) error {
		megabytes, err := strconv.ParseInt(v, 10, 32)
		if err != nil || megabytes < 1 {
			return errors.New("is a number of MiB")
		}
		c.SearchMemory = megabytes << 20
		return nil
	}},
	{"KONOTE_SMTP_URL", "", true, false, "mail server: `smtp://user:password@host:587` (STARTTLS) or `smtps://…`; without it reminders and notices are shown as not sent", address(func(c *Config) *string { return &c.SMTPURL }, "smtp", "smtps")},
	{"KONOTE_MAIL_FROM", "KoNote <no-reply@localhost>", false, false, "sender of e-mails: an address that the mail server may send from", text(func(c *Config) *string { return &c.MailFrom })},
	{"KONOTE_SUPPORT", "", false, false, "whom agencies reach when KoNote itself does not work: a telephone number or an address, shown on the pages that say so", text(func(c *Config) *string { return &c.Support })},
}

// Load reads every setting from the environment. The error names all settings that
// cannot be read, and never their values.
func Load(getenv func(string) string) (*Config, error) {
	c := &Config{}
	var problems []error
	for _, s := range Settings {
		value, err := s.value(getenv)
		if err == nil {
			err = s.read(c, value)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s %w", s.Name, err))
		}
	}
	return c, errors.Join(problems...)
}

// Missing names the settings that production needs and the environment lacks.
func Missing(getenv func(string) string) []string {
	var missing []string
	for _, s := range Settings {
		if value, _ := s.value(getenv); s.Needed && value == "" {
			missing = append(missing, s.Name)
		}
	}
	return missing
}

func (s Setting) value(getenv func(string) string) (string, error) {
	value := getenv(s.Name)
	if file := getenv(s.Name + "_FILE"); s.Secret && file != "" {
		if value != "" {
			return "", fmt.Errorf("and %s_FILE are both given", s.Name)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return "", errors.New("names a file that cannot be read")
		}
		value = strings.TrimSpace(string(content))
	}
	if value == "" {
		value = s.Default
	}
	return value, nil
}

// URL is where an agency's pages are, for messages.
func (c *Config) URL(host string) string {
	scheme, port := "https", ""
	if c.InsecureCookies {
		scheme = "http"
	}
	if c.Port != 443 {
		port = ":" + strconv.Itoa(c.Port)
	}
	return scheme + "://" + host + port
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		return nil
	}
}

func address(field func(*Config) *string, schemes ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		return checkAddress(v, schemes)
	}
}

func checkAddress(v string, schemes []string) error {
	if v == "" {
		return nil
	}
	parsed, err := url.Parse(v)
	if err == nil {
		for _, scheme := range schemes {
			if parsed.Scheme == scheme {
				return nil
			}
		}
	}
	return fmt.Errorf("is an address that begins with %s://", strings.Join(schemes, ":// or "))
}

func shards(field func(*Config) *map[string]string) func(*Config, string) error {
	return func(c *Config, v string) error {
		found := map[string]string{}
		for _, pair := range strings.Fields(v) {
			name, target, ok := strings.Cut(pair, "=")
			if !ok || !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) || name == "main" ||
				checkAddress(target, []string{"postgres", "postgresql"}) != nil {
				return errors.New("is a list of name=url, none named main")
			}
			found[name] = target
		}
		*field(c) = found
		return nil
	}
}

func secretBytes(field func(*Config) *[]byte) func(*Config, string) error {
	return func(c *Config, v string) error {
		if v == "" {
			return nil
		}
		decoded, err := base64.StdEncoding.DecodeString(v)
		if err != nil || len(decoded) != 32 {
			return errors.New("is 32 bytes in base64")
		}
		*field(c) = decoded
		return nil
	}
}
