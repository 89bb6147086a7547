// One program that is, by its first argument, Knative's command line, its admission rules or its filters: they share most of their code.
package main

import (
	"fmt"
	"os"

	"knative.dev/func/pkg/app"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "which program: admit, filter or func?")
		os.Exit(2)
	}
	program := os.Args[1]
	os.Args = append([]string{program}, os.Args[2:]...)
	switch program {
	case "admit":
		os.Exit(admit(os.Stdin, os.Stdout))
	case "filter":
		os.Exit(filter(os.Stdin, os.Stdout))
	case "func":
		app.Main()
	default:
		fmt.Fprintln(os.Stderr, "no such program here:", program)
		os.Exit(2)
	}
}
