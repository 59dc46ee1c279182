package journal

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// config is what the daemon is told by its arguments, and the descriptors that the manager passes by name (sd_listen_fds(3)).
type config struct {
	store    StoreConfig
	hostname string
	root     string // cgroup path of the manager's root, as /proc/PID/cgroup has it
	user     bool   // the manager is a user's
	fds      map[string]int
}

// The names of the descriptors. All but the control connection may be missing.
const (
	FDControl = "control" // SOCK_SEQPACKET, to the manager
	FDLedger  = "ledger"  // NewLedger
	FDStdout  = "stdout"  // listener for streams with systemd's header
	FDNative  = "native"  // datagrams of sd_journal_send(3)
	FDSyslog  = "syslog"  // datagrams of syslog(3)
)

func readConfig(args []string) (config, error) {
	c := config{}
	f := flag.NewFlagSet("davit-journal", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&c.store.Dir, "directory", "", "where persistent files are kept")
	f.StringVar(&c.store.Runtime, "runtime", "", "where volatile files are kept")
	f.StringVar(&c.hostname, "hostname", "", "value of _HOSTNAME=")
	f.StringVar(&c.root, "cgroup-root", "", "cgroup path of the manager's root")
	f.BoolVar(&c.user, "user", false, "the manager is a user's")
	storage := f.String("storage", string(StorageAuto), "auto, persistent, volatile or none")
	machine := f.String("machine-id", "", "32 hexadecimal digits")
	boot := f.String("boot-id", "", "32 hexadecimal digits")
	f.Uint64Var(&c.store.MaxUse, "max-use", 0, "bytes of all files together, 0: by the size of the file system")
	f.Uint64Var(&c.store.MaxFile, "max-file", 0, "bytes of one file, 0: an eighth of all")
	if err := f.Parse(args); err != nil {
		return c, fmt.Errorf("cannot read the options: %w", err)
	}
	c.store.Storage = Storage(*storage)
	var ok bool
	if c.store.Machine, ok = ParseID(*machine); !ok && *machine != "" {
		return c, fmt.Errorf("cannot read --machine-id=%s: not an id", *machine)
	}
	if *boot == "" {
		text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
		*boot = strings.TrimSpace(string(text))
	}
	c.store.Boot, _ = ParseID(*boot)
	c.fds = passedFDs()
	if _, ok := c.fds[FDControl]; !ok {
		return c, errors.New("cannot run without a control connection: this program is started by the manager")
	}
	return c, nil
}

// passedFDs reads LISTEN_FDS and LISTEN_FDNAMES. LISTEN_PID is not asked for: the manager starts nothing else under our name.
func passedFDs() map[string]int {
	n, _ := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	names := strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	fds := map[string]int{}
	for i := range min(n, len(names)) {
		fd := 3 + i
		unix.CloseOnExec(fd)
		fds[names[i]] = fd
	}
	for _, v := range []string{"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"} {
		_ = os.Unsetenv(v)
	}
	return fds
}

func (c *config) fd(name string) int {
	if fd, ok := c.fds[name]; ok {
		return fd
	}
	return -1
}
