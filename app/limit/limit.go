package limit

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// ErrUnavailable says that Redis did not answer and that the limit refuses then.
var ErrUnavailable = errors.New("limit: store unavailable")

// Limits counts. It is safe for concurrent use.
type Limits struct {
	redis  redis.UniversalClient
	names  []byte // key of the HMAC that names counters
	now    func() time.Time
	rules  map[Name]Rule
	opened *prometheus.CounterVec

	mu     sync.Mutex
	leases map[uuid.UUID]*lease
}

// New makes the limits of the table. secret is the platform's, at least 32 bytes, the
// same in every process.
func New(client redis.UniversalClient, secret []byte, now func() time.Time) (*Limits, error) {
	if len(secret) < 32 {
		return nil, errors.New("limit: the secret is shorter than 32 bytes")
	}
	names, err := hkdf.Key(sha256.New, secret, nil, "konote/limit/v1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive limit key: %w", err)
	}
	l := &Limits{redis: client, names: names, now: now, rules: map[Name]Rule{}, leases: map[uuid.UUID]*lease{},
		opened: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "konote_limit_open_total",
			Help: "Requests let through uncounted because Redis did not answer."}, []string{"limit"})}
	for _, rule := range Rules {
		l.rules[rule.Name] = rule
		if !rule.Closed {
			l.opened.WithLabelValues(string(rule.Name))
		}
	}
	return l, nil
}

// Metrics counts what was let through while Redis was down.
func (l *Limits) Metrics() prometheus.Collector { return l.opened }

// Allow takes a turn for an account (staff id, or what was typed; "" when nobody is
// signed in) at an agency from an address. A positive duration means refused: there
// is a turn again after it. The error is ErrUnavailable, for closed rules only. A
// refusal costs no turn, and either every scope of the rule gives one or none.
func (l *Limits) Allow(ctx context.Context, name Name, agency uuid.UUID, account, ip string) (retryAfter time.Duration, err error) {
	rule, ok := l.rules[name]
	if !ok {
		return 0, fmt.Errorf("limit: %q is not in the table", name)
	}
	var keys []string
	args := []any{l.now().UnixMilli(), 1}
	add := func(scope, value string, quota Quota) {
		if quota.Turns > 0 && value != "" {
			keys = append(keys, l.key(string(name), scope, agency, value))
			args = append(args, quota.Turns, quota.Per.Milliseconds())
		}
	}
	address, _ := networks(ip)
	add("account", fold(account), rule.Account)
	add("network", address, rule.Network)
	add("agency", "all", rule.Agency)
	if len(keys) == 0 {
		return 0, nil
	}
	wait, err := quotaScript.Run(ctx, l.redis, keys, args...).Int64()
	if err != nil {
		return 0, l.down(rule, err)
	}
	return time.Duration(wait) * time.Millisecond, nil
}

// down decides what a rule does without Redis.
func (l *Limits) down(rule Rule, err error) error {
	if rule.Closed {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	l.opened.WithLabelValues(string(rule.Name)).Inc()
	return nil
}

// Known says whether the table has a limit of that name, for the route table.
func Known(name Name) bool {
	for _, rule := range Rules {
		if rule.Name == name {
			return true
		}
	}
	return false
}

// key names a counter. The parts are separated by a byte that none of them contains.
func (l *Limits) key(rule, scope string, agency uuid.UUID, values ...string) string {
	mac := hmac.New(sha256.New, l.names)
	mac.Write(agency[:])
	for _, part := range append([]string{rule, scope}, values...) {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return "l:{limit}:" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// fold makes one account of its ways of typing.
func fold(account string) string {
	return strings.ToLower(strings.TrimSpace(strings.ReplaceAll(account, "\x00", "")))
}

// networks are the address classes that are counted: /32 and /24, or /64 and /48. What
// is no address is a network of its own, shared by all such requests.
func networks(ip string) (address, network string) {
	parsed, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown", "unknown"
	}
	parsed = parsed.Unmap().WithZone("")
	near, far := 32, 24
	if parsed.Is6() {
		near, far = 64, 48
	}
	return netip.PrefixFrom(parsed, near).Masked().String(), netip.PrefixFrom(parsed, far).Masked().String()
}
