package checkup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"konote/app/audit"
	"konote/app/config"
	"konote/jobs"
	"konote/keyring"
	"konote/tenancy"
)

// Subject is what is looked at.
type Subject struct {
	Config   *config.Config
	Missing  []string // settings that production needs and nobody gave
	Keys     keyring.Wrapper
	Platform *tenancy.Platform
	Ledger   *audit.Ledger
	Redis    func(context.Context) error // answers?
}

// Settings runs the start-up checks that need nothing but settings, for when nothing could
// be opened with them. keys is what making the key provider said.
func Settings(c *config.Config, missing []string, keys error) []Result {
	s := Subject{Config: c, Missing: missing}
	return []Result{
		check("KoNote.E001", titleKeys, Failure, keys),
		check("KoNote.E002", titleSecrets, Failure, s.secrets()),
		check("KoNote.E003", titleCookies, Failure, s.cookies()),
		check("KoNote.E004", titleDomain, Failure, s.domain()),
		check("KoNote.E008", titleRedis, Failure, s.redisPassword()),
		check("KoNote.E010", titleSettings, Failure, s.settings()),
	}
}

// Unreadable is the result for settings that are given and cannot be used, as problem says.
func Unreadable(problem error) Result {
	said := strings.ReplaceAll(problem.Error(), "\n", "; ") // one for each setting
	return check("KoNote.E010", titleSettings, Failure, errors.New(said))
}

const (
	titleKeys     = "key provider answers, and its key is not a published one"
	titleSecrets  = "the platform's secrets are given, and its own"
	titleCookies  = "cookies travel over HTTPS only"
	titleDomain   = "a base domain is set"
	titleRedis    = "Redis asks for a password, or is on this machine"
	titleSettings = "every needed setting is given, and can be read"
)

// waitForParts is how long one part may take to answer before a check fails.
const waitForParts = 10 * time.Second

// Startup runs the checks that come before serving. deploy adds those that only make
// sense on the machine that serves the public.
func Startup(ctx context.Context, s Subject, deploy bool) []Result {
	ctx, cancel := context.WithTimeout(ctx, 3*waitForParts)
	defer cancel()
	results := []Result{
		check("KoNote.E001", titleKeys, Failure, s.keys(ctx)),
		check("KoNote.E002", titleSecrets, Failure, s.secrets()),
		check("KoNote.E003", titleCookies, Failure, s.cookies()),
		check("KoNote.E004", titleDomain, Failure, s.domain()),
		check("KoNote.E005", "the audit database refuses changes", Failure, s.auditRoles(ctx)),
		s.isolation(ctx),
		check("KoNote.E007", "no migration is pending", Failure, s.migrations(ctx)),
		check("KoNote.E008", titleRedis, Failure, s.redisPassword()),
		check("KoNote.E009", "Redis answers", Failure, bounded(ctx, s.Redis)),
		check("KoNote.E010", titleSettings, Failure, s.settings()),
		check("KoNote.E011", "the demo holds invented people only", Failure, s.demoOnly(ctx)),
		check("KoNote.W001", "the owner's password is not in the serving process", Warning, s.ownerAway()),
	}
	if deploy {
		results = append(results,
			check("KoNote.W002", "metrics stay inside", Warning, s.internalInside()),
			check("KoNote.W003", "the proxies in front are named", Warning, s.proxiesNamed()),
			check("KoNote.W004", "no agency is parked", Warning, s.parked(ctx)),
		)
	}
	return results
}

