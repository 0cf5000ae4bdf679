package tenancytest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"konote/embedded"
	"konote/tenancy"
)

// servers are where the databases of this process are.
type servers struct {
	superuser *url.URL // any database
	redis     string
}

// loginRoles get passwords.
var loginRoles = []string{"konote_owner", "konote_app", "konote_audit_owner", "konote_audit_writer", "konote_audit_reader"}

// mainServers start once a process; it ends them by ending.
var mainServers = sync.OnceValues(func() (servers, error) {
	postgresURL, redisURL := os.Getenv("KONOTE_TEST_POSTGRES_URL"), os.Getenv("KONOTE_TEST_REDIS_URL")
	if postgresURL == "" || redisURL == "" {
		started, err := startServers(embedded.Options{})
		if err != nil {
			return servers{}, err
		}
		if postgresURL == "" {
			postgresURL = started.SuperuserURL("postgres")
		}
		if redisURL == "" {
			redisURL = started.RedisURL()
		}
	}
	superuser, err := url.Parse(postgresURL)
	if err != nil {
		return servers{}, fmt.Errorf("KONOTE_TEST_POSTGRES_URL cannot be read")
	}
	return servers{superuser: superuser, redis: redisURL}, nil
})

// secondServers are another Postgres server, for the tests of shards.
var secondServers = sync.OnceValues(func() (servers, error) {
	started, err := startServers(embedded.Options{PostgresOnly: true})
	if err != nil {
		return servers{}, err
	}
	superuser, err := url.Parse(started.SuperuserURL("postgres"))
	return servers{superuser: superuser}, err
})

// startServers starts servers in a temporary folder, which goes when this process ends.
func startServers(options embedded.Options) (*embedded.Servers, error) {
	dir, err := os.MkdirTemp("", "konote-test-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for test servers: %w", err)
	}
	if err := removeLater(dir); err != nil {
		return nil, err
	}
	options.Dir = dir
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return embedded.Start(ctx, options)
}

// removeLater removes the folder when this process has ended, however it ends: a shell
// waits for the end of its input, whose other end we hold and never use.
func removeLater(dir string) error {
	shell := exec.Command("sh", "-c", `cat; until rm -rf "$0"; do sleep 1; done`, dir)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us alone
	input, err := shell.StdinPipe()
	if err == nil {
		err = shell.Start()
	}
	if err != nil {
		return fmt.Errorf("start what removes the folder of test servers: %w", err)
	}
	heldOpen.Store(dir, input)
	return nil
}

// heldOpen keeps the garbage collector from closing the inputs of removeLater, by folder.
var heldOpen sync.Map

// url is the address of a database for a role. The passwords come from the
// superuser's, so that processes that share a server agree on them.
func (s servers) url(role, database string) string {
	u := *s.superuser
	u.User = url.UserPassword(role, s.password(role))
	u.Path = "/" + database
	return u.String()
}

func (s servers) password(role string) string {
	mac := hmac.New(sha256.New, []byte(s.superuser.String()))
	mac.Write([]byte(role))
	return hex.EncodeToString(mac.Sum(nil))
}

// A pair of databases: what one platform needs on one server.
type databases struct {
	servers    servers
	ops, audit string
}

// newDatabases makes and migrates a pair.
func newDatabases(s servers) (databases, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := "konote_test_" + strings.ToLower(rand.Text()[:10])
	d := databases{servers: s, ops: name, audit: name + "_audit"}
	passwords := map[string]string{}
	for _, role := range loginRoles {
		passwords[role] = s.password(role)
	}
	settings := tenancy.BootstrapSettings{Passwords: passwords, OpsDatabase: d.ops, AuditDatabase: d.audit}
	if err := tenancy.Bootstrap(ctx, s.superuser.String(), settings); err != nil {
		return d, err
	}
	if err := tenancy.MigrateControl(ctx, s.url("konote_owner", d.ops)); err != nil {
		return d, err
	}
	return d, tenancy.MigrateAudit(ctx, s.url("konote_audit_owner", d.audit))
}

// sharedDatabases are those of all ordinary tests of a process.
var sharedDatabases = sync.OnceValues(func() (databases, error) {
	s, err := mainServers()
	if err != nil {
		return databases{}, err
	}
	return newDatabases(s)
})

var redisDatabase atomic.Int32

// nextRedis gives each world its own of the first databases of Redis: the embedded
// one has a thousand, any other sixteen.
func (s servers) nextRedis() string {
	u, err := url.Parse(s.redis)
	if err != nil {
		return s.redis // the client will say what is wrong with it
	}
	count := int32(1000)
	if os.Getenv("KONOTE_TEST_REDIS_URL") != "" {
		count = 16
	}
	u.Path = "/" + strconv.Itoa(int(redisDatabase.Add(1)%count))
	return u.String()
}
