// Package container boots small Debian systems for tests: a root made by mmdebstrap once and kept in a cache, an overlay
// over it for each boot, and systemd-nspawn around davit or the real systemd as PID 1.
//
// Everything that a machine makes is its own: a mount namespace, a network with nothing but loopback, and a cgroup in
// every hierarchy of the host. Close ends every process in those cgroups and removes them; a test that dies leaves no
// mount behind. Waiting is always for a condition and always bounded.
package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Suite is the Debian release that the roots are made of.
const Suite = "bookworm"

// Need skips the test where containers cannot run.
func Need(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIP: containers need root")
	}
}

// Binary returns the path of the product to test: DAVIT_BIN, else bin/davit of this tree. The test fails without one.
func Binary(t testing.TB) string {
	t.Helper()
	name := os.Getenv("DAVIT_BIN")
	if name == "" {
		top, err := Top()
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(top, "bin", "davit")
	}
	if _, err := os.Stat(name); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return name
}

// Top returns the top directory of the repository, from the directory that a test runs in.
func Top() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("cannot find go.mod above the working directory")
}

// Wait polls until cond says nil, at most for limit, and fails the test with cond's last error after that. What is being
// waited for is named by what.
func Wait(t testing.TB, limit time.Duration, what string, cond func() error) {
	t.Helper()
	if err := Poll(context.Background(), limit, cond); err != nil {
		t.Fatalf("waited %v for %s: %v", limit, what, err)
	}
}

// Poll calls cond until it returns nil or limit has passed, more and more rarely, and returns its last error.
func Poll(ctx context.Context, limit time.Duration, cond func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	pause := 2 * time.Millisecond
	for {
		err := cond()
		if err == nil {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		pause = min(pause*3/2, 100*time.Millisecond)
	}
}

// Contains returns an error unless text contains want; it fits Wait.
func Contains(text, want string) error {
	if !strings.Contains(text, want) {
		return fmt.Errorf("no %q in %q", want, text)
	}
	return nil
}
