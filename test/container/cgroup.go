package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Hierarchies returns the mount points of the host's cgroup hierarchies, that of version 2 first.
func Hierarchies() ([]string, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("cannot list the cgroup hierarchies: %w", err)
	}
	var v1, v2 []string
	for line := range strings.Lines(string(text)) {
		front, back, _ := strings.Cut(line, " - ")
		words := strings.Fields(front)
		switch {
		case strings.HasPrefix(back, "cgroup2 "):
			v2 = append(v2, words[4])
		case strings.HasPrefix(back, "cgroup "):
			v1 = append(v1, words[4])
		}
	}
	if len(v2) == 0 {
		return nil, errors.New("cannot find a cgroup version 2 tree")
	}
	return append(v2[:1], v1...), nil
}

// Cgroup is one fresh cgroup, of the same name in every hierarchy of the host.
type Cgroup struct {
	dirs []string // that of version 2 first
}

// NewCgroup makes the cgroup name, which must not exist yet, directly below this process's one in each hierarchy.
func NewCgroup(name string) (*Cgroup, error) {
	mounts, err := Hierarchies()
	if err != nil {
		return nil, err
	}
	c := &Cgroup{}
	for _, mount := range mounts {
		dir := filepath.Join(mount, name)
		if filepath.Base(mount) == "cpuset" {
			continue // a fresh cpuset has no processors, nothing can join it
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, errors.Join(err, c.Remove())
		}
		c.dirs = append(c.dirs, dir)
	}
	return c, nil
}

// Dir returns the cgroup's directory in the version 2 tree.
func (c *Cgroup) Dir() string { return c.dirs[0] }

// Controller returns the cgroup's directory in the version 1 hierarchy with the given controller, empty without one.
func (c *Cgroup) Controller(name string) string {
	for _, dir := range c.dirs[1:] {
		if slices.Contains(strings.Split(filepath.Base(filepath.Dir(dir)), ","), name) {
			return dir
		}
	}
	return ""
}

// join returns shell commands that move the shell into the cgroup.
func (c *Cgroup) join() string {
	var text strings.Builder
	for _, dir := range c.dirs {
		fmt.Fprintf(&text, "echo $$ >%s/cgroup.procs\n", dir)
	}
	return text.String()
}

// Processes returns the process ids in the cgroup and below it, in the version 2 tree.
func (c *Cgroup) Processes() []int {
	var all []int
	_ = filepath.WalkDir(c.dirs[0], func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			all = append(all, members(name)...)
		}
		return nil
	})
	return all
}

// members reads cgroup.procs of one directory.
func members(dir string) []int {
	text, _ := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	var all []int
	for _, word := range strings.Fields(string(text)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			all = append(all, pid)
		}
	}
	return all
}

// Kill ends every process in the cgroup and below it, and waits until they are gone.
func (c *Cgroup) Kill() error {
	return Poll(context.Background(), 20*time.Second, func() error {
		if os.WriteFile(filepath.Join(c.dirs[0], "cgroup.kill"), []byte("1"), 0) != nil {
			for _, pid := range c.Processes() {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		if left := c.Processes(); len(left) > 0 {
			return fmt.Errorf("processes that cannot be killed: %v", left)
		}
		return nil
	})
}

// Remove removes the cgroup and everything below it from every hierarchy. It must be empty.
func (c *Cgroup) Remove() error {
	var failed []error
	for _, dir := range c.dirs {
		failed = append(failed, Poll(context.Background(), 5*time.Second, func() error { return removeTree(dir) }))
	}
	return errors.Join(failed...)
}

// removeTree removes the cgroups below dir and dir itself, the deepest first.
func removeTree(dir string) error {
	var dirs []string
	_ = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, name)
		}
		return nil
	})
	slices.Reverse(dirs)
	for _, name := range dirs {
		if err := syscall.Rmdir(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &fs.PathError{Op: "rmdir", Path: name, Err: err}
		}
	}
	return nil
}
