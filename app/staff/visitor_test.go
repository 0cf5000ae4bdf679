package staff

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/access"
	"konote/app/civil"
	"konote/app/web"
	"konote/tenancy"
)

// A remembering is a world in which one person is remembered, and rows can be changed by
// whoever may do anything at all, a mend by hand in the database included.
type remembering struct {
	*world
	known       Visitors
	conn        *pgx.Conn
	zoe         uuid.UUID
	program     uuid.UUID
	participant uuid.UUID
}

func newRemembering(t *testing.T) *remembering {
	t.Helper()
	w := newWorld(t)
	r := &remembering{world: w, conn: w.superuser(), zoe: w.staff(New{Username: "zoe", Language: "en"}),
		program: w.program("Open", "Ouvert", false), participant: tenancy.NewID()}
	w.update(func(tx *tenancy.Tx) error {
		return Grant(t.Context(), tx, operator, r.zoe, r.program, access.DirectService)
	})
	r.change(`INSERT INTO agency.participants (id, first_name_sealed, last_name_sealed, is_demo, search_epoch) VALUES ($1, '', '', true, 0)`, r.participant)
	return r
}

func (r *remembering) change(sql string, args ...any) {
	r.t.Helper()
	if _, err := r.conn.Exec(r.t.Context(), r.named(sql), args...); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
}

func (r *remembering) named(sql string) string {
	return strings.ReplaceAll(sql, "agency.", pgx.Identifier{r.agency.Role()}.Sanitize()+".")
}

func (r *remembering) version() (version uuid.UUID) {
	r.t.Helper()
	r.must(r.conn.QueryRow(r.t.Context(), r.named(sqlAccessVersion)).Scan(&version))
	return version
}

type seen struct {
	Visitor  web.Visitor
	Settings web.AgencySettings
	Gone     bool
}

// both is what is remembered of her and what the database says anew.
func (r *remembering) both() (remembered, anew seen) {
	r.t.Helper()
	var err error
	remembered.Visitor, remembered.Settings, err = r.known.Load(r.t.Context(), r.agency, r.zoe)
	remembered.Gone = err != nil
	anew.Visitor, anew.Settings, err = Visitor(r.t.Context(), r.agency, r.zoe)
	anew.Gone = err != nil
	return remembered, anew
}