// Refuse prints what failed in the box of the mode and says whether to stop.
func Refuse(w io.Writer, mode config.Mode, results []Result) bool {
	var failed []string
	for _, r := range results {
		if r.Level == Failure || (mode == config.Demo && r.Level == Warning) {
			failed = append(failed, fmt.Sprintf("- %s %s: %s", r.ID, r.Title, r.Detail))
		}
	}
	if mode == config.Demo {
		lines := []string{"KoNote IS RUNNING IN DEMO MODE", ""}
		if len(failed) > 0 {
			lines = append(lines, fmt.Sprintf("Security checks found %d issue(s):", len(failed)))
			lines = append(append(lines, failed...), "")
		}
		if slices.ContainsFunc(results, func(r Result) bool { return r.ID == "KoNote.E011" && r.Level == Failure }) {
			Box(w, append(lines, "STARTUP BLOCKED: demo mode turns protections off that real people need.",
				"Set KONOTE_MODE=production.")...)
			return true
		}
		Box(w, append(lines, "DO NOT use this instance for real participants' data.",
			"Set KONOTE_MODE=production when ready for production use.")...)
		return false
	}
	if Worst(results) != Failure {
		return false
	}
	lines := append([]string{"STARTUP BLOCKED - CRITICAL SECURITY FAILURES", "",
		fmt.Sprintf("%d critical check(s) failed:", len(failed))}, failed...)
	Box(w, append(lines, "", "Mend these before starting KoNote in production (docs/checks.md).",
		"For evaluation with invented people: make demo")...)
	return true
}

func bounded(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, waitForParts)
	defer cancel()
	return f(ctx)
}

func (s Subject) keys(ctx context.Context) error {
	if s.Keys == nil {
		return errors.New("none is configured: set KONOTE_KEY_FILE, KONOTE_LOCAL_KEY or KONOTE_VAULT_URL")
	}
	if keyring.IsDevelopmentKey(s.Keys) {
		return errors.New("this is the published development key; make one with konote key new")
	}
	return bounded(ctx, s.Keys.Check)
}

func (s Subject) secrets() error {
	c := s.Config
	for name, secret := range map[string][]byte{"KONOTE_PASSWORD_PEPPER": c.Pepper, "KONOTE_LIMIT_SECRET": c.LimitSecret} {
		switch {
		case len(secret) == 0:
			return fmt.Errorf("%s is missing", name)
		case len(bytes.Trim(secret, string(secret[:1]))) == 0:
			return fmt.Errorf("%s is one byte repeated", name)
		}
	}
	if bytes.Equal(c.Pepper, c.LimitSecret) {
		return errors.New("KONOTE_PASSWORD_PEPPER and KONOTE_LIMIT_SECRET are the same")
	}
	if c.AuditSigningKey == "" {
		return errors.New("KONOTE_AUDIT_SIGNING_KEY is missing")
	}
	if _, err := audit.NewSigner(c.AuditSigningKey); err != nil {
		return errors.New("KONOTE_AUDIT_SIGNING_KEY cannot be read")
	}
	return nil
}

func (s Subject) cookies() error {
	if s.Config.InsecureCookies {
		return errors.New("KONOTE_INSECURE_COOKIES is true")
	}
	return nil
}

func (s Subject) domain() error {
	base := s.Config.BaseDomain
	if base == "" {
		return errors.New("KONOTE_BASE_DOMAIN is missing")
	}
	if base == "localhost" || strings.HasSuffix(base, ".localhost") {
		return errors.New("KONOTE_BASE_DOMAIN is this machine only")
	}
	return nil
}

func (s Subject) auditRoles(ctx context.Context) error {
	findings, err := audit.ProveRoles(ctx, s.Config.AuditWriterURL, s.Config.AuditReaderURL)
	if err != nil {
		return err
	}
	var said []string
	for _, finding := range findings {
		said = append(said, finding.Role+" could "+finding.Text)
	}
	return joined(said)
}

func (s Subject) isolation(ctx context.Context) Result {
	some, err := s.Platform.List(ctx, "", 50)
	if err != nil {
		return walls("KoNote.E006", nil, nil, err)
	}
	// One that is just being made has no schema yet.
	agencies := slices.DeleteFunc(some, func(a *tenancy.Agency) bool { return a.Status != tenancy.Active })
	leaks, alone, err := s.Platform.ProveIsolation(ctx, agencies[:min(len(agencies), 2)])
	return walls("KoNote.E006", leaks, alone, err)
}

