package container

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// cacheFormat is part of every key: raise it when what Image does to a root changes.
const cacheFormat = "1"

// CacheDir returns the directory for what is worth keeping between runs: DAVIT_CACHE, else XDG_CACHE_HOME/davit, else
// /var/cache/davit for root and ~/.cache/davit for others.
func CacheDir() (string, error) {
	dir := os.Getenv("DAVIT_CACHE")
	switch {
	case dir != "":
	case os.Getenv("XDG_CACHE_HOME") != "":
		dir = filepath.Join(os.Getenv("XDG_CACHE_HOME"), "davit")
	case os.Geteuid() == 0:
		dir = "/var/cache/davit"
	default:
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("cannot find a cache directory: %w", err)
		}
		dir = filepath.Join(home, ".cache", "davit")
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// Cached returns the path of the cached thing with the given key, made by build when it is not there yet. Build gets the
// path to make; two tests that want the same thing at once wait for each other.
func Cached(key string, build func(path string) error) (string, error) {
	dir, err := CacheDir()
	if err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(dir, key+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", fmt.Errorf("cannot lock the cache: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("cannot lock the cache: %w", err)
	}
	done := filepath.Join(dir, key)
	if _, err := os.Stat(done); err == nil {
		return done, nil
	}
	part := done + ".part"
	if err := os.RemoveAll(part); err != nil {
		return "", fmt.Errorf("cannot clear the cache: %w", err)
	}
	if err := build(part); err != nil {
		return "", fmt.Errorf("cannot make %s: %w", key, err)
	}
	return done, os.Rename(part, done)
}

// Image returns the directory of a Debian root with the given packages, made at most once per machine. Nobody writes there.
func Image(t testing.TB, packages ...string) string {
	t.Helper()
	packages = slices.Sorted(slices.Values(packages))
	sum := sha256.Sum256([]byte(strings.Join(append(packages, Suite, cacheFormat), " ")))
	dir, err := Cached("root-"+hex.EncodeToString(sum[:6]), func(path string) error {
		t.Logf("making a Debian root with %s", strings.Join(packages, " "))
		return debootstrap(path, packages)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// debootstrap makes a minimal root at path: no recommended packages, no documentation, no machine id.
func debootstrap(path string, packages []string) error {
	args := []string{
		"--variant=essential", "--quiet",
		"--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
		"--dpkgopt=path-exclude=/usr/share/doc/*",
		"--customize-hook=: >$1/etc/machine-id", "--customize-hook=echo davit >$1/etc/hostname",
	}
	if len(packages) > 0 {
		args = append(args, "--include="+strings.Join(packages, ","))
	}
	args = append(args, Suite, path)
	if mirror := os.Getenv("DAVIT_MIRROR"); mirror != "" {
		args = append(args, mirror)
	}
	if out, err := exec.Command("mmdebstrap", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("mmdebstrap: %w\n%s", err, out)
	}
	return nil
}
