package embedded

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
)

// A process is a running child. Its methods work on nil: a child never started.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once the child has ended
}

// spawn starts a child that gets its own process group, so that Ctrl-C reaches us
// alone and we end it in good order.
func spawn(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The parent-death signal is sent when the thread that forked ends, so that
		// thread has to wait for the child.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in ProcessState
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) pid() int {
	if p == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// kill ends the child at once.
func (p *process) kill() {
	// SIGQUIT is Postgres's immediate shutdown: unlike SIGKILL it takes the backends along.
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // gone already is as good
	<-p.done
}

// ended says whether the child is gone.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *process) stop(ctx context.Context, politely syscall.Signal) error {
	if p == nil || p.ended() {
		return nil
	}
	_ = p.cmd.Process.Signal(politely) // gone already is as good
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	p.kill()
	return fmt.Errorf("stop %s: it was ended at once: %w", p.cmd.Path, ctx.Err())
}
