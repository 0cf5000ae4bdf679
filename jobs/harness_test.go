package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"konote/tenancy"
	"konote/tenancy/tenancytest"
)

type noteArgs struct {
	Note uuid.UUID `json:"note"`
}

func (noteArgs) Kind() string { return "test.note" }

type slowArgs struct {
	Number int `json:"number"`
}

func (slowArgs) Kind() string { return "test.slow" }

// newWorld is a platform with job tables of its own.
func newWorld(t *testing.T, configure ...func(*tenancy.Settings)) *tenancytest.World {
	t.Helper()
	w := tenancytest.NewAlone(t, configure...)
	if err := Migrate(t.Context(), w.URL("konote_owner")); err != nil {
		t.Fatal(err)
	}
	return w
}

// work starts a client and stops it with the test.
func work(t *testing.T, w *tenancytest.World, r *Registry) *Client {
	t.Helper()
	client, err := NewClient(t.Context(), map[string]string{tenancy.MainShard: w.URL("konote_app")}, r)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := client.Stop(ctx); err != nil {
			t.Errorf("stop the jobs: %v", err)
		}
	})
	return client
}

func registry(w *tenancytest.World) *Registry {
	return NewRegistry(w.Platform, slog.New(slog.DiscardHandler))
}

func enqueue[T Args](t *testing.T, a *tenancy.Agency, args ...T) {
	t.Helper()
	err := a.Update(t.Context(), func(tx *tenancy.Tx) error { return EnqueueMany(t.Context(), tx, args, Options{}) })
	if err != nil {
		t.Fatal(err)
	}
}

func query[T any](t *testing.T, w *tenancytest.World, sql string, args ...any) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.SuperuserURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var value T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// eventually waits for something that happens in another goroutine.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !true() {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
