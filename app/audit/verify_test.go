package audit

import (
	"bytes"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"konote/tenancy"
)

// makeChain makes a chain of n entries as the relay would.
func makeChain(t testing.TB, agency uuid.UUID, n int) []Entry {
	t.Helper()
	at := time.Date(2026, 2, 10, 14, 0, 0, 0, time.UTC)
	chain := make([]Entry, n)
	for i := range chain {
		id := tenancy.NewID()
		b, err := newBody(id, agency, at.Add(time.Duration(i)*time.Second), testBy, Event{Action: "participant.view", Participants: []uuid.UUID{id}})
		if err != nil {
			t.Fatal(err)
		}
		b.Sealed = strings.Repeat("c2VhbGVk", 20)
		raw, err := b.encode()
		if err != nil {
			t.Fatal(err)
		}
		chain[i] = Entry{Agency: agency, Event: id, Body: raw}
	}
	rebuild(chain)
	return chain
}

// rebuild numbers and links the entries anew, as one could who holds the database.
func rebuild(chain []Entry) {
	var prev Hash
	for i := range chain {
		e := &chain[i]
		e.Seq, e.Prev = int64(i+1), prev
		e.Hash, _ = e.link(nil)
		prev = e.Hash
	}
}

func each(entries []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func clone(chain []Entry) []Entry {
	copied := slices.Clone(chain)
	for i := range copied {
		copied[i].Body = slices.Clone(copied[i].Body)
	}
	return copied
}

func headOf(chain []Entry) Head {
	last := chain[len(chain)-1]
	return Head{Agency: last.Agency, Seq: last.Seq, Hash: last.Hash}
}

func verifyOne(t *testing.T, entries []Entry, trusted ...Head) Chain {
	t.Helper()
	report, err := Verify(each(entries), trusted)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Chains) != 1 {
		t.Fatalf("got %d chains, want 1", len(report.Chains))
	}
	return report.Chains[0]
}

func TestAnUntouchedChainIsProvenUpToItsCheckpoint(t *testing.T) {
	t.Parallel()
	chain := makeChain(t, tenancy.NewID(), 30)
	got := verifyOne(t, chain, headOf(chain[:10]), headOf(chain[:20]))
	want := Chain{Agency: chain[0].Agency, Entries: 30, Head: headOf(chain), Proven: 20}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A tampering changes a chain and says at which entry the first trace of it is.
type tampering struct {
	name string
	do   func(r *rand.Rand, chain []Entry) ([]Entry, int64)
}

var tamperings = []tampering{
	{"one byte of a body", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c))
		c[i].Body[r.IntN(len(c[i].Body))] ^= byte(1 + r.IntN(255))
		return c, c[i].Seq
	}},
	{"a field of an entry", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c))
		bit := byte(1 << r.IntN(8))
		switch r.IntN(3) {
		case 0:
			c[i].Event[r.IntN(16)] ^= bit
		case 1:
			c[i].Prev[r.IntN(32)] ^= bit
		case 2:
			c[i].Hash[r.IntN(32)] ^= bit
		}
		return c, c[i].Seq
	}},
	{"a body, hashed anew", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c) - 1)
		c[i].Body = append(c[i].Body, ' ')
		c[i].Hash, _ = c[i].link(nil)
		return c, c[i+1].Seq // the next one does not follow it
	}},
	{"an entry deleted", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c) - 1)
		return slices.Delete(c, i, i+1), int64(i + 1)
	}},
	{"an entry deleted, the rest renumbered", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c) - 1)
		c = slices.Delete(c, i, i+1)
		for j := i; j < len(c); j++ {
			c[j].Seq--
		}
		return c, int64(i + 1)
	}},
	{"two entries exchanged", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c) - 1)
		j := i + 1 + r.IntN(len(c)-1-i)
		c[i], c[j] = c[j], c[i]
		return c, int64(i + 1)
	}},
	{"two entries exchanged with their numbers", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c) - 1)
		j := i + 1 + r.IntN(len(c)-1-i)
		c[i], c[j] = c[j], c[i]
		c[i].Seq, c[j].Seq = c[j].Seq, c[i].Seq
		return c, int64(i + 1)
	}},
	{"an entry repeated", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c))
		return slices.Insert(c, i, c[i]), int64(i + 2)
	}},
	{"an entry of another agency put in", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c))
		c[i].Body = []byte(strings.Replace(string(c[i].Body), c[i].Agency.String(), uuid.NewString(), 1))
		return c, c[i].Seq
	}},
	{"the tail cut", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := 1 + r.IntN(len(c)-1)
		return c[:i], int64(i + 1)
	}},
	{"an entry changed and the chain made anew", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		c[r.IntN(len(c))].Body[0] ^= 1
		rebuild(c)
		return c, int64(len(c)) // where the checkpoint is
	}},
	{"an entry deleted and the chain made anew", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		i := r.IntN(len(c))
		last := int64(len(c))
		c = slices.Delete(c, i, i+1)
		rebuild(c)
		return c, last // it is one too short
	}},
	{"an entry put in and the chain made anew", func(r *rand.Rand, c []Entry) ([]Entry, int64) {
		last := int64(len(c))
		extra := c[0]
		extra.Event = uuid.New()
		c = slices.Insert(c, r.IntN(len(c)), extra)
		rebuild(c)
		return c, last
	}},
}

