package embedded

import "syscall"

// childAttributes make the child end when this process does. Both servers shut down
// in good order on SIGINT.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}
