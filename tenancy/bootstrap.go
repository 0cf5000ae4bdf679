package tenancy

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"konote/migrations"
)

// BootstrapSettings say what Bootstrap makes on one Postgres server.
type BootstrapSettings struct {
	// Passwords of the login roles, by role: konote_owner, konote_app and the three
	// of konote_audit_. A role that is left out keeps the password it has.
	Passwords map[string]string
	// OpsDatabase holds a shard: registry (on the main one), agencies, outbox, jobs.
	OpsDatabase string
	// AuditDatabase holds the audit entries. Either name may be empty when that
	// database is on another server.
	AuditDatabase string
}

// Two bootstraps of one server wait for each other on this advisory lock.
const bootstrapLock = 0x6b6f6e6f7465 // "konote"

// Bootstrap makes the roles, their passwords and the databases on a Postgres
// server, and takes from PUBLIC what Postgres gives it. adminURL is a login that may
// create roles and databases, on any database but the two. It may be run again at
// any time, and by several processes at once.
func Bootstrap(ctx context.Context, adminURL string, settings BootstrapSettings) error {
	conn, err := connect(ctx, adminURL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// Held until the connection ends: CREATE DATABASE wants no transaction.
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", bootstrapLock); err != nil {
		return fmt.Errorf("wait for another bootstrap: %w", err)
	}
	roles, err := fs.ReadFile(migrations.Files, "cluster/0001_roles.sql")
	if err != nil {
		return fmt.Errorf("read the roles: %w", err)
	}
	if _, err := conn.Exec(ctx, string(roles)); err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	for _, role := range slices.Sorted(maps.Keys(settings.Passwords)) {
		verifier, err := scramVerifier(settings.Passwords[role])
		if err != nil {
			return fmt.Errorf("set the password of %s: %w", role, err)
		}
		// ALTER ROLE takes no parameters; a verifier has no quote in it.
		if _, err := conn.Exec(ctx, "ALTER ROLE "+pgx.Identifier{role}.Sanitize()+" PASSWORD '"+verifier+"'"); err != nil {
			return fmt.Errorf("set the password of %s: %w", role, err)
		}
	}
	if err := makeDatabase(ctx, conn, settings.OpsDatabase, "konote_owner", "konote_app"); err != nil {
		return err
	}
	return makeDatabase(ctx, conn, settings.AuditDatabase, "konote_audit_owner", "konote_audit_writer, konote_audit_reader")
}

// makeDatabase makes the database when it is missing, and lets in the owner, who may
// create schemas, and the guests.
func makeDatabase(ctx context.Context, admin *pgx.Conn, name, owner, guests string) error {
	if name == "" {
		return nil
	}
	quoted := pgx.Identifier{name}.Sanitize()
	var exists bool
	if err := admin.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return fmt.Errorf("look for database %s: %w", name, err)
	}
	if !exists {
		// The order of bytes is the same on every machine, and no upgrade of the
		// system changes it under an index. People's names are sorted in Go.
		if _, err := admin.Exec(ctx, "CREATE DATABASE "+quoted+" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"); err != nil {
			return fmt.Errorf("create database %s: %w", name, err)
		}
	}
	if _, err := admin.Exec(ctx, "REVOKE ALL ON DATABASE "+quoted+" FROM PUBLIC;"+
		"GRANT CONNECT, CREATE ON DATABASE "+quoted+" TO "+owner+";"+
		"GRANT CONNECT ON DATABASE "+quoted+" TO "+guests); err != nil {
		return fmt.Errorf("grant database %s: %w", name, err)
	}
	config := admin.Config().Copy()
	config.Database = name
	inside, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect to database %s: %w", name, err)
	}
	defer inside.Close(context.WithoutCancel(ctx))
	if _, err := inside.Exec(ctx, "REVOKE ALL ON SCHEMA public FROM PUBLIC"); err != nil {
		return fmt.Errorf("close schema public of %s: %w", name, err)
	}
	if _, err := inside.Exec(ctx, sqlCloseLargeObjects); err != nil {
		return fmt.Errorf("close the large objects of %s: %w", name, err)
	}
	return nil
}

// sqlCloseLargeObjects takes from PUBLIC the functions of large objects: these belong to
// no schema, so that an agency could leave there what no wall stands around, or fill the
// disk. Only who owns the functions can do it, which is a superuser. A hosted database's
// admin is none: Postgres then warns or refuses, and all stays as it was.
const sqlCloseLargeObjects = `DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
      AND (proname LIKE 'lo\_%' OR proname IN ('loread', 'lowrite')) ORDER BY oid LOOP
    BEGIN
      EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    EXCEPTION WHEN insufficient_privilege THEN NULL;
    END;
  END LOOP;
END $$`

// connect opens one connection. Its error does not show the address, which may hold
// a password.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("tenancy: the database address cannot be read")
	}
	config.RuntimeParams["application_name"] = "konote migrate"
	config.RuntimeParams["timezone"] = "UTC"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return conn, nil
}

// scramVerifier is what Postgres keeps of a password (RFC 5803). Made here, so that
// the password itself is in no log of the server.
func scramVerifier(password string) (string, error) {
	for _, c := range password {
		if c < ' ' || c > '~' {
			return "", errors.New("a database password may hold printable ASCII only")
		}
	}
	if len(password) < 16 {
		return "", errors.New("a database password needs at least 16 characters")
	}
	const rounds = 4096 // Postgres's own; long random passwords need no more
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", err
	}
	sign := func(text string) []byte {
		mac := hmac.New(sha256.New, salted)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
	stored := sha256.Sum256(sign("Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", rounds, encode(salt), encode(stored[:]), encode(sign("Server Key"))), nil
}
