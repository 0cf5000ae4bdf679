package embedded_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"konote/embedded"
)

func start(t *testing.T, options embedded.Options) *embedded.Servers {
	t.Helper()
	servers, err := embedded.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return servers
}

// folder is a folder for servers that goes with the test.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "konote")
	t.Cleanup(func() {
		if err := embedded.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func stop(t *testing.T, servers *embedded.Servers) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := servers.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func TestDataPasswordsAndPortsSurviveARestart(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := folder(t)
	servers := start(t, embedded.Options{Dir: dir, Durable: true})
	postgresURL, redisURL := servers.SuperuserURL("postgres"), servers.RedisURL()
	execute(t, postgresURL, "CREATE TABLE kept (n int)")
	setRedis(t, redisURL, "kept", "yes")
	stop(t, servers)

	servers = start(t, embedded.Options{Dir: dir, Durable: true})
	defer stop(t, servers)
	if servers.SuperuserURL("postgres") != postgresURL || servers.RedisURL() != redisURL {
		t.Error("the addresses changed")
	}
	execute(t, postgresURL, "INSERT INTO kept VALUES (1)")
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if got := client.Get(ctx, "kept").Val(); got != "yes" {
		t.Errorf("Redis holds %q, want %q", got, "yes")
	}
}

func TestNobodyGetsInWithoutThePassword(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	servers := start(t, embedded.Options{Dir: dir})
	defer stop(t, servers)

	withoutPassword := strings.Replace(servers.SuperuserURL("postgres"), ":"+servers.Password("postgres"), "", 1)
	for _, url := range []string{withoutPassword, withoutPassword + "&host=" + servers.SocketDir()} {
		if conn, err := pgx.Connect(t.Context(), url); err == nil {
			conn.Close(t.Context())
			t.Error("Postgres lets in without a password")
		}
	}
	options, err := redis.ParseURL(strings.Replace(servers.RedisURL(), ":"+servers.Password("redis")+"@", "", 1))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Ping(t.Context()).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("Redis without a password: got %v, want NOAUTH", err)
	}
	for _, name := range []string{"secret", "postgres.log", "redis.log"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("the mode of %s is %o, want 600", name, got)
		}
	}
	_, redisPID := servers.PIDs()
	commandLine, err := os.ReadFile("/proc/" + strconv.Itoa(redisPID) + "/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(commandLine), servers.Password("redis")) {
		t.Error("the command line of Redis shows its password")
	}
}

func TestAFolderThatOnlyItsOwnerMayEnterIsNoObstacle(t *testing.T) {
	t.Parallel()
	private := t.TempDir()
	if err := os.Chmod(private, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(private, "konote")
	servers := start(t, embedded.Options{Dir: dir})
	execute(t, servers.SuperuserURL("postgres"), "SELECT 1")
	stop(t, servers)
	if err := embedded.Remove(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("after Remove the folder is still there: %v", err)
	}
	if err := embedded.Remove(dir); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
}

func TestAFolderIsUsedByOneProcessAtATime(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	servers := start(t, embedded.Options{Dir: dir, PostgresOnly: true})
	defer stop(t, servers)
	if _, err := embedded.Start(t.Context(), embedded.Options{Dir: dir}); err == nil {
		t.Error("a second start in the same folder succeeded")
	}
	if err := embedded.Remove(dir); err == nil {
		t.Error("the folder of running servers was removed")
	}
}

func TestAMissingProgramIsNamedWithTheLineThatInstallsIt(t *testing.T) {
	t.Setenv("KONOTE_PG_BIN", t.TempDir())
	if _, err := embedded.Start(t.Context(), embedded.Options{Dir: folder(t)}); err == nil || !strings.Contains(err.Error(), "KONOTE_PG_BIN") {
		t.Errorf("got %v, want an error that names KONOTE_PG_BIN", err)
	}
	t.Setenv("KONOTE_PG_BIN", "")
	t.Setenv("PATH", t.TempDir())
	if _, err := embedded.Start(t.Context(), embedded.Options{Dir: folder(t)}); err == nil || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("got %v, want an error with the line that installs", err)
	}
}

// TestTheServersEndWithTheirParent kills a process that has started servers.
func TestTheServersEndWithTheirParent(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("KONOTE_TEST_PARENT_DIR"); dir != "" {
		servers := start(t, embedded.Options{Dir: dir})
		postgres, redis := servers.PIDs()
		if err := os.WriteFile(filepath.Join(dir, "pids"), []byte(strconv.Itoa(postgres)+" "+strconv.Itoa(redis)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {}
	}

	dir := folder(t)
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
	parent.Env = append(os.Environ(), "KONOTE_TEST_PARENT_DIR="+dir)
	if out, err := parent.CombinedOutput(); err == nil {
		t.Fatalf("the parent was not killed: %s", out)
	}
	pids, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range strings.Fields(string(pids)) {
		waitUntil(t, "process "+pid+" to end", func() bool {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			return err != nil || strings.Contains(string(stat), ") Z ")
		})
	}
	stop(t, start(t, embedded.Options{Dir: dir})) // and the folder can be used again
}

func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func setRedis(t *testing.T, url, key, value string) {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}
