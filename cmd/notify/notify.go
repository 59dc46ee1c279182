// Package notify is the command that tells the manager about its service: davit notify, or systemd-notify when it is
// called so (systemd-notify(1)). It is for services that are shell scripts.
package notify

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const help = `davit notify [--ready] [--reloading] [--stopping] [--status=TEXT] [--pid[=PID]] [--no-block] [NAME=VALUE...]
tells the manager about the service that this runs in; its unit needs NotifyAccess=all.
`

// barrierTime is how long Main waits until the manager has read the message.
const barrierTime = 5 * time.Second

// message is what the command line asks for.
type message struct {
	lines   []string
	noBlock bool
	help    bool
}

// Main sends what args say to $NOTIFY_SOCKET and returns an exit status. Unless --no-block is given it waits until the
// manager has read the message: a sender that is gone before then could not be told apart from a stranger.
func Main(args []string) int {
	m, err := parse(args)
	if err == nil && m.help {
		fmt.Print(help)
		return 0
	}
	if err == nil {
		err = m.send(os.Getenv("NOTIFY_SOCKET"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "davit notify:", err)
		return 1
	}
	return 0
}

// parse reads the command line.
func parse(args []string) (message, error) {
	var m message
	for i, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		switch {
		case arg == "--help" || arg == "-h":
			m.help = true
		case arg == "--ready":
			m.lines = append(m.lines, "READY=1")
		case arg == "--reloading":
			m.lines = append(m.lines, "RELOADING=1")
		case arg == "--stopping":
			m.lines = append(m.lines, "STOPPING=1")
		case arg == "--no-block":
			m.noBlock = true
		case name == "--status" && given:
			m.lines = append(m.lines, "STATUS="+value)
		case arg == "--pid":
			m.lines = append(m.lines, "MAINPID="+strconv.Itoa(os.Getppid()))
		case name == "--pid":
			m.lines = append(m.lines, "MAINPID="+value)
		case arg == "--":
			m.lines = append(m.lines, args[i+1:]...)
			return m, nil
		case strings.HasPrefix(arg, "-") || !given:
			return m, fmt.Errorf("cannot understand %q: see --help", arg)
		default:
			m.lines = append(m.lines, arg)
		}
	}
	if len(m.lines) == 0 && !m.help {
		return m, errors.New("nothing to tell: see --help")
	}
	return m, nil
}

// send delivers the message, then a barrier (sd_notify_barrier(3)) whose descriptor the manager closes.
func (m message) send(socket string) error {
	if socket == "" {
		return errors.New("cannot notify: NOTIFY_SOCKET is not set")
	}
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot notify: %w", err)
	}
	defer syscall.Close(fd)
	to := &syscall.SockaddrUnix{Name: socket}
	if err := syscall.Sendto(fd, []byte(strings.Join(m.lines, "\n")), 0, to); err != nil {
		return fmt.Errorf("cannot notify: %w", err)
	}
	if m.noBlock {
		return nil
	}
	ours, theirs, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("cannot wait for the manager: %w", err)
	}
	defer ours.Close()
	err = syscall.Sendmsg(fd, []byte("BARRIER=1"), syscall.UnixRights(int(theirs.Fd())), to, 0)
	if err = errors.Join(err, theirs.Close(), ours.SetReadDeadline(time.Now().Add(barrierTime))); err != nil {
		return fmt.Errorf("cannot wait for the manager: %w", err)
	}
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("cannot wait for the manager: %w", err)
	}
	return nil
}
