package jobs

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

func TestWhatRiverRepeatsIsSaidOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(riverLog{Handler: slog.NewTextHandler(&out, nil), said: &sync.Map{}})
	for range 5 {
		log.With("shard", "main").Error("fetch failed")
		log.Info("chatter")
	}
	log.Warn("another")
	if lines := strings.Count(out.String(), "\n"); lines != 2 {
		t.Errorf("%d lines are logged, want one for each message:\n%s", lines, out.String())
	}
}
