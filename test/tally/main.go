// Command tally runs "go test -json" with the given arguments and prints what failed, every skip with its reason, and as
// the last line "N passed, N failed, N skipped". It fails when a test failed, when a package did not build, and when a
// test skipped that the list of allowed skips does not name.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	allowed, err := readSkips("test/skips")
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	t := newTally(os.Stdout)
	if err := run(t, os.Args[1:]); err != nil && t.failed() == 0 {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	if !t.report(allowed, os.Geteuid() == 0) {
		os.Exit(1)
	}
}

// run feeds the events of go test into t. The error is that of go test itself, which a failed test is too.
func run(t *tally, args []string) error {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("cannot read from go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start go test: %w", err)
	}
	read(t, out)
	return cmd.Wait()
}

// read applies every event of r; a line that is none is printed as it is.
func read(t *tally, r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var ev event
			if json.Unmarshal(line, &ev) == nil {
				t.add(ev)
			} else {
				_, _ = t.out.Write(line)
			}
		}
		if err != nil {
			return
		}
	}
}
