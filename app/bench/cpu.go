package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ticks are those of /proc, a second.
const ticks = 100

// cpu is how many seconds of processor this process, Postgres and Redis have used so
// far. Unlike throughput it hardly changes when others use the machine.
func (b *bench) cpu() float64 {
	var own syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &own) // the arguments are right
	spent := seconds64(own.Utime) + seconds64(own.Stime)
	postgres, redis := b.servers.PIDs()
	found, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, parent, spentTicks := readStat(string(text))
		if pid == postgres || pid == redis || parent == postgres {
			spent += spentTicks / ticks
		}
	}
	return spent
}

func seconds64(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

// readStat reads a line of /proc/<pid>/stat (proc(5)).
func readStat(line string) (pid, parent int, spent float64) {
	_, _ = fmt.Sscan(line, &pid)
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) < 13 {
		return 0, 0, 0
	}
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return pid, parent, user + system
}

// spending notes how much processor each call of an arm takes: the arm gives calls a
// second, for as long as it ran.
func (b *bench) spending(each *[]float64, d time.Duration, arm func() (float64, error)) func() (float64, error) {
	return func() (float64, error) {
		before := b.cpu()
		rate, err := arm()
		*each = append(*each, (b.cpu()-before)/(rate*d.Seconds()))
		return rate, err
	}
}
