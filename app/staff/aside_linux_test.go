package staff

import (
	"runtime"
	"syscall"
	"testing"
)

// niceness is this thread's.
func niceness(t *testing.T) int {
	t.Helper()
	priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	return 20 - priority // the system call says it the other way round
}

func TestHashingLetsEverythingElseGoFirst(t *testing.T) {
	t.Parallel()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, inside := niceness(t), 0
	for range 20 {
		aside(func() { inside = niceness(t) })
		if inside < hashNice {
			t.Errorf("inside: got niceness %d, want %d", inside, hashNice)
		}
	}
	if after := niceness(t); after != before {
		t.Errorf("the caller's niceness went from %d to %d", before, after)
	}
}