// walls is the result of ProveIsolation. Where an agency is alone on its shard there is
// nothing to hold, and nothing is proven.
func walls(id string, leaks []string, alone []*tenancy.Agency, err error) Result {
	if err == nil {
		err = joined(leaks)
	}
	result := check(id, "agencies cannot see each other in the database", Failure, err)
	if err == nil && len(alone) > 0 {
		var names []string
		for _, a := range alone {
			names = append(names, a.Subdomain)
		}
		result.Level, result.Detail = Note, "not tried, because no other agency is on the shard: "+strings.Join(names, ", ")
	}
	return result
}

func (s Subject) migrations(ctx context.Context) error {
	status, err := s.Platform.Migrations(ctx)
	if err != nil {
		return err
	}
	pendingJobs := 0
	for _, url := range append(slices.Collect(maps.Values(s.Config.Shards)), s.Config.DatabaseURL) {
		pending, err := jobs.Pending(ctx, url)
		if err != nil {
			return err
		}
		pendingJobs += pending
	}
	pendingAudit, err := tenancy.PendingAudit(ctx, s.Config.AuditReaderURL)
	if err != nil {
		return err
	}
	if status.Control+status.Pending+pendingJobs+pendingAudit > 0 {
		return fmt.Errorf("registry %d, jobs %d, audit database %d, agencies behind %d: run konote migrate up",
			status.Control, pendingJobs, pendingAudit, status.Pending)
	}
	return nil
}

func (s Subject) redisPassword() error {
	address, err := url.Parse(s.Config.RedisURL)
	if err != nil || s.Config.RedisURL == "" {
		return errors.New("KONOTE_REDIS_URL is missing or cannot be read")
	}
	if _, err := redis.ParseURL(s.Config.RedisURL); err != nil { // err may hold the password
		return errors.New("KONOTE_REDIS_URL cannot be read")
	}
	if _, given := address.User.Password(); given || address.Scheme == "unix" || onLoopback(address.Hostname()) {
		return nil
	}
	return errors.New("KONOTE_REDIS_URL has no password and leaves this machine")
}

// demoOnly holds that demo mode, which is lenient, never serves a real agency.
func (s Subject) demoOnly(ctx context.Context) error {
	if s.Config.Mode != config.Demo {
		return nil
	}
	for after := ""; ; {
		agencies, err := s.Platform.List(ctx, after, 500)
		if err != nil {
			return err
		}
		for _, a := range agencies {
			after = a.Subdomain
			if !a.Demo && a.Status != tenancy.Closed {
				return fmt.Errorf("%s is a real agency", a.Subdomain)
			}
		}
		if len(agencies) < 500 {
			return nil
		}
	}
}

func (s Subject) ownerAway() error {
	if s.Config.OwnerURL != "" {
		return errors.New("KONOTE_OWNER_DATABASE_URL is set here; give it to migrate and agency commands only")
	}
	return nil
}

func (s Subject) settings() error {
	if len(s.Missing) > 0 {
		return fmt.Errorf("missing: %s", strings.Join(s.Missing, ", "))
	}
	return nil
}

func (s Subject) internalInside() error {
	host, _, err := net.SplitHostPort(s.Config.Internal)
	if err != nil {
		return errors.New("KONOTE_INTERNAL is not an address")
	}
	address, err := netip.ParseAddr(host)
	if onLoopback(host) || (err == nil && address.IsPrivate()) {
		return nil
	}
	return errors.New("KONOTE_INTERNAL listens on every network of this machine")
}

func (s Subject) proxiesNamed() error {
	if len(s.Config.TrustedProxies) == 0 {
		return errors.New("KONOTE_TRUSTED_PROXIES is empty: every visitor seems to come from the proxy, and limits by network cannot tell them apart")
	}
	return nil
}

func (s Subject) parked(ctx context.Context) error {
	status, err := s.Platform.Migrations(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, parked := range status.Parked {
		names = append(names, parked.Subdomain)
	}
	return joined(names)
}

func onLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

func joined(said []string) error {
	if len(said) == 0 {
		return nil
	}
	return errors.New(strings.Join(said, "; "))
}
