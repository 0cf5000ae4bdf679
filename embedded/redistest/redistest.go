// Package redistest gives the tests of a package a private Redis of their own.
package redistest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"konote/embedded"
)

// Main starts Redis, puts its address where the tests find it, runs them, and stops it:
//
//	func TestMain(m *testing.M) { os.Exit(redistest.Main(m, &address)) }
func Main(m *testing.M, address *string) int {
	dir, err := os.MkdirTemp("", "konote-redis-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = embedded.Remove(dir) }() // what is left over is in the temporary folder
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	servers, err := embedded.Start(ctx, embedded.Options{Dir: dir, RedisOnly: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	*address = servers.RedisURL()
	code := m.Run()
	if err := servers.Stop(context.WithoutCancel(ctx)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