func TestTenThousandTamperingsAreFoundAtTheFirstTrace(t *testing.T) {
	t.Parallel()
	original := makeChain(t, tenancy.NewID(), 40)
	checkpoint := headOf(original)
	r := rand.New(rand.NewPCG(1, 2))
	flaws := map[Flaw]int{}
	for n := range 10_000 {
		tamper := tamperings[n%len(tamperings)]
		changed, want := tamper.do(r, clone(original))
		got := verifyOne(t, changed, checkpoint)
		if got.Break == nil {
			t.Fatalf("%d: %s was not found", n, tamper.name)
		}
		if got.Break.Seq != want {
			t.Fatalf("%d: %s: got %s, want entry %d", n, tamper.name, got.Break, want)
		}
		flaws[got.Break.Flaw]++
	}
	t.Logf("found: %v", flaws)
}

func TestWithoutACheckpointOnlyACutTailAndARebuiltChainPass(t *testing.T) {
	t.Parallel()
	original := makeChain(t, tenancy.NewID(), 40)
	r := rand.New(rand.NewPCG(1, 2))
	for _, tamper := range tamperings {
		changed, _ := tamper.do(r, clone(original))
		got := verifyOne(t, changed)
		needs := tamper.name == "the tail cut" || strings.HasSuffix(tamper.name, "made anew")
		if (got.Break == nil) != needs {
			t.Errorf("%s: got break %v", tamper.name, got.Break)
		}
		if got.Proven != 0 {
			t.Errorf("%s: got proven %d, want 0", tamper.name, got.Proven)
		}
	}
}

func TestAChainThatIsGoneAltogetherIsCut(t *testing.T) {
	t.Parallel()
	chain := makeChain(t, tenancy.NewID(), 3)
	got := verifyOne(t, nil, headOf(chain))
	if want := (&Break{Seq: 1, Flaw: Cut}); !cmp.Equal(got.Break, want) {
		t.Errorf("got %v, want %v", got.Break, want)
	}
}

func TestChainsOfSeveralAgenciesAreToldApart(t *testing.T) {
	t.Parallel()
	a, b := makeChain(t, uuid.UUID{1}, 20), makeChain(t, uuid.UUID{2}, 20)
	b[7].Body[3] ^= 1
	var mixed []Entry
	for i := range a {
		mixed = append(mixed, a[i], b[i])
	}
	report, err := Verify(each(mixed), nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.OK() || report.Entries() != 40 || report.Chains[0].Break != nil || report.Chains[1].Break == nil || report.Chains[1].Break.Seq != 8 {
		t.Errorf("got %+v", report)
	}
}

func TestAnExportCanBeVerifiedWithoutADatabase(t *testing.T) {
	t.Parallel()
	chain := makeChain(t, tenancy.NewID(), 25)
	chain[4].Body = []byte(`{"odd":"<&> \" é  "}`)
	rebuild(chain)
	var out bytes.Buffer
	if err := Export(&out, each(chain)); err != nil {
		t.Fatal(err)
	}
	report, err := VerifyExport(bytes.NewReader(out.Bytes()), []Head{headOf(chain)})
	if err != nil || !report.OK() || report.Chains[0].Proven != 25 {
		t.Fatalf("got %+v, %v", report, err)
	}

	edited := strings.Replace(out.String(), "participant.view", "participant.edit", 1)
	report, err = VerifyExport(strings.NewReader(edited), nil)
	if err != nil || report.Chains[0].Break == nil || report.Chains[0].Break.Flaw != Altered || report.Chains[0].Break.Seq != 1 {
		t.Errorf("got %+v, %v, want entry 1 altered", report, err)
	}
	lines := strings.SplitAfter(out.String(), "\n")
	for name, broken := range map[string]string{
		"not JSON":         lines[0] + "nonsense\n",
		"an unknown field": strings.Replace(lines[0], `{"agency"`, `{"extra":1,"agency"`, 1),
		"a short hash":     strings.Replace(lines[0], `"prev":"00`, `"prev":"`, 1),
	} {
		if _, err := VerifyExport(strings.NewReader(broken), nil); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func FuzzReadExport(f *testing.F) {
	var out bytes.Buffer
	if err := Export(&out, each(makeChain(f, uuid.UUID{1}, 3))); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Add([]byte(`{"agency":"","seq":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := VerifyExport(bytes.NewReader(data), nil)
		if err == nil && len(data) == 0 && report.Entries() != 0 {
			t.Error("entries out of nothing")
		}
	})
}

// The link of an entry is a public format: this vector may never change.
func TestTheLinkOfAnEntryIsWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	e := Entry{
		Agency: uuid.MustParse("018f0000-0000-7000-8000-00000000000a"), Seq: 2,
		Event: uuid.MustParse("018f0000-0000-7000-8000-00000000000e"), Prev: Hash{31: 1}, Body: []byte(`{"v":1}`),
	}
	got, _ := e.link(nil)
	if want := "ac57ba7ad55a17dd7cd359ca02c47968e7116ab83a963f7b9f8f4ae344b64d18"; got.String() != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkVerify(b *testing.B) {
	chain := makeChain(b, tenancy.NewID(), 10_000)
	trusted := []Head{headOf(chain)}
	b.ReportMetric(float64(len(chain[0].Body)), "body-bytes")
	for b.Loop() {
		report, err := Verify(each(chain), trusted)
		if err != nil || !report.OK() {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "entries/s")
}

func ExampleBreak() {
	fmt.Println(Break{Seq: 7, Flaw: Missing})
	// Output: entry 7: missing
}
