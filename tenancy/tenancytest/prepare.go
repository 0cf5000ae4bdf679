package tenancytest

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// PrepareAll checks every statement of the packages in dirs: each package-level string
// constant whose name begins with sql. Postgres must accept it on a fresh agency, and
// the role whose duty it is must be allowed all that it does. It fails for a
// package without a statement, which is more likely a wrong folder.
func PrepareAll(t *testing.T, dirs ...string) {
	t.Helper()
	New(t).PrepareAll(t, dirs...)
}

// PrepareAll is the function of the same name on the databases of this world.
func (w *World) PrepareAll(t *testing.T, dirs ...string) {
	t.Helper()
	role := w.Agency(t).Role()
	ops := connect(t, w.SuperuserURL())
	audit := connect(t, w.AuditSuperuserURL())
	for _, dir := range dirs {
		statements, err := Statements(dir)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		for name, sql := range statements {
			conn := ops
			if strings.Contains(sql, "audit.") {
				conn = audit
			}
			if err := prepare(t.Context(), conn, role, sql); err != nil {
				t.Errorf("%s: %s: %v\n%s", dir, name, err, sql)
			}
		}
	}
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// duties says which roles may have to do with the tables of a schema.
var duties = []struct {
	tables *regexp.Regexp
	roles  []string
}{
	{regexp.MustCompile(`\bagency\.`), nil}, // the agency's own role
	{regexp.MustCompile(`\boutbox\.`), []string{"konote_control", "konote_relay"}},
	{regexp.MustCompile(`\bcontrol\.`), []string{"konote_control", "konote_owner"}},
	{regexp.MustCompile(`\bledger\.`), []string{"konote_owner"}},
	{regexp.MustCompile(`\bjobs\.`), []string{"konote_jobs"}},
	{regexp.MustCompile(`\baudit\.`), []string{"konote_audit_writer", "konote_audit_reader"}},
}

var preparable = regexp.MustCompile(`(?i)^\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES)\b`)

// prepare tries the statement as each role that may have to run it and returns nil as
// soon as one can.
func prepare(ctx context.Context, conn *pgx.Conn, agency, sql string) error {
	roles := []string{agency}
	for _, duty := range duties {
		if duty.tables.MatchString(sql) {
			roles = append(roles, duty.roles...)
		}
	}
	sql = duties[0].tables.ReplaceAllLiteralString(sql, pgx.Identifier{agency}.Sanitize()+".")
	var failed []error
	for _, role := range roles {
		err := prepareAs(ctx, conn, role, sql)
		if err == nil {
			return nil
		}
		failed = append(failed, fmt.Errorf("as %s: %w", role, err))
	}
	return errors.Join(failed...)
}

func prepareAs(ctx context.Context, conn *pgx.Conn, role, sql string) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	// A generic plan, or the planner would find that nothing equals NULL and stop.
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = ''; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL ROLE "+pgx.Identifier{role}.Sanitize()); err != nil {
		return err
	}
	if !preparable.MatchString(sql) { // SET LOCAL and its like are simply tried
		_, err := tx.Exec(ctx, sql)
		return err
	}
	if _, err := tx.Exec(ctx, "DEALLOCATE ALL; PREPARE checked AS "+sql); err != nil {
		return err
	}
	var parameters int
	if err := tx.QueryRow(ctx, "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'checked'",
		pgx.QueryExecModeExec).Scan(&parameters); err != nil {
		return err
	}
	execute := "EXPLAIN EXECUTE checked"
	if parameters > 0 {
		execute += "(" + strings.TrimSuffix(strings.Repeat("NULL,", parameters), ",") + ")"
	}
	_, err = tx.Exec(ctx, execute) // EXPLAIN checks the permissions and runs nothing
	return err
}

// Statements are the statements of the package in a folder by the names of their constants,
// which begin with sql. A package without one is an error.
func Statements(dir string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, errors.New("no Go files")
	}
	// A statement is made of constants of its own package, so imports are not needed.
	config := types.Config{IgnoreFuncBodies: true, Importer: noImports{}, Error: func(error) {}}
	pkg, _ := config.Check(dir, set, files, nil)
	statements := map[string]string{}
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok || !strings.HasPrefix(name, "sql") {
			continue
		}
		if c.Val().Kind() != constant.String {
			return nil, fmt.Errorf("%s is not made of string constants of its own package", name)
		}
		statements[name] = constant.StringVal(c.Val())
	}
	if len(statements) == 0 {
		return nil, errors.New("no constant begins with sql")
	}
	return statements, nil
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not imported") }