func TestWhatIsRememberedOfSomebodyEndsWithEveryChange(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	var name []byte
	r.must(r.agency.View(t.Context(), func(tx *tenancy.Tx) error {
		sealed, err := tx.Box().Seal(colDisplayName, r.zoe, "Zoé Tremblay")
		name = sealed
		return err
	}))
	factor, other, grant, byHer, byRole, byProgram := tenancy.NewID(), tenancy.NewID(), tenancy.NewID(), tenancy.NewID(), tenancy.NewID(), tenancy.NewID()
	const directive = `INSERT INTO agency.directives (id, participant_id, kind, from_on, asked_by, recorded_by, staff_id, role, program_id) VALUES ($1, $2, 'file', '2024-01-01', 'participant', $3, $4, $5, $6)`
	front, none := "front_desk", (*uuid.UUID)(nil)
	for _, step := range []struct {
		what string
		same bool // nothing that she may see changes
		sql  string
		args []any
	}{
		{"another name", false, `UPDATE agency.staff SET display_name_sealed = $2 WHERE id = $1`, []any{r.zoe, name}},
		{"another language", false, `UPDATE agency.staff SET language = 'fr' WHERE id = $1`, []any{r.zoe}},
		{"an administrator", false, `UPDATE agency.staff SET is_admin = true WHERE id = $1`, []any{r.zoe}},
		{"no administrator", false, `UPDATE agency.staff SET is_admin = false WHERE id = $1`, []any{r.zoe}},
		{"sessions end", false, `UPDATE agency.staff SET sessions_from = '2025-01-02' WHERE id = $1`, []any{r.zoe}},
		{"deactivated", false, `UPDATE agency.staff SET status = 'deactivated' WHERE id = $1`, []any{r.zoe}},
		{"active again", false, `UPDATE agency.staff SET status = 'active' WHERE id = $1`, []any{r.zoe}},
		{"a sign-in", true, `UPDATE agency.staff SET last_sign_in_at = now() WHERE id = $1`, []any{r.zoe}},
		{"a factor begun", true, `INSERT INTO agency.factors (id, staff_id, kind, name_sealed, secret_sealed, created_at) VALUES ($1, $2, 'totp', '', '', now())`, []any{factor, r.zoe}},
		{"a factor confirmed", false, `UPDATE agency.factors SET confirmed_at = now() WHERE id = $1`, []any{factor}},
		{"a factor used", true, `UPDATE agency.factors SET last_step = 5, last_used_at = now() WHERE id = $1`, []any{factor}},
		{"a factor removed", false, `UPDATE agency.factors SET removed_at = now() WHERE id = $1`, []any{factor}},
		{"a factor deleted", true, `DELETE FROM agency.factors WHERE id = $1`, []any{factor}},
		{"a program's English name", false, `UPDATE agency.programs SET name_en = 'Opened' WHERE id = $1`, []any{r.program}},
		{"a program's French name", false, `UPDATE agency.programs SET name_fr = 'Ouverte' WHERE id = $1`, []any{r.program}},
		{"a confidential program", false, `UPDATE agency.programs SET is_confidential = true WHERE id = $1`, []any{r.program}},
		{"another role", false, `UPDATE agency.program_roles SET role = 'front_desk' WHERE staff_id = $1`, []any{r.zoe}},
		{"a role ended", false, `UPDATE agency.program_roles SET status = 'removed' WHERE staff_id = $1`, []any{r.zoe}},
		{"a role again", false, `UPDATE agency.program_roles SET status = 'active' WHERE staff_id = $1`, []any{r.zoe}},
		{"a second program", true, `INSERT INTO agency.programs (id, name_en, name_fr, service_model) VALUES ($1, 'B', 'B', 'both')`, []any{other}},
		{"a second role", false, `INSERT INTO agency.program_roles (staff_id, program_id, role) VALUES ($1, $2, 'executive')`, []any{r.zoe, other}},
		{"the second role deleted", false, `DELETE FROM agency.program_roles WHERE staff_id = $1 AND program_id = $2`, []any{r.zoe, other}},
		{"a grant", false, `INSERT INTO agency.access_grants (id, staff_id, participant_id, is_emergency, through, justification_sealed, created_at, expires_at)
			VALUES ($1, $2, $3, true, ARRAY[$3]::uuid[], '', now() - interval '2 hours', now() + interval '1 hour')`, []any{grant, r.zoe, r.participant}},
		{"a grant over", false, `UPDATE agency.access_grants SET expires_at = now() - interval '1 hour' WHERE id = $1`, []any{grant}},
		{"a longer grant", false, `UPDATE agency.access_grants SET expires_at = now() + interval '1 hour' WHERE id = $1`, []any{grant}},
		{"a grant revoked", false, `UPDATE agency.access_grants SET revoked_at = now(), revoked_by = $2 WHERE id = $1`, []any{grant, r.zoe}},
		{"a grant deleted", true, `DELETE FROM agency.access_grants WHERE id = $1`, []any{grant}},
		{"closed to her", false, directive, []any{byHer, r.participant, r.zoe, r.zoe, nil, none}},
		{"closed to her role", false, directive, []any{byRole, r.participant, r.zoe, none, front, none}},
		{"closed to her program", false, directive, []any{byProgram, r.participant, r.zoe, none, nil, r.program}},
		{"from another day on", false, `UPDATE agency.directives SET from_on = '2999-01-01' WHERE id = $1`, []any{byHer}},
		{"lifted", false, `UPDATE agency.directives SET lifted_at = now(), lifted_by = $2 WHERE id = $1`, []any{byRole, r.zoe}},
		{"a directive deleted", false, `DELETE FROM agency.directives WHERE id = $1`, []any{byProgram}},
		{"a setting", false, `INSERT INTO agency.settings (name, value) VALUES ('access_tier', '3')`, nil},
		{"a setting changed", false, `UPDATE agency.settings SET value = '2' WHERE name = 'access_tier'`, nil},
		{"a setting deleted", false, `DELETE FROM agency.settings WHERE name = 'access_tier'`, nil},
	} {
		before, _ := r.both() // she is remembered
		r.change(step.sql, step.args...)
		remembered, anew := r.both()
		if !reflect.DeepEqual(remembered, anew) {
			t.Errorf("%s: she is remembered as\n%+v\nand is\n%+v", step.what, remembered, anew)
		}
		if same := reflect.DeepEqual(before, anew); same != step.same {
			t.Errorf("%s: she is the same: %t, want %t: the step proves nothing", step.what, same, step.same)
		}
	}
}

// A sign-in, a used code or a change that was taken back is nothing to read again for.
func TestWhatIsRememberedStaysWhileNothingChanges(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	r.both()
	held, before := r.known.recall(r.agency.ID, r.zoe), r.version()
	r.change(`UPDATE agency.staff SET last_sign_in_at = now(), version = version + 1 WHERE id = $1`, r.zoe)
	tx, err := r.conn.Begin(t.Context())
	r.must(err)
	_, err = tx.Exec(t.Context(), r.named(`UPDATE agency.program_roles SET role = 'executive'`))
	r.must(err)
	r.must(tx.Rollback(t.Context()))
	r.both()
	if r.version() != before || r.known.recall(r.agency.ID, r.zoe) != held {
		t.Error("she was read anew")
	}
	// Two changes in one transaction are one.
	tx, err = r.conn.Begin(t.Context())
	r.must(err)
	for _, role := range []string{"executive", "front_desk"} {
		_, err = tx.Exec(t.Context(), r.named(`UPDATE agency.program_roles SET role = $1`), role)
		r.must(err)
	}
	r.must(tx.Commit(t.Context()))
	if remembered, anew := r.both(); r.version() == before || !reflect.DeepEqual(remembered, anew) {
		t.Errorf("got %+v, want %+v", remembered, anew)
	}
}

