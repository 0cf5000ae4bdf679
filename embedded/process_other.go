//go:build !linux

package embedded

import "syscall"

// childAttributes: only Linux can tie a child to the life of its parent; elsewhere a
// killed parent leaves the servers behind.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
