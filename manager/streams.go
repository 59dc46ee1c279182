package manager

import (
	"errors"
	"fmt"

	"davit/process"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// setStreams connects standard input, output and error (systemd.exec(5), "LOGGING AND STANDARD INPUT/OUTPUT").
func (m *Manager) setStreams(l *launch) *stepError {
	l.spec.Stdin, l.spec.Stdout, l.spec.Stderr = -1, -1, -1
	if err := m.setInput(l); err != nil {
		return &stepError{exitStdin, "set up standard input", err}
	}
	journal := -1
	if err := m.setOutput(l, l.exec.StandardOutput, 1, &journal); err != nil {
		return &stepError{exitStdout, "set up standard output", err}
	}
	if l.exec.StandardError.Kind == unit.OutputInherit {
		l.spec.Stderr, l.spec.OpenStderr = l.spec.Stdout, l.spec.OpenStdout
		return nil
	}
	if err := m.setOutput(l, l.exec.StandardError, 2, &journal); err != nil {
		return &stepError{exitStderr, "set up standard error", err}
	}
	return nil
}

func (m *Manager) setInput(l *launch) error {
	in := l.exec.StandardInput
	switch in.Kind {
	case unit.InputNull:
	case unit.InputTTY, unit.InputTTYForce, unit.InputTTYFail:
		l.spec.OpenStdin = m.terminal(l, unix.O_RDWR)
		l.spec.OpenStdin.Terminal = true
		l.spec.OpenStdin.Steal = in.Kind == unit.InputTTYForce
	case unit.InputFile:
		l.spec.OpenStdin = &process.OpenFile{Path: in.Name, Flags: unix.O_RDONLY}
	case unit.InputData:
		fd, err := sealed(l.exec.StandardInputText)
		if err != nil {
			return err
		}
		l.spec.Stdin = l.keep(fd)
	case unit.InputSocket:
		return takeSocket(l, &l.spec.Stdin)
	case unit.InputFD:
		return takeNamed(l, orName(in.Name, "stdin"), &l.spec.Stdin)
	}
	return nil
}

// setOutput connects output (to = 1) or error (to = 2). journal is the stream of this process once there is one.
func (m *Manager) setOutput(l *launch, out unit.Output, to int, journal *int) error {
	fd, file := &l.spec.Stdout, &l.spec.OpenStdout
	if to == 2 {
		fd, file = &l.spec.Stderr, &l.spec.OpenStderr
	}
	switch out.Kind {
	case unit.OutputNull:
	case unit.OutputInherit:
		*fd, *file = l.spec.Stdin, l.spec.OpenStdin
		if *file != nil && !(*file).Terminal {
			*file = nil
		}
	case unit.OutputTTY:
		*file = m.terminal(l, unix.O_WRONLY)
	case unit.OutputFile, unit.OutputAppend, unit.OutputTruncate:
		*file = outputFile(l, out)
	case unit.OutputSocket:
		return takeSocket(l, fd)
	case unit.OutputFD:
		return takeNamed(l, orName(out.Name, map[int]string{1: "stdout", 2: "stderr"}[to]), fd)
	case unit.OutputJournal, unit.OutputJournalConsole, unit.OutputKmsg, unit.OutputKmsgConsole:
		return m.setJournal(l, out.Kind, fd, file, journal)
	}
	return nil
}

// setJournal gives one stream to the journal; output and error of a process share it.
func (m *Manager) setJournal(l *launch, kind unit.OutputKind, fd *int, file **process.OpenFile, journal *int) error {
	if kind == unit.OutputKmsg || kind == unit.OutputKmsgConsole {
		*file = &process.OpenFile{Path: "/dev/kmsg", Flags: unix.O_WRONLY}
		return nil
	}
	if *journal < 0 {
		stream, err := m.journal.stream(l) // closed with the launch
		if err != nil {
			return err
		}
		*journal = stream
		l.stream, _ = process.StreamID(stream)
	}
	*fd = *journal
	return nil
}

// outputFile says how file:, append: and truncate: are opened. Where input is the same file, it is opened once for both.
func outputFile(l *launch, out unit.Output) *process.OpenFile {
	flags := unix.O_WRONLY | unix.O_CREAT
	switch out.Kind {
	case unit.OutputAppend:
		flags |= unix.O_APPEND
	case unit.OutputTruncate:
		flags |= unix.O_TRUNC
	}
	return &process.OpenFile{Path: out.Name, Flags: flags}
}

func (m *Manager) terminal(l *launch, flags int) *process.OpenFile {
	path := l.exec.TTYPath
	if path == "" {
		path = "/dev/console"
	}
	return &process.OpenFile{Path: path, Flags: flags | unix.O_NOCTTY, Reset: l.exec.TTYReset}
}

// takeSocket is StandardInput=socket: the one connection or socket that the unit got.
func takeSocket(l *launch, to *int) error {
	if len(l.spec.FDs) != 1 {
		return fmt.Errorf("it needs exactly one socket, there are %d", len(l.spec.FDs))
	}
	*to = l.spec.FDs[0].FD
	return nil
}

// takeNamed is StandardInput=fd:NAME.
func takeNamed(l *launch, name string, to *int) error {
	for _, fd := range l.spec.FDs {
		if fd.Name == name {
			*to = fd.FD
			return nil
		}
	}
	return fmt.Errorf("there is no descriptor named %q", name)
}

// sealed makes a file in memory that holds text and cannot be changed.
func sealed(text []byte) (int, error) {
	fd, err := unix.MemfdCreate("davit-stdin", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, err
	}
	_, err = unix.Write(fd, text)
	_, seek := unix.Seek(fd, 0, 0)
	_, seal := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_GROW|unix.F_SEAL_SHRINK)
	if err := errors.Join(err, seek, seal); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func orName(name, otherwise string) string {
	if name != "" {
		return name
	}
	return otherwise
}