// Time is no row: what begins or ends with it does so for those who are remembered too.
func TestTimePassesForWhoIsRemembered(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	r.change(`INSERT INTO agency.access_grants (id, staff_id, participant_id, is_emergency, through, justification_sealed, expires_at) VALUES ($1, $2, $3, true, ARRAY[$3]::uuid[], '', $4)`,
		tenancy.NewID(), r.zoe, r.participant, r.clock.Now().Add(time.Hour))
	r.change(`INSERT INTO agency.directives (id, participant_id, kind, from_on, asked_by, recorded_by, staff_id) VALUES ($1, $2, 'notes', $3, 'participant', $4, $4)`,
		tenancy.NewID(), r.participant, civil.Of(r.clock.Now().UTC()).AddDays(2), r.zoe)
	for _, at := range []struct {
		hours          time.Duration
		grants, closed int
	}{{0, 1, 0}, {2, 0, 0}, {46, 0, 1}} {
		r.clock.move(at.hours * time.Hour)
		remembered, anew := r.both()
		actor := remembered.Visitor.Actor
		if len(actor.Grants) != at.grants || len(actor.Closed) != at.closed {
			t.Errorf("after %d hours more: got %d grants and %d closed, want %d and %d", at.hours, len(actor.Grants), len(actor.Closed), at.grants, at.closed)
		}
		if !reflect.DeepEqual(remembered, anew) {
			t.Errorf("after %d hours more: remembered\n%+v\nis\n%+v", at.hours, remembered, anew)
		}
	}
}

// However many ask at the time of a change: once it is answered, nobody is who she was.
func TestAChangeCountsAtTheNextRequestAlsoAmongMany(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	over := make(chan struct{})
	var asking sync.WaitGroup
	for range 6 {
		asking.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if _, _, err := r.known.Load(t.Context(), r.agency, r.zoe); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	roles := []access.Role{access.FrontDesk, access.DirectService, access.ProgramManager}
	for i := range 150 {
		role := roles[i%len(roles)]
		r.update(func(tx *tenancy.Tx) error { return Grant(t.Context(), tx, operator, r.zoe, r.program, role) })
		visitor, _, err := r.known.Load(t.Context(), r.agency, r.zoe)
		if err != nil || visitor.Actor.Roles[r.program] != role {
			t.Fatalf("change %d: got %v, %v, want %v", i, visitor.Actor.Roles[r.program], err, role)
		}
	}
	close(over)
	asking.Wait()
}

func TestNobodyIsTakenForAnother(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	r.both()
	amy := r.staff(New{Username: "amy", DisplayName: "Amy"})
	for range 2 {
		if visitor, _, err := r.known.Load(t.Context(), r.agency, amy); err != nil || visitor.Name != "Amy" || len(visitor.Actor.Roles) != 0 {
			t.Errorf("a colleague: got %+v, %v", visitor, err)
		}
		if _, _, err := r.known.Load(t.Context(), r.base.Agency(t), r.zoe); err == nil {
			t.Error("she is known at another agency")
		}
	}
}

var fromTable = regexp.MustCompile(`agency\.(\w+)`)

// The triggers watch every column that the statements about a visitor read; of keys
// nothing but their row's coming and going.
func TestEveryColumnThatDecidesIsWatched(t *testing.T) {
	t.Parallel()
	r := newRemembering(t)
	statements := sqlVisitor + sqlRoles + sqlGrants + sqlClosed + ` agency.settings name value`
	words := regexp.MustCompile(`\w+`).FindAllString(statements, -1)
	for _, match := range fromTable.FindAllStringSubmatch(statements, -1) {
		var all, watched []string
		r.must(r.conn.QueryRow(t.Context(), `SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
			r.named("agency."+match[1])).Scan(&all))
		err := r.conn.QueryRow(t.Context(), `SELECT coalesce((SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = t.tgrelid
				AND (t.tgattr = '' OR a.attnum = ANY(t.tgattr::int2[])) AND a.attnum > 0), '{}')
			FROM pg_trigger t WHERE t.tgrelid = $1::text::regclass AND t.tgname = 'access_changed' AND t.tgenabled = 'O' AND t.tgtype & 28 = 28`,
			r.named("agency."+match[1])).Scan(&watched) // 28: INSERT, DELETE, UPDATE
		if err != nil {
			t.Errorf("%s: %v, want a trigger", match[1], err)
			continue
		}
		for _, column := range all {
			if column != "id" && slices.Contains(words, column) && !slices.Contains(watched, column) && !ofAnother(match[1], column) {
				t.Errorf("%s.%s decides who somebody is, and nobody watches it", match[1], column)
			}
		}
	}
}

// ofAnother says that a column of this name is read, but not of this table.
func ofAnother(table, column string) bool {
	return table == "programs" && column == "status" || table == "factors" && column == "kind"
}
