package embedded

import (
	"os"
	"path/filepath"
	"testing"
)

// Where several versions of Postgres are, data goes on with the one that made it: a newer
// one that was installed since refuses it.
func TestDataGoesOnWithTheVersionThatMadeIt(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("KONOTE_PG_BIN", "")
	tools := filepath.Join(dir, ".konote/tools/bin")
	if err := os.MkdirAll(tools, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"initdb": "initdb (PostgreSQL) 99.1", "postgres": "postgres (PostgreSQL) 99.1"} {
		if err := os.WriteFile(filepath.Join(tools, name), []byte("#!/bin/sh\necho '"+says+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	found, err := findPostgres(t.Context(), "99")
	if err != nil {
		t.Fatal(err)
	}
	if found != tools {
		t.Errorf("data of version 99: found %s, want %s", found, tools)
	}
}
