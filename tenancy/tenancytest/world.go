package tenancytest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"konote/tenancy"
)

// SecondShard is the name of the further shard of NewSharded.
const SecondShard = "second"

// World is a platform for one test.
type World struct {
	Platform *tenancy.Platform
	Owner    *tenancy.Owner
	Keys     *Keys
	RedisURL string // a database of Redis that no other world of this process uses

	databases databases
	shards    map[string]databases
}

// New gives the test a platform. Its databases and servers are shared with the other
// tests of the process, so a test sees agencies that are not its own; see NewAlone.
// configure changes the platform's settings before it opens.
func New(t testing.TB, configure ...func(*tenancy.Settings)) *World {
	t.Helper()
	d, err := sharedDatabases()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, d, nil, configure)
}

// NewAlone is New with databases of its own, for tests that look at or change all
// agencies. It takes a quarter of a second longer.
func NewAlone(t testing.TB, configure ...func(*tenancy.Settings)) *World {
	t.Helper()
	return open(t, fresh(t, mainServers), nil, configure)
}

// NewSharded is NewAlone with a second shard on another Postgres server.
func NewSharded(t testing.TB, configure ...func(*tenancy.Settings)) *World {
	t.Helper()
	second := fresh(t, secondServers)
	return open(t, fresh(t, mainServers), map[string]databases{SecondShard: second}, configure)
}

func fresh(t testing.TB, start func() (servers, error)) databases {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDatabases(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func open(t testing.TB, main databases, shards map[string]databases, configure []func(*tenancy.Settings)) *World {
	t.Helper()
	w := &World{Keys: NewKeys(), RedisURL: main.servers.nextRedis(), databases: main, shards: shards}
	settings := tenancy.Settings{DatabaseURL: w.URL("konote_app"), Shards: map[string]string{}, Keys: w.Keys}
	settings.AcquireWait = 15 * time.Second // the machine may be busy with other tests
	owners := map[string]string{}
	for name, d := range shards {
		settings.Shards[name] = d.servers.url("konote_app", d.ops)
		owners[name] = d.servers.url("konote_owner", d.ops)
	}
	for _, f := range configure {
		f(&settings)
	}
	ctx := context.Background()
	var err error
	if w.Platform, err = tenancy.Open(ctx, settings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Platform.Close)
	if w.Owner, err = tenancy.OpenOwner(ctx, w.URL("konote_owner"), owners); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Owner.Close)
	return w
}

// Agency makes an agency: migrated, with a data key, active and empty. It answers at
// <subdomain>.localhost. change alters what it is before it is made.
func (w *World) Agency(t testing.TB, change ...func(*tenancy.NewAgency)) *tenancy.Agency {
	t.Helper()
	agency, err := tenancy.Provision(t.Context(), w.Owner, w.Platform, NewAgency(change...), nil)
	if err != nil {
		t.Fatal(err)
	}
	return agency
}

// NewAgency is what Agency makes, with a subdomain that nobody has.
func NewAgency(change ...func(*tenancy.NewAgency)) tenancy.NewAgency {
	subdomain := "t" + strings.ToLower(rand.Text()[:12])
	n := tenancy.NewAgency{Subdomain: subdomain, NameEN: "Test Agency", NameFR: "Organisme d’essai", Hosts: []string{subdomain + ".localhost"}}
	for _, f := range change {
		f(&n)
	}
	return n
}

// URL is the address of the operational database on the main shard for konote_owner or
// konote_app.
func (w *World) URL(role string) string { return w.databases.servers.url(role, w.databases.ops) }

// AuditURL is the address of the audit database for konote_audit_owner, konote_audit_writer
// or konote_audit_reader.
func (w *World) AuditURL(role string) string { return w.databases.servers.url(role, w.databases.audit) }

// SuperuserURL is the operational database as a superuser, to look behind the walls.
func (w *World) SuperuserURL() string { return w.databases.superuserURL(w.databases.ops) }

// ShardSuperuserURL is SuperuserURL on the second shard of NewSharded.
func (w *World) ShardSuperuserURL() string {
	d := w.shards[SecondShard]
	return d.superuserURL(d.ops)
}

// AuditSuperuserURL is the audit database as a superuser.
func (w *World) AuditSuperuserURL() string { return w.databases.superuserURL(w.databases.audit) }

func (d databases) superuserURL(name string) string {
	u := *d.servers.superuser
	u.Path = "/" + name
	return u.String()
}
