package tenancy_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

var update = flag.Bool("update", false, "write migrations/agency.snapshot.txt anew")

func TestTheCommittedSnapshotIsWhatAFreshAgencyLooksLike(t *testing.T) {
	t.Parallel()
	w := tenancytest.New(t)
	facts, err := tenancy.Facts(t.Context(), w.Owner, w.Agency(t))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(facts, "\n") + "\n"
	const path = "../migrations/agency.snapshot.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("a migration was added? go test ./tenancy -run Snapshot -update (-committed +fresh):\n%s", diff)
	}
}
