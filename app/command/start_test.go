package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"konote/app/audit"
	"konote/app/config"
	"konote/keyring"
)

// environment gives the settings of a production whose databases do not answer, and no others.
func environment(t *testing.T) map[string]string {
	t.Helper()
	signing, err := audit.GenerateSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings {
		t.Setenv(s.Name, "")
		t.Setenv(s.Name+"_FILE", "")
	}
	nobody := "postgres://konote:hunter2@127.0.0.1:1/konote"
	settings := map[string]string{
		"KONOTE_BASE_DOMAIN": "konote.example", "KONOTE_REDIS_URL": "redis://:hunter2@127.0.0.1:1",
		"KONOTE_DATABASE_URL": nobody, "KONOTE_AUDIT_WRITER_URL": nobody, "KONOTE_AUDIT_READER_URL": nobody,
		"KONOTE_LOCAL_KEY": keyring.GenerateLocal(), "KONOTE_PASSWORD_PEPPER": random32(), "KONOTE_LIMIT_SECRET": random32(),
		"KONOTE_AUDIT_SIGNING_KEY": signing, "KONOTE_CHECKPOINT_DIR": t.TempDir(),
	}
	for name, value := range settings {
		t.Setenv(name, value)
	}
	return settings
}

func TestProductionSaysInABoxWhichSettingKeepsItFromStarting(t *testing.T) {
	settings := environment(t)
	for _, test := range []struct{ name, value, want string }{
		{"KONOTE_LOCAL_KEY", "", "KoNote.E001"},
		{"KONOTE_LOCAL_KEY", "too short", "KoNote.E001"},
		{"KONOTE_PASSWORD_PEPPER", "", "KoNote.E002"},
		{"KONOTE_LIMIT_SECRET", "", "KoNote.E002"},
		{"KONOTE_AUDIT_SIGNING_KEY", "", "KoNote.E002"},
		{"KONOTE_AUDIT_SIGNING_KEY", "hunter2", "KoNote.E002"},
		{"KONOTE_BASE_DOMAIN", "", "KoNote.E004"},
		{"KONOTE_REDIS_URL", "", "KoNote.E008"},
		{"KONOTE_REDIS_URL", "redis://:hunter2@127.0.0.1:1/first", "KoNote.E008"},
		{"KONOTE_REDIS_URL", "hunter2@redis:6379", "KoNote.E010"},
		{"KONOTE_PASSWORD_PEPPER", "hunter2", "KoNote.E010"},
		{"KONOTE_DATABASE_URL", "", "KoNote.E010"},
		{"KONOTE_AUDIT_WRITER_URL", "", "KoNote.E010"},
		{"KONOTE_AUDIT_READER_URL", "", "KoNote.E010"},
		{"KONOTE_CHECKPOINT_DIR", "", "KoNote.E010"},
	} {
		t.Setenv(test.name, test.value)
		for command, code := range map[string]int{"serve": exitFailed, "work": exitFailed, "check": exitFound} {
			var out, wrong bytes.Buffer
			if got := Run([]string{command}, strings.NewReader(""), &out, &wrong); got != code {
				t.Errorf("%s with %s=%q: exit code %d, want %d", command, test.name, test.value, got, code)
			}
			said, parts := wrong.String(), []string{"STARTUP BLOCKED", "- " + test.want + " "}
			if command == "check" {
				said, parts = out.String(), []string{"[FAIL] " + test.want + " "}
			}
			for _, part := range append(parts, strings.TrimSuffix(test.name, "_KEY")) {
				if !strings.Contains(said, part) && part != "KONOTE_LOCAL" { // a key has more than one setting
					t.Errorf("%s with %s=%q does not say %q:\n%s", command, test.name, test.value, part, said)
				}
			}
			if strings.Contains(out.String()+wrong.String(), "hunter2") {
				t.Errorf("%s with %s: a secret is said:\n%s", command, test.name, said)
			}
		}
		t.Setenv(test.name, settings[test.name])
	}
}

func TestHealthAsksWhereEveryProcessAnswers(t *testing.T) {
	environment(t)
	status := http.StatusOK
	process := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("it asks %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	_, port, _ := strings.Cut(process.Listener.Addr().String(), ":")
	health := func() int {
		var out bytes.Buffer
		return Run([]string{"health"}, strings.NewReader(""), &out, &out)
	}
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	for _, host := range []string{"127.0.0.1", "0.0.0.0", ""} {
		t.Setenv("KONOTE_INTERNAL", host+":"+port)
		if got := health(); got != exitDone {
			t.Errorf("%q: exit code %d", host, got)
		}
	}
	status = http.StatusServiceUnavailable
	if got := health(); got != exitFailed {
		t.Errorf("a process that is not well: exit code %d", got)
	}
	process.Close()
	if got := health(); got != exitFailed {
		t.Errorf("no process: exit code %d", got)
	}
}
