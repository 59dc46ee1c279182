// Command vm is the init of the virtual machine that test boots: it mounts what a kernel offers, with cgroup version 2
// alone, runs every test binary in /tests, and powers off. What it prints goes to the serial console; lines that start
// with "@" are for the test outside: "@begin NAME", "@end NAME STATUS", "@done".
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
)

// mounts is what a test may expect of the machine.
var mounts = []struct{ kind, dir, data string }{
	{"proc", "/proc", ""},
	{"sysfs", "/sys", ""},
	{"cgroup2", "/sys/fs/cgroup", ""},
	{"tmpfs", "/tmp", ""},
	{"tmpfs", "/run", ""},
	{"devtmpfs", "/dev", ""},
}

func main() {
	for _, m := range mounts {
		err := os.MkdirAll(m.dir, 0o755)
		if err == nil {
			err = syscall.Mount(m.kind, m.dir, m.kind, 0, m.data)
		}
		if err != nil {
			fmt.Printf("cannot mount %s: %v\n", m.dir, err)
		}
	}
	tests, _ := filepath.Glob("/tests/*")
	slices.Sort(tests)
	for _, test := range tests {
		name := filepath.Base(test)
		fmt.Printf("@begin %s\n", name)
		fmt.Printf("@end %s %d\n", name, run(test))
	}
	fmt.Println("@done")
	syscall.Sync()
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

// run runs one test binary and returns its exit status, -1 when it did not exit. As PID 1 this program also reaps what
// the tests leave behind.
func run(path string) int {
	cmd := exec.Command(path, "-test.v", "-test.timeout=120s")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stdout
	cmd.Dir = "/tmp"
	cmd.Env = []string{"PATH=/bin", "HOME=/", "DAVIT_BIN=/bin/davit", "DAVIT_VM=1"}
	if err := cmd.Start(); err != nil {
		fmt.Printf("cannot start %s: %v\n", path, err)
		return -1
	}
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			fmt.Printf("cannot wait for %s: %v\n", path, err)
			return -1
		case pid == cmd.Process.Pid:
			return status.ExitStatus()
		}
	}
}
