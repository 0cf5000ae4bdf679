package command

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What the Makefile calls exists, with the flags that it gives.
func TestTheMakefileCallsWhatThereIs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`(?m)^\t@?bin/konote ([a-z][a-z -]*)`).FindAllStringSubmatch(string(text), -1)
	if len(calls) < 2 {
		t.Fatalf("found %d calls, want those of demo and demo-reset", len(calls))
	}
	for _, call := range calls {
		words := strings.Fields(call[1])
		var out, wrong bytes.Buffer
		code := Run(append(words, "--help"), strings.NewReader(""), &out, &wrong)
		name, _, _ := strings.Cut(call[1], " --")
		if code != exitDone || !strings.Contains(out.String(), "konote "+strings.TrimSpace(name)+" ") && !strings.Contains(out.String(), "konote "+strings.TrimSpace(name)+"\n") {
			t.Errorf("bin/konote %s: exit code %d, %s%s", call[1], code, out.String(), wrong.String())
		}
	}
}
