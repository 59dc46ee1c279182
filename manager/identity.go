package manager

import (
	"errors"
	"fmt"
	"os"

	"davit/host"
)

// Exit statuses of systemd.exec(5), "PROCESS EXIT CODES", of the steps that the manager itself does for a process.
const (
	exitFDs     = 202
	exitExec    = 203
	exitStdin   = 208
	exitStdout  = 209
	exitGroup   = 216
	exitUser    = 217
	exitCgroup  = 219
	exitStderr  = 222
	exitCreds   = 243
	exitFailure = 1
)

// stepError is why a process could not be started: the step that failed and its exit status.
type stepError struct {
	status int
	step   string
	err    error
}

func (e *stepError) Error() string { return fmt.Sprintf("cannot %s: %v", e.step, e.err) }
func (e *stepError) Unwrap() error { return e.err }

// identity is whom a process runs as. -1 keeps the manager's.
type identity struct {
	account  host.Account
	known    bool // account was looked up
	uid, gid int
	groups   []uint32
}

// resolve looks up a user, a group and supplementary groups, and calls done in the loop: at once when files have the
// answer, else when the name services have answered.
func (m *Manager) resolve(user, group string, more []string, done func(identity, *stepError)) {
	id := identity{uid: -1, gid: -1}
	m.resolveUser(user, func(account host.Account, err error) {
		if err != nil {
			done(id, &stepError{exitUser, "determine user " + user, err})
			return
		}
		if user != "" {
			id.account, id.known = account, true
			id.uid, id.gid, id.groups = account.UID, account.GID, account.Groups
		}
		var names []string
		if group != "" {
			names = append(names, group)
		}
		m.resolveGroups(append(names, more...), nil, func(gids []int, err error) {
			if err != nil {
				done(id, &stepError{exitGroup, "determine group", err})
				return
			}
			if group != "" {
				id.gid, gids = gids[0], gids[1:]
			}
			for _, gid := range gids {
				id.groups = append(id.groups, uint32(gid))
			}
			done(id, nil)
		})
	})
}

func (m *Manager) resolveUser(name string, done func(host.Account, error)) {
	if name == "" {
		done(host.Account{}, nil)
		return
	}
	account, err := m.accounts.User(name)
	if !errors.Is(err, host.ErrUnknownName) || m.noNameService() {
		done(account, err)
		return
	}
	m.asking++
	m.accounts.Ask(name, func(account host.Account, err error) {
		m.wake.post(func() { m.asking--; done(account, err) })
	})
}

func (m *Manager) resolveGroups(names []string, so []int, done func([]int, error)) {
	if len(names) == 0 {
		done(so, nil)
		return
	}
	next := func(gid int, err error) {
		if err != nil {
			done(nil, err)
			return
		}
		m.resolveGroups(names[1:], append(so, gid), done)
	}
	gid, err := m.accounts.Group(names[0])
	if !errors.Is(err, host.ErrUnknownName) || m.noNameService() {
		next(gid, err)
		return
	}
	m.asking++
	m.accounts.AskGroup(names[0], func(gid int, err error) {
		m.wake.post(func() { m.asking--; next(gid, err) })
	})
}

// noNameService says that /etc/nsswitch.conf names nothing but files, or is missing: then there is nobody to ask.
func (m *Manager) noNameService() bool { return m.accounts.OnlyFiles() }

// mappedIDs says how many user ids this process's user namespace has.
func mappedIDs() (ids uint64, single bool) {
	raw, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return 1 << 32, false
	}
	var inside, outside, n uint64
	for rest := string(raw); ; {
		if got, _ := fmt.Sscan(rest, &inside, &outside, &n); got != 3 {
			break
		}
		ids += n
		i := 0
		for i < len(rest) && rest[i] != '\n' {
			i++
		}
		if i >= len(rest) {
			break
		}
		rest = rest[i+1:]
	}
	return ids, ids == 1
}
