package staff

import (
	"runtime"
	"sync"
	"syscall"
)

// hashNice is the niceness that passwords are hashed with (see nice(2)): beside work of the
// ordinary kind it gets a tenth of a processor, on an idle one all of it. (With less, a machine
// that is busy with something else signs nobody in.)
const hashNice = 10

// ownProcessor lets Go run one thread more: a thread that has to wait for the system's
// processors keeps Go's all the same, and would stand in the way of what goes before it.
var ownProcessor = sync.OnceFunc(func() { runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1) })

// aside does something that takes long on a thread which everything else goes before: the
// pages of others must not wait for a flood of sign-ins. An unprivileged thread cannot take
// its priority back, so it ends with its goroutine, which never unlocks it.
func aside(f func()) {
	ownProcessor()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, hashNice) // of this thread; without it all is right and slower
		f()
	}()
	<-done
}
