package apptest

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/app/audit"
)

// A hay is a place where words might lie about.
type hay struct {
	name string
	text []byte
}

func TestNothingPersonalIsReadableAnywhereAtRest(t *testing.T) {
	t.Parallel()
	p := NewAlone(t)
	said := p.tellStory(t)
	p.Drain(t)
	p.workJobs(t)
	if _, err := p.Server.Ledger.Checkpoint(t.Context(), p.Server.Signer, audit.Folder(p.Server.Config.CheckpointDir)); err != nil {
		t.Fatal(err)
	}
	p.tellStory(t) // and some acts that still wait in the outbox

	n := newNeedles(append(said, p.words...))
	var size int
	for _, h := range p.haystacks(t) {
		size += len(h.text)
		shown := map[string]bool{}
		n.find(h.text, func(one needle, at int) {
			if !shown[one.word] {
				shown[one.word] = true
				t.Errorf("%s, byte %d: %q (%s)", h.name, at, one.word, one.shape)
			}
		})
	}
	t.Logf("%d words in %d bytes of hay", len(said)+len(p.words), size)
}

// workJobs lets the worker run until its table has jobs, the one that haystacks looks for
// among them.
func (p *Platform) workJobs(t *testing.T) {
	t.Helper()
	if err := p.Server.Jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := superuser(t, p.World.SuperuserURL())
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for jobs := 0; jobs == 0; {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the worker has no job")
		}
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM jobs.river_job WHERE kind = 'audit.checkpoint'").Scan(&jobs); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.Server.Jobs.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}

// tellStory does through the pages what people do, mistakes included, and returns all
// words that were used.
func (p *Platform) tellStory(t *testing.T) []string {
	t.Helper()
	w := newWords()
	var said []string
	say := func(word string) string { said = append(said, word); return word }

	// Somebody who has no account, and somebody who mistakes her password.
	stranger := p.Visit(t, p.Cedar)
	for _, login := range []string{say(w.plain()), say(w.plain()) + "@example.org", p.Cedar.Manager.Email} {
		stranger.Open("/sign-in").Form("form[action=/sign-in]").Set("login", login).Set("password", say(w.next())).Submit().WantStatus(422)
	}

	b := p.SignIn(t, p.Cedar.Worker)
	last := say(w.next())
	form := b.Open("/participants/new").Form("form[action=/participants]").
		Set("first_name", say(w.next())).Set("preferred_name", say(w.next())).Set("last_name", last).Set("middle_name", say(w.next())).
		Set("pronouns", say(w.plain())).Set("phone", say(w.phone())).Set("email", say(w.plain())+"@example.org").
		Set("address", "7 "+say(w.next())+" Road").Set("record_id", say(w.plain()))
	b.Post("/drafts/participant.new/"+uuid.Nil.String(), form.Set("draft_sequence", "1").Values).WantStatus(200)
	b.Post("/participants/duplicates", form.Values)
	form.Set("birth_date-year", "1990").Set("birth_date-month", "13").Set("birth_date-day", say(w.plain())).Submit().WantStatus(422) // no such day
	form.Set("switch_language", "fr").Submit().WantStatus(200)
	form.Values.Del("switch_language")
	person := form.Set("birth_date-month", "2").Set("birth_date-day", "3").Send()
	id := strings.TrimPrefix(person.Path(), "/participants/")

	edit := b.Open("/participants/" + id + "/edit").Form("form[action=/participants/" + id + "]")
	edit.Set("address", say(w.next())+" Avenue").Set("middle_name", say(w.next())).Send()
	edit.Set("address", say(w.next())+" Lane").Set("middle_name", say(w.next())).Submit().WantStatus(409)                        // it was another version
	b.Post("/drafts/participant.edit/"+id, edit.Set("draft_sequence", "2").Set("address", say(w.next())).Values).WantStatus(200) // kept

	note := "/participants/" + id + "/notes"
	b.Open(note+"/new").Form("form[action="+note+"]").Set("text", say(w.next())).Set("takeaway", say(w.next())).Set("made_together", "on").Send()
	b.Open(note+"/new").Form("form[action="+note+"]").Set("text", say(w.next())).Set("happened_on", say(w.plain())).Submit().WantStatus(422)
	b.Open("/participants/" + id + "/timeline")

	for _, q := range []string{last, strings.ToLower(last[:8]), say(w.next())} {
		b.Find(q)
		b.Post("/find/suggest", url.Values{"q": {q}})
	}
	b.Get("/participants/" + url.PathEscape(say(w.next())))
	b.Get("/" + url.PathEscape(say(w.next())) + "?" + url.QueryEscape(say(w.next())) + "=1")
	enrolment := b.Open("/participants/"+id).Values("a[href^=/participants/"+id+"/enrolments/]", "href")[0]
	b.Open(enrolment).Form("form[action="+enrolment+"]").Set("to", "on_hold").Set("reason", say(w.next())).Send()

	password := b.Open("/account/password").Form("form[action=/account/password]")
	password.Set("current_password", Password).Set("new_password", say(w.next())+" "+say(w.next())).Send()
	b.Open("/account/password").Form("form[action=/account/password]").Set("current_password", said[len(said)-2]+" "+said[len(said)-1]).
		Set("new_password", Password).Send()
	b.Open("/").Form("form[action=/sign-out]").Send()

	admin := p.SignIn(t, p.Cedar.Admin)
	admin.Open("/audit")
	admin.Get("/audit/export.csv").WantStatus(200)
	b.Get("/participants/" + id)
	return append(said, Password)
}

// haystacks are both databases as rows and as files, Redis, the log, the metrics, and
// what was published.
func (p *Platform) haystacks(t *testing.T) []hay {
	t.Helper()
	var all []hay
	for name, address := range map[string]string{"operational": p.World.SuperuserURL(), "audit": p.World.AuditSuperuserURL()} {
		all = append(all, dumpDatabase(t, name, address)...)
	}
	all = append(all, p.dumpRedis(t), hay{"the log", []byte(p.Log.String())}, p.dumpMetrics(t))
	published, err := filepath.Glob(filepath.Join(p.Server.Config.CheckpointDir, "*"))
	if err != nil || len(published) == 0 {
		t.Fatalf("nothing was published: %v", err)
	}
	for _, path := range published {
		all = append(all, readFile(t, path))
	}
	p.proveDumped(t, all)
	return all
}

// dumpDatabase reads every table, those of the system with its statistics too, and the
// files in which Postgres keeps them, its write-ahead log and what it logged.
func dumpDatabase(t *testing.T, name, address string) []hay {
	t.Helper()
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "CHECKPOINT"); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(ctx, `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	var all []hay
	for _, table := range tables {
		var text bytes.Buffer
		for _, form := range []string{"text", "binary"} {
			if form == "binary" && strings.HasPrefix(table, "pg_catalog.") {
				continue // some of its types have none
			}
			if _, err := conn.PgConn().CopyTo(ctx, &text, "COPY "+table+" TO STDOUT (FORMAT "+form+")"); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
		}
		all = append(all, hay{name + " " + table, text.Bytes()})
	}
	var folder string
	var oid uint32
	if err := conn.QueryRow(ctx, `SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()`).Scan(&folder, &oid); err != nil {
		t.Fatal(err)
	}
	return append(all, dumpFiles(t, folder, oid)...)
}

// dumpFiles reads what Postgres has on disk, where it is on this machine.
func dumpFiles(t *testing.T, folder string, database uint32) []hay {
	t.Helper()
	if _, err := os.ReadDir(folder); err != nil {
		t.Logf("the files of Postgres are not here: %v", err)
		return nil
	}
	var all []hay
	for _, part := range []string{filepath.Join("base", strconv.Itoa(int(database))), "pg_wal", "global", "../postgres.log"} {
		err := filepath.WalkDir(filepath.Join(folder, part), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				text, err := os.ReadFile(path)
				if err == nil { // files come and go
					all = append(all, hay{path, text})
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// dumpRedis reads every key with its value, of whatever type.
func (p *Platform) dumpRedis(t *testing.T) hay {
	t.Helper()
	ctx, redis := t.Context(), p.Server.Redis
	var b bytes.Buffer
	keys := redis.Scan(ctx, 0, "*", 1000).Iterator()
	for keys.Next(ctx) {
		key := keys.Val()
		kind, err := redis.Type(ctx, key).Result()
		if err != nil {
			t.Fatal(err)
		}
		var value any
		switch kind {
		case "string":
			value, err = redis.Get(ctx, key).Result()
		case "hash":
			value, err = redis.HGetAll(ctx, key).Result()
		case "set":
			value, err = redis.SMembers(ctx, key).Result()
		case "zset":
			value, err = redis.ZRangeWithScores(ctx, key, 0, -1).Result()
		case "list":
			value, err = redis.LRange(ctx, key, 0, -1).Result()
		case "none": // has run out meanwhile
		default:
			t.Fatalf("%s is a %s, which this test cannot read", key, kind)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, key, kind, value)
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
	return hay{"Redis", b.Bytes()}
}

func (p *Platform) dumpMetrics(t *testing.T) hay {
	t.Helper()
	families, err := p.Server.Web.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, family := range families {
		b.WriteString(family.String() + "\n")
	}
	return hay{"metrics", b.Bytes()}
}

func readFile(t *testing.T, path string) hay {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return hay{path, text}
}

// proveDumped looks for what must be there, so that an empty dump does not pass.
func (p *Platform) proveDumped(t *testing.T, all []hay) {
	t.Helper()
	for place, want := range map[string]string{
		"operational " + p.Cedar.Role() + ".programs":     "Housing",
		"operational " + p.Cedar.Role() + ".participants": p.Cedar.Own.ID.String(),
		"operational " + p.Cedar.Role() + ".notes":        p.Cedar.Own.Enrolments[0].Note.String(),
		"operational outbox.audit_events":                 "participant.create",
		"operational control.agencies":                    p.Cedar.Subdomain,
		"operational jobs.river_job":                      "audit.checkpoint",
		"audit audit.entries":                             "note.create",
		"audit audit.checkpoints":                         p.Cedar.ID.String(),
		"Redis":                                           "s:{" + p.Cedar.ID.String() + "}",
		"the log":                                         "/participants/:participant/notes",
		"metrics":                                         "konote",
	} {
		found := false
		for _, h := range all {
			found = found || (h.name == place && bytes.Contains(h.text, []byte(want)))
		}
		if !found {
			t.Errorf("%q is not in the dump of %s", want, place)
		}
	}
}
