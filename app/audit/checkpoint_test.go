package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"konote/jobs"
	"konote/tenancy"
)

// A checkpointer signs into a folder.
type checkpointer struct {
	*bench
	signer *Signer
	folder Folder
}

func newCheckpointer(t *testing.T, b *bench) (*checkpointer, string) {
	t.Helper()
	key, err := GenerateSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	return &checkpointer{bench: b, signer: signer, folder: Folder(folder)}, folder
}

func (c *checkpointer) Make(ctx context.Context) (int, error) {
	return c.ledger.Checkpoint(ctx, c.signer, c.folder)
}

func (c *checkpointer) VerifierKey() string { return c.signer.VerifierKey() }

func mustMake(t *testing.T, c *checkpointer, want int) {
	t.Helper()
	if made, err := c.Make(t.Context()); err != nil || made != want {
		t.Fatalf("made %d checkpoints, %v, want %d", made, err, want)
	}
}

func TestTheVerifierKeyBelongsToTheSigningKey(t *testing.T) {
	t.Parallel()
	signing, want, err := note.GenerateKey(rand.Reader, "konote.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(signing)
	if err != nil || signer.VerifierKey() != want {
		t.Errorf("got %s, %v, want %s", signer.VerifierKey(), err, want)
	}
}

// published reads what was published of one agency.
func published(t *testing.T, folder string, agency uuid.UUID, key string) []Head {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(folder, agency.String()+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	heads, err := ReadCheckpoints(bytes.NewReader(file), key)
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

func TestOnlyChainsThatGrewAreSigned(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, folder := newCheckpointer(t, b)
	first, second := b.Agency(t), b.Agency(t)
	mustMake(t, c, 0)
	record(t, first, 3)
	record(t, second, 1)
	b.drain(t)
	mustMake(t, c, 2)
	mustMake(t, c, 0)
	record(t, first, 2)
	b.drain(t)
	mustMake(t, c, 1)

	heads := published(t, folder, first.ID, c.VerifierKey())
	if len(heads) != 2 || heads[0].Seq != 3 || heads[1].Seq != 5 {
		t.Errorf("got %+v, want heads at 3 and 5", heads)
	}
	report, err := b.ledger.Verify(t.Context(), []uuid.UUID{first.ID}, heads)
	if err != nil || !report.OK() || report.Chains[0].Proven != 5 {
		t.Errorf("got %+v, %v", report, err)
	}
	stored, err := b.ledger.Checkpoints(t.Context(), []uuid.UUID{first.ID}, c.VerifierKey())
	if diff := cmp.Diff(heads, stored); err != nil || diff != "" {
		t.Errorf("stored checkpoints: %v, %s", err, diff)
	}
}

func TestACheckpointIsASignedNoteOfAKnownForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, folder := newCheckpointer(t, b)
	agency := b.Agency(t)
	record(t, agency, 2)
	b.drain(t)
	mustMake(t, c, 1)
	path := filepath.Join(folder, agency.ID.String()+".txt")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 7 || lines[0] != "konote audit "+agency.ID.String() || lines[1] != "2" || lines[3] != "" ||
		!strings.HasPrefix(lines[4], "— konote-audit ") || lines[5] != "" {
		t.Errorf("got\n%s", text)
	}
	other, _ := newCheckpointer(t, b)
	for name, change := range map[string]func(string) (string, string){
		"another key":      func(s string) (string, string) { return s, other.VerifierKey() },
		"a changed number": func(s string) (string, string) { return strings.Replace(s, "\n2\n", "\n1\n", 1), c.VerifierKey() },
		"another agency": func(s string) (string, string) {
			return strings.Replace(s, agency.ID.String(), uuid.NewString(), 1), c.VerifierKey()
		},
		"a changed signature":   func(s string) (string, string) { return s[:len(s)-8] + "AAAA" + s[len(s)-4:], c.VerifierKey() },
		"something else before": func(s string) (string, string) { return "a line\n\n— x y\n\n" + s, c.VerifierKey() },
		"not a key":             func(s string) (string, string) { return s, "key" },
	} {
		changed, key := change(string(text))
		if _, err := ReadCheckpoints(strings.NewReader(changed), key); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if heads, err := ReadCheckpoints(strings.NewReader(""), c.VerifierKey()); len(heads) != 0 || err != nil {
		t.Errorf("nothing published: got %v, %v", heads, err)
	}
}

func TestATornNoteDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, folder := newCheckpointer(t, b)
	agency := b.Agency(t)
	record(t, agency, 1)
	b.drain(t)
	mustMake(t, c, 1)
	path := filepath.Join(folder, agency.ID.String()+".txt")
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	record(t, agency, 1)
	b.drain(t)
	mustMake(t, c, 1)
	both, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second := both[len(first):]
	for cut := range second { // wherever the process ended
		if err := os.WriteFile(path, both[:len(first)+cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if heads := published(t, folder, agency.ID, c.VerifierKey()); len(heads) != 1 || heads[0].Seq != 1 {
			t.Fatalf("after %d bytes of the second: got %+v, want the first", cut, heads)
		}
		if err := c.folder.publish(agency.ID, bytes.TrimSuffix(second, []byte("\n"))); err != nil {
			t.Fatal(err)
		}
		heads := published(t, folder, agency.ID, c.VerifierKey())
		if len(heads) == 0 || heads[0].Seq != 1 || heads[len(heads)-1].Seq != 2 {
			t.Fatalf("made again after %d bytes: got %+v, want both", cut, heads)
		}
	}
}

func TestAStoredCheckpointThatIsCutOffIsAnError(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, _ := newCheckpointer(t, b)
	agency := b.Agency(t)
	record(t, agency, 1)
	b.drain(t)
	mustMake(t, c, 1)
	superuser(t, b.AuditSuperuserURL(), "ALTER TABLE audit.checkpoints DISABLE TRIGGER ALL")
	superuser(t, b.AuditSuperuserURL(), `UPDATE audit.checkpoints SET note = split_part(note, E'\n\n', 1)`)
	if heads, err := b.ledger.Checkpoints(t.Context(), []uuid.UUID{agency.ID}, c.VerifierKey()); err == nil {
		t.Errorf("got %+v and no error", heads)
	}
}

// As superuser, one can do to the ledger whatever one likes, and is found out.
func TestTamperingAsSuperuserIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want Break
	}{
		"a column for searching": {"UPDATE audit.entries SET actor_id = gen_random_uuid() WHERE seq = 4", Break{Seq: 4, Flaw: Differs}},
		"the participants":       {"UPDATE audit.entries SET participant_ids = '{}' WHERE seq = 4", Break{Seq: 4, Flaw: Differs}},
		"the time":               {"UPDATE audit.entries SET at = at - interval '1 day' WHERE seq = 4", Break{Seq: 4, Flaw: Differs}},
		"the outcome":            {"UPDATE audit.entries SET outcome = 'failed' WHERE seq = 4", Break{Seq: 4, Flaw: Differs}},
		"the mark":               {"UPDATE audit.entries SET is_confidential = true WHERE seq = 4", Break{Seq: 4, Flaw: Differs}},
		"a body":                 {"UPDATE audit.entries SET body = convert_to(replace(convert_from(body, 'UTF8'), 'view', 'edit'), 'UTF8') WHERE seq = 4", Break{Seq: 4, Flaw: Altered}},
		"an entry":               {"DELETE FROM audit.entries WHERE seq = 4", Break{Seq: 4, Flaw: Missing}},
		"the order":              {"UPDATE audit.entries SET seq = -seq WHERE false; DELETE FROM audit.entries WHERE seq = 4; UPDATE audit.entries SET seq = 4 WHERE seq = 5", Break{Seq: 4, Flaw: Altered}},
		"the tail":               {"DELETE FROM audit.entries WHERE seq > 4", Break{Seq: 5, Flaw: Cut}},
		"everything":             {"DELETE FROM audit.entries", Break{Seq: 1, Flaw: Cut}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			checkpointer, folder := newCheckpointer(t, b)
			agency := b.Agency(t)
			recordMany(t, agency, 8)
			b.drain(t)
			mustMake(t, checkpointer, 1)
			trusted := published(t, folder, agency.ID, checkpointer.VerifierKey())
			superuser(t, b.AuditSuperuserURL(), "ALTER TABLE audit.entries DISABLE TRIGGER refuse_change")
			superuser(t, b.AuditSuperuserURL(), c.sql)
			report, err := b.ledger.Verify(t.Context(), nil, trusted)
			if err != nil || len(report.Chains) != 1 || report.Chains[0].Break == nil {
				t.Fatalf("got %+v, %v, want a break", report, err)
			}
			if got := *report.Chains[0].Break; got.Seq != c.want.Seq || got.Flaw != c.want.Flaw {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAChainThatLostItsTailIsNotSigned(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, _ := newCheckpointer(t, b)
	cut, gone, well := b.Agency(t), b.Agency(t), b.Agency(t)
	for _, agency := range []*tenancy.Agency{cut, gone, well} {
		record(t, agency, 3)
	}
	b.drain(t)
	mustMake(t, c, 3)
	record(t, well, 1)
	b.drain(t)
	superuser(t, b.AuditSuperuserURL(), "ALTER TABLE audit.entries DISABLE TRIGGER refuse_change")
	superuser(t, b.AuditSuperuserURL(), "DELETE FROM audit.entries WHERE agency_id = $1 AND seq = 3 OR agency_id = $2", cut.ID, gone.ID)
	made, err := c.Make(t.Context())
	if made != 1 || err == nil || !strings.Contains(err.Error(), cut.ID.String()) || !strings.Contains(err.Error(), gone.ID.String()) {
		t.Errorf("made %d, %v, want 1 and both chains named", made, err)
	}
}

func TestACheckpointThatCannotBePublishedIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, folder := newCheckpointer(t, b)
	agency := b.Agency(t)
	record(t, agency, 1)
	b.drain(t)
	for _, nowhere := range []string{filepath.Join(folder, "missing"), ""} {
		c.folder = Folder(nowhere)
		if made, err := c.Make(t.Context()); made != 0 || err == nil {
			t.Fatalf("made %d, %v, want an error", made, err)
		}
	}
	c.folder = Folder(folder)
	mustMake(t, c, 1)
}

func TestTheJobMakesCheckpoints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, folder := newCheckpointer(t, b)
	agency := b.Agency(t)
	record(t, agency, 1)
	b.drain(t)
	if err := jobs.Migrate(t.Context(), b.URL("konote_owner")); err != nil {
		t.Fatal(err)
	}
	registry := jobs.NewRegistry(b.Platform, slog.New(slog.DiscardHandler))
	AddJobs(registry, b.ledger, c.signer, c.folder)
	client, err := jobs.NewClient(t.Context(), map[string]string{tenancy.MainShard: b.URL("konote_app")}, registry)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Stop(context.Background()) }()
	eventually(t, "the checkpoint is published", func() bool {
		_, err := os.Stat(filepath.Join(folder, agency.ID.String()+".txt"))
		return err == nil
	})
}

func TestABadKeyIsNotQuoted(t *testing.T) {
	t.Parallel()
	_, err := NewSigner("PRIVATE+KEY+secret")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
