//go:build !linux

package staff

// aside has no thread of its own here: priorities of threads are Linux's.
func aside(f func()) { f() }
