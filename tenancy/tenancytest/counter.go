package tenancytest

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
)

// A Counter stands between the platform and Postgres and counts what is asked.
type Counter struct {
	Statements atomic.Int64 // run
	Trips      atomic.Int64 // waits for an answer, those that only prepare statements included
	Longest    atomic.Int64 // statements in one trip
}

// Reset begins to count again.
func (c *Counter) Reset() { c.Statements.Store(0); c.Trips.Store(0); c.Longest.Store(0) }

// Through gives the address of the counter in place of the database's, until the test ends.
func (c *Counter) Through(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	target := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
			go func() { c.forward(server, client); _ = server.Close() }()
		}
	}()
	u.Host = listener.Addr().String()
	query := u.Query()
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	return u.String()
}

// forward passes on what the client says, one message at a time. The first has no kind.
func (c *Counter) forward(server io.Writer, client io.Reader) {
	inTrip := int64(0)
	for first := true; ; first = false {
		head := make([]byte, 5)
		if first {
			head = head[:4]
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return
		}
		if !first {
			switch head[0] {
			case 'E':
				c.Statements.Add(1)
				inTrip++
			case 'Q', 'S':
				c.Trips.Add(1)
				c.Longest.Store(max(c.Longest.Load(), inTrip))
				inTrip = 0
			}
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
	}
}
