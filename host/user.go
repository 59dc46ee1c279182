package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Account is a line of passwd(5) with the groups of its user.
type Account struct {
	Name   string
	UID    int
	GID    int
	Groups []uint32 // supplementary groups, sorted; GID included
	Home   string
	Shell  string
}

// ErrUnknownName says that neither the files nor a name service that was asked knows a user or group.
var ErrUnknownName = errors.New("no such user or group")

// Accounts looks users and groups up. Root is prefixed to /etc.
type Accounts struct{ Root string }

// User finds a user by name or number in passwd(5). A number without a line is an account of its own, with the group of
// the same number. A name that the file lacks is ErrUnknownName: see Ask for the name services.
func (a Accounts) User(name string) (Account, error) {
	line, err := a.find("/etc/passwd", name, 2)
	if err != nil {
		return Account{}, fmt.Errorf("cannot look up user %q: %w", name, err)
	}
	if line == "" {
		if id, ok := number(name); ok {
			return Account{UID: id, GID: id, Home: "/", Shell: "/bin/sh", Groups: []uint32{uint32(id)}}, nil
		}
		return Account{}, fmt.Errorf("cannot look up user %q: %w", name, ErrUnknownName)
	}
	account, err := parseAccount(line)
	if err != nil {
		return account, fmt.Errorf("cannot look up user %q: %w", name, err)
	}
	account.Groups = a.groupsOf(account)
	return account, nil
}

// Group finds a group by name or number in group(5). A name that the file lacks is ErrUnknownName.
func (a Accounts) Group(name string) (int, error) {
	line, err := a.find("/etc/group", name, 2)
	if err != nil {
		return 0, fmt.Errorf("cannot look up group %q: %w", name, err)
	}
	if line == "" {
		if id, ok := number(name); ok {
			return id, nil
		}
		return 0, fmt.Errorf("cannot look up group %q: %w", name, ErrUnknownName)
	}
	return parseGroup(line)
}

// GroupName returns the name of a group, empty when it has none.
func (a Accounts) GroupName(gid int) string {
	line, err := a.find("/etc/group", strconv.Itoa(gid), 2)
	if err != nil || line == "" {
		return ""
	}
	name, _, _ := strings.Cut(line, ":")
	return name
}

// find returns the line whose first field is name or, when name is a number, whose field at column is.
func (a Accounts) find(file, name string, column int) (string, error) {
	raw, err := os.ReadFile(a.Root + file)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	_, numeric := number(name)
	for line := range strings.Lines(string(raw)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), ":")
		if len(fields) <= column {
			continue
		}
		if fields[0] == name || numeric && fields[column] == name {
			return strings.Join(fields, ":"), nil
		}
	}
	return "", nil
}

func (a Accounts) groupsOf(account Account) []uint32 {
	groups := []uint32{uint32(account.GID)}
	raw, err := os.ReadFile(a.Root + "/etc/group")
	if err != nil {
		return groups
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 4 || !slices.Contains(strings.Split(fields[3], ","), account.Name) {
			continue
		}
		if gid, ok := number(fields[2]); ok {
			groups = append(groups, uint32(gid))
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

func parseAccount(line string) (Account, error) {
	f := strings.Split(strings.TrimSpace(line), ":")
	if len(f) < 7 {
		return Account{}, fmt.Errorf("malformed line %q", line)
	}
	uid, okUID := number(f[2])
	gid, okGID := number(f[3])
	if !okUID || !okGID {
		return Account{}, fmt.Errorf("malformed line %q", line)
	}
	shell := f[6]
	if shell == "" {
		shell = "/bin/sh"
	}
	return Account{Name: f[0], UID: uid, GID: gid, Home: f[5], Shell: shell, Groups: []uint32{uint32(gid)}}, nil
}

func parseGroup(line string) (int, error) {
	f := strings.Split(strings.TrimSpace(line), ":")
	if len(f) >= 3 {
		if gid, ok := number(f[2]); ok {
			return gid, nil
		}
	}
	return 0, fmt.Errorf("malformed line %q", line)
}

func number(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || n >= 1<<32-1 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	return int(n), true
}

// Ask asks the machine's name services (LDAP, systemd-homed, …) for names that the files lack: it starts getent(1) and
// calls done from another goroutine when it has answered. It waits for nothing itself. The child is the caller's only
// in so far as the caller must not reap it.
func (a Accounts) Ask(user string, done func(Account, error)) {
	go func() {
		out, err := getent("passwd", user)
		if err != nil {
			done(Account{}, fmt.Errorf("cannot look up user %q: %w", user, ErrUnknownName))
			return
		}
		account, err := parseAccount(string(out))
		if err == nil {
			account.Groups = initgroups(user, account)
		}
		done(account, err)
	}()
}

// AskGroup is Ask for a group.
func (a Accounts) AskGroup(group string, done func(gid int, err error)) {
	go func() {
		out, err := getent("group", group)
		if err != nil {
			done(0, fmt.Errorf("cannot look up group %q: %w", group, ErrUnknownName))
			return
		}
		done(parseGroup(string(out)))
	}()
}

func initgroups(user string, account Account) []uint32 {
	groups := account.Groups
	out, err := getent("initgroups", user)
	if err != nil {
		return groups
	}
	for _, word := range strings.Fields(string(out)) {
		if gid, ok := number(word); ok {
			groups = append(groups, uint32(gid))
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// askTimeout bounds one question to a name service, so that a server that is away fails the unit and not its neighbours.
const askTimeout = 25 * time.Second

func getent(database, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	return exec.CommandContext(ctx, "getent", database, "--", key).Output()
}

// localServices are the words of nsswitch.conf(5) whose answers are in the files that User and Group read, or that name
// accounts which no unit is run as.
var localServices = []string{"files", "compat", "systemd", "db", "sss_cache", "[NOTFOUND=return]", "[SUCCESS=merge]", "[success=merge]"}

// OnlyFiles says that nsswitch.conf(5) names no name service beyond the files, so that asking would be in vain.
func (a Accounts) OnlyFiles() bool {
	raw, err := os.ReadFile(a.Root + "/etc/nsswitch.conf")
	if err != nil {
		return true
	}
	for line := range strings.Lines(string(raw)) {
		database, services, ok := strings.Cut(line, ":")
		if !ok || database != "passwd" && database != "group" {
			continue
		}
		for _, word := range strings.Fields(services) {
			if strings.HasPrefix(word, "#") {
				break
			}
			if !slices.Contains(localServices, word) {
				return false
			}
		}
	}
	return true
}
