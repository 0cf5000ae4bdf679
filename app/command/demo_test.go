package command

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

// A taken port is told at once, with the way out.
func TestATakenPortIsToldBeforeAnythingIsStarted(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	t.Setenv("KONOTE_LISTEN", "")
	t.Setenv("KONOTE_INTERNAL", "127.0.0.1:0")
	t.Setenv(demoPortName, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	if _, err := demoAddresses(); err == nil || !strings.Contains(err.Error(), demoPortName) {
		t.Errorf("a taken port: got %v, want an error that names %s", err, demoPortName)
	}
	t.Setenv(demoPortName, "70000")
	if _, err := demoAddresses(); err == nil {
		t.Error("port 70000 was taken for one")
	}
	for port := 1; port <= 65535; port++ {
		if beside := besidePort(port); beside < 1 || beside > 65535 || beside == port {
			t.Fatalf("beside %d: %d is no other port", port, beside)
		}
	}
}
