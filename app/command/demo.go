package command

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"konote/app/audit"
	"konote/app/config"
	"konote/app/demo"
	"konote/app/server"
	"konote/embedded"
	"konote/jobs"
	"konote/keyring"
	"konote/tenancy"
)

const (
	demoHome     = ".konote"
	demoBase     = "localhost"
	opsDatabase  = "konote"
	auditDB      = "konote_audit"
	demoPortName = "KONOTE_PORT"
)

func demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start everything KoNote needs, with two agencies of invented people",
		Long: `Starts a private Postgres and Redis below .konote/, makes the databases, fills two agencies with
invented people and serves them on one port (KONOTE_PORT, 8080). Ends with "ready:" and a table of
addresses, accounts and the password; the same is in .konote/demo.json, and .konote/demo.env has
the settings for other commands: set -a; . .konote/demo.env; set +a; konote agency list.
Ctrl-C stops all of it. Not safe for real people's data.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), cmd.OutOrStdout()) },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "reset",
		Short: "Forget the demo: databases, keys, accounts",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := embedded.Remove(filepath.Join(demoHome, "demo")); err != nil {
				return fmt.Errorf("forget the demo: %w", err)
			}
			for _, name := range []string{"demo.json", "demo.env"} {
				if err := os.Remove(filepath.Join(demoHome, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
					return err
				}
			}
			fmt.Fprintln(cmd.OutOrStdout(), "the demo is forgotten")
			return nil
		},
	})
	return cmd
}

// demoSecrets are made at the first start and kept beside the databases.
type demoSecrets struct {
	Password   string `json:"password"` // of every account
	Pepper     string `json:"pepper"`
	Limits     string `json:"limits"`
	LocalKey   string `json:"local_key"`
	SigningKey string `json:"signing_key"`
}

// demoTable is what .konote/demo.json holds.
type demoTable struct {
	Mode      string         `json:"mode"`
	Password  string         `json:"password"`
	Agencies  []demoAgency   `json:"agencies"`
	Operator  string         `json:"operator"`
	Postgres  map[string]any `json:"postgres"`
	Redis     string         `json:"redis"`
	Metrics   string         `json:"metrics"`
	Processes map[string]int `json:"processes"`
}

type demoAgency struct {
	Subdomain string         `json:"subdomain"`
	Name      string         `json:"name"`
	ID        string         `json:"id"`
	Address   string         `json:"address"`
	Schema    string         `json:"schema"`
	Accounts  []demo.Account `json:"accounts"`
	// Elsewhere is a provider that its people may sign in with; nil for none.
	Elsewhere *demoProvider `json:"sign_in_elsewhere,omitempty"`
}

type demoProvider struct {
	Name   string   `json:"name"`
	People []string `json:"people"`
}

func signInElsewhere(name, subdomain string) *demoProvider {
	if name == "" {
		return nil
	}
	provider := &demoProvider{Name: name}
	for _, person := range demo.IdentityPeople(subdomain) {
		provider.People = append(provider.People, person.Name)
	}
	return provider
}

func runDemo(ctx context.Context, out io.Writer) (err error) {
	say := func(format string, args ...any) { fmt.Fprintf(out, "· "+format+"\n", args...) }
	dir := filepath.Join(demoHome, "demo")
	at, err := demoAddresses()
	if err != nil {
		return err
	}

	say("starting a private Postgres and Redis in %s", dir)
	servers, err := embedded.Start(ctx, embedded.Options{Dir: dir, Durable: true})
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		defer cancel()
		err = errors.Join(err, servers.Stop(ending))
		fmt.Fprintln(out, "stopped")
	}()

	secrets, err := loadSecrets(filepath.Join(dir, "secrets.json"))
	if err != nil {
		return err
	}
	environment, err := demoEnvironment(servers, secrets, dir, at)
	if err != nil {
		return err
	}
	c, err := config.Load(func(name string) string { return environment[name] })
	if err != nil {
		return err
	}

	say("making the databases")
	if err := makeDemoDatabases(ctx, servers, c); err != nil {
		return err
	}

	log, err := demoLog(dir)
	if err != nil {
		return err
	}
	s, err := server.Open(ctx, c, log)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Checkup(ctx, out, nil); err != nil {
		return err
	}
	table, err := fillDemo(ctx, s, c, secrets, say)
	if err != nil {
		return err
	}
	table.describe(servers, c)
	if err := table.write(environment); err != nil {
		return err
	}
	err = s.Run(ctx, server.Parts{Web: true, Work: true}, func() { table.print(out) })
	fmt.Fprintln(out, "· stopping")
	return err
}

// addresses are where the demo answers.
type addresses struct{ port, listen, internal string }

// demoAddresses reads them from the environment and tries them, before anything is started
// or made: a taken port is found out at once, and not after minutes of filling.
func demoAddresses() (addresses, error) {
	at := addresses{port: cmp.Or(os.Getenv(demoPortName), "8080")}
	n, err := strconv.Atoi(at.port)
	if err != nil || n < 1 || n > 65535 {
		return at, errUsage{errors.New(demoPortName + " is a port number")}
	}
	at.listen = cmp.Or(os.Getenv("KONOTE_LISTEN"), "127.0.0.1:"+at.port)
	at.internal = cmp.Or(os.Getenv("KONOTE_INTERNAL"), "127.0.0.1:"+strconv.Itoa(besidePort(n)))
	for _, address := range []string{at.listen, at.internal} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return at, fmt.Errorf("%w\nIs the demo running already? Another port is taken with %s=9000 make demo", err, demoPortName)
		}
		if err := listener.Close(); err != nil {
			return at, fmt.Errorf("try %s: %w", address, err)
		}
	}
	return at, nil
}

// besidePort is where the metrics of a demo on a port are: far from what others use.
func besidePort(port int) int {
	const away = 11_000
	if port+away > 65535 {
		return port - away
	}
	return port + away
}

// demoEnvironment are the settings of the demo, by name, for this process and for
// demo.env.
func demoEnvironment(servers *embedded.Servers, secrets demoSecrets, dir string, at addresses) (map[string]string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(absolute, "checkpoints"), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of signed heads: %w", err)
	}
	return map[string]string{
		"KONOTE_MODE": "demo", "KONOTE_BASE_DOMAIN": demoBase, "KONOTE_PORT": at.port,
		"KONOTE_LISTEN": at.listen, "KONOTE_INTERNAL": at.internal,
		"KONOTE_DATABASE_URL":       servers.URL("konote_app", opsDatabase),
		"KONOTE_OWNER_DATABASE_URL": servers.URL("konote_owner", opsDatabase),
		"KONOTE_AUDIT_OWNER_URL":    servers.URL("konote_audit_owner", auditDB),
		"KONOTE_AUDIT_WRITER_URL":   servers.URL("konote_audit_writer", auditDB),
		"KONOTE_AUDIT_READER_URL":   servers.URL("konote_audit_reader", auditDB),
		"KONOTE_REDIS_URL":          servers.RedisURL(),
		"KONOTE_LOCAL_KEY":          secrets.LocalKey,
		"KONOTE_PASSWORD_PEPPER":    secrets.Pepper,
		"KONOTE_LIMIT_SECRET":       secrets.Limits,
		"KONOTE_AUDIT_SIGNING_KEY":  secrets.SigningKey,
		"KONOTE_CHECKPOINT_DIR":     filepath.Join(absolute, "checkpoints"),
		"KONOTE_INSECURE_COOKIES":   "true",
		"KONOTE_SUPPORT":            "613 555-0142",
	}, nil
}

func makeDemoDatabases(ctx context.Context, servers *embedded.Servers, c *config.Config) error {
	passwords := map[string]string{}
	for _, role := range []string{"konote_owner", "konote_app", "konote_audit_owner", "konote_audit_writer", "konote_audit_reader"} {
		passwords[role] = servers.Password(role)
	}
	err := tenancy.Bootstrap(ctx, servers.SuperuserURL("postgres"), tenancy.BootstrapSettings{
		Passwords: passwords, OpsDatabase: opsDatabase, AuditDatabase: auditDB,
	})
	if err != nil {
		return err
	}
	if err := tenancy.MigrateControl(ctx, c.OwnerURL); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, c.OwnerURL); err != nil {
		return err
	}
	return tenancy.MigrateAudit(ctx, c.AuditOwnerURL)
}

// fillDemo makes the agencies that are not there yet, and migrates those that are.
func fillDemo(ctx context.Context, s *server.Server, c *config.Config, secrets demoSecrets, say func(string, ...any)) (*demoTable, error) {
	owner, err := tenancy.OpenOwner(ctx, c.OwnerURL, nil)
	if err != nil {
		return nil, err
	}
	defer owner.Close()
	if _, err := (&tenancy.Migrator{Owner: owner}).Up(ctx); err != nil {
		return nil, err
	}
	by := audit.By{Kind: audit.KindOperator, Operator: "demo", Reference: tenancy.NewID().String()}
	table := &demoTable{Mode: "demo", Password: secrets.Password}
	for _, invented := range demo.Agencies() {
		n := invented.New(demoBase)
		agency, err := s.Platform.BySubdomain(ctx, n.Subdomain)
		if errors.Is(err, tenancy.ErrUnknownAgency) || (err == nil && agency.Status == tenancy.Provisioning) {
			say("inventing %s", n.NameEN)
			n.Record = func(tx pgx.Tx, agency uuid.UUID) error {
				return audit.RecordPlatformIn(ctx, tx, s.Platform.Now(), by, audit.Event{Action: "agency.create", Subject: agency})
			}
			agency, err = tenancy.Provision(ctx, owner, s.Platform, n, func(ctx context.Context, tx *tenancy.Tx) error {
				return invented.Fill(ctx, tx, by, func() (string, error) { return s.Hasher.Hash(ctx, secrets.Password) })
			})
		}
		if err != nil {
			return nil, err
		}
		elsewhere := ""
		err = agency.Update(ctx, func(tx *tenancy.Tx) (err error) {
			elsewhere, err = invented.Connect(ctx, tx, c.URL(agency.Host))
			return err
		})
		if err != nil {
			return nil, err
		}
		table.Agencies = append(table.Agencies, demoAgency{
			Subdomain: agency.Subdomain, Name: agency.NameEN, ID: agency.ID.String(), Schema: agency.Role(),
			Address: c.URL(agency.Host), Accounts: invented.Accounts(), Elsewhere: signInElsewhere(elsewhere, agency.Subdomain),
		})
	}
	return table, nil
}

func (t *demoTable) describe(servers *embedded.Servers, c *config.Config) {
	postgres, redis := servers.PIDs()
	t.Operator = c.URL("operator." + demoBase)
	t.Postgres = map[string]any{
		"operational": c.DatabaseURL, "operational_superuser": servers.SuperuserURL(opsDatabase),
		"audit_reader": c.AuditReaderURL, "audit_superuser": servers.SuperuserURL(auditDB),
	}
	t.Redis = c.RedisURL
	t.Metrics = "http://" + c.Internal + "/metrics"
	t.Processes = map[string]int{"konote": os.Getpid(), "postgres": postgres, "redis": redis}
}

// write leaves demo.json and demo.env, readable by the owner only.
func (t *demoTable) write(environment map[string]string) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("write demo.json: %w", err)
	}
	if err := os.WriteFile(filepath.Join(demoHome, "demo.json"), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write demo.json: %w", err)
	}
	var lines strings.Builder
	for _, setting := range config.Settings {
		if value, ok := environment[setting.Name]; ok {
			fmt.Fprintf(&lines, "%s='%s'\n", setting.Name, value)
		}
	}
	if err := os.WriteFile(filepath.Join(demoHome, "demo.env"), []byte(lines.String()), 0o600); err != nil {
		return fmt.Errorf("write demo.env: %w", err)
	}
	return nil
}

// print ends the start: where to go and how to get in.
func (t *demoTable) print(out io.Writer) {
	fmt.Fprintf(out, "\nready:\n")
	for _, a := range t.Agencies {
		fmt.Fprintf(out, "\n  %s  (%s)\n", a.Address, a.Name)
		for _, account := range a.Accounts {
			what := "administrator"
			if !account.Admin {
				what = rolesInWords(account.Roles)
			}
			fmt.Fprintf(out, "    %-10s %-24s %s\n", account.UserName, account.Name, what)
			if account.AppKey != "" {
				fmt.Fprintf(out, "    %-10s %-24s second step: put this key into an app for codes: %s\n", "", "", account.AppKey)
			}
		}
	}
	for _, a := range t.Agencies {
		if a.Elsewhere != nil {
			fmt.Fprintf(out, "\n  %s: \"Sign in with %s\", as %s\n", a.Name, a.Elsewhere.Name, strings.Join(a.Elsewhere.People, " or "))
		}
	}
	fmt.Fprintf(out, "\n  %s  (the platform's own side)\n", t.Operator)
	fmt.Fprintf(out, "\n  password of every account: %s\n", t.Password)
	fmt.Fprintf(out, "  the same for scripts: %s; settings for other commands: %s\n",
		filepath.Join(demoHome, "demo.json"), filepath.Join(demoHome, "demo.env"))
	fmt.Fprintf(out, "  Ctrl-C stops all of it.\n\n")
}

func rolesInWords(roles map[string]string) string {
	var parts []string
	for _, role := range []string{"direct_service", "front_desk", "program_manager", "executive"} {
		var programs []string
		for program, held := range roles {
			if held == role {
				programs = append(programs, program)
			}
		}
		if len(programs) > 0 {
			parts = append(parts, strings.ReplaceAll(role, "_", " ")+": "+strings.Join(sorted(programs), ", "))
		}
	}
	return strings.Join(parts, "; ")
}

// demoLog writes to a file: the terminal stays readable.
func demoLog(dir string) (*slog.Logger, error) {
	file, err := os.OpenFile(filepath.Join(dir, "konote.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return slog.New(slog.NewJSONHandler(file, nil)), nil
}

func loadSecrets(path string) (demoSecrets, error) {
	var secrets demoSecrets
	text, err := os.ReadFile(path)
	if err == nil {
		if err := json.Unmarshal(text, &secrets); err != nil {
			return secrets, fmt.Errorf("read the demo's secrets: %w", err)
		}
		return secrets, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return secrets, fmt.Errorf("read the demo's secrets: %w", err)
	}
	signing, err := audit.GenerateSigningKey()
	if err != nil {
		return secrets, err
	}
	secrets = demoSecrets{Password: phrase(), Pepper: random32(), Limits: random32(), LocalKey: keyring.GenerateLocal(), SigningKey: signing}
	if text, err = json.Marshal(secrets); err != nil {
		return secrets, fmt.Errorf("write the demo's secrets: %w", err)
	}
	return secrets, os.WriteFile(path, text, 0o600)
}

func random32() string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(secret)
}

// phrase is a password that can be read from one screen and typed on another. It guards
// invented people on this machine only.
func phrase() string {
	words := strings.Fields("amber birch candle cedar clover copper ember fern garnet harbour hazel heron island juniper " +
		"lantern linden maple meadow nutmeg otter pebble pepper plum quartz rowan saffron spruce sparrow thimble walnut willow")
	draw := func(n int) int {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		return int(i.Int64())
	}
	return fmt.Sprintf("%s-%s-%s-%d", words[draw(len(words))], words[draw(len(words))], words[draw(len(words))], 10+draw(90))
}
