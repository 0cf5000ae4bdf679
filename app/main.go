// Command konote is KoNote: the web server, the worker, the demo and the commands of
// operators, in one binary. `konote help` lists them.
package main

import (
	"os"
	_ "time/tzdata" // the container image has no time zones

	"konote/app/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
