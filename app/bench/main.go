package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A section measures one thing and gives its rows of the table.
type section struct {
	name string
	run  func(context.Context, *bench) ([]row, error)
}

// The order matters a little: what leaves much behind comes last.
var sections = []section{
	{"seal", measureSeal}, {"begin", measureBegin}, {"page", measurePage}, {"note", measureNote}, {"audit", measureAudit},
	{"casework", measureCasework}, {"access", measureAccess}, {"signin", measureSignIn}, {"fair", measureFair}, {"search", measureSearch}, {"agencies", measureAgencies},
}

// Exit codes.
const (
	exitFailed = 1 // it could not measure
	exitUsage  = 2
	exitMissed = 3 // with -strict: a target was missed
)

func main() {
	only := flag.String("only", "", "sections to run, separated by commas: "+strings.Join(names(), ", "))
	quick := flag.Bool("quick", false, "measure less of everything: a look, not a verdict")
	strict := flag.Bool("strict", false, "exit with 3 when a target is missed")
	signIns := flag.Int("signin", 0, "sign-ins of each kind whose time is compared (default 60)")
	profile := flag.String("profile", "", "write a CPU profile of each section's own arms to this folder")
	flag.Parse()

	chosen, err := choose(*only)
	if err != nil || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "bench:", errors.Join(err, unexpected(flag.Args())))
		os.Exit(exitUsage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	missed, err := run(ctx, chosen, options{quick: *quick, signIns: *signIns, profile: *profile})
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(exitFailed)
	case missed > 0 && *strict:
		os.Exit(exitMissed)
	}
}

func names() []string {
	var list []string
	for _, s := range sections {
		list = append(list, s.name)
	}
	return list
}

func choose(only string) ([]section, error) {
	if only == "" {
		return sections, nil
	}
	wanted := strings.Split(only, ",")
	for _, name := range wanted {
		if !slices.Contains(names(), name) {
			return nil, fmt.Errorf("no section is called %q: there are %s", name, strings.Join(names(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(sections), func(s section) bool { return !slices.Contains(wanted, s.name) }), nil
}

func unexpected(args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("unexpected: %s", strings.Join(args, " "))
}

// run measures the sections, prints the table, and says how many targets were missed.
func run(ctx context.Context, chosen []section, o options) (missed int, err error) {
	began := time.Now()
	b, err := start(ctx, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.stop(err != nil)) }()
	var rows []row
	var failed []error // a section that cannot be measured costs nobody the others
	for _, s := range chosen {
		b.say("%s …", s.name)
		since := time.Now()
		found, err := s.run(ctx, b)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
			continue
		}
		b.say("%s took %s", s.name, time.Since(since).Round(time.Second))
		rows = append(rows, found...)
	}
	printTable(os.Stdout, rows)
	fmt.Printf("\n%d targets missed; %s\n", countMissed(rows), time.Since(began).Round(time.Second))
	return countMissed(rows), errors.Join(failed...)
}
