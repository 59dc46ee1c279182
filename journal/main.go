package journal

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Main is the daemon, args its options: it runs until the manager closes the control connection or sends SIGTERM, and returns the exit status.
// SIGUSR1 moves from volatile to persistent storage when that has come to be, SIGUSR2 begins a new file.
func Main(args []string) int {
	_ = os.WriteFile("/proc/self/comm", []byte("davit-journal"), 0) // we may have been executed by a descriptor's number
	debug.SetGCPercent(50)                                          // one small heap that lives long: memory matters more than the collector's time
	cfg, err := readConfig(args)
	if err == nil {
		var d *daemon
		if d, err = newDaemon(cfg); err == nil {
			d.run()
			return 0
		}
	}
	fmt.Fprintf(os.Stderr, "davit-journal: %v\n", err)
	return 1
}

func newDaemon(cfg config) (*daemon, error) {
	d := &daemon{
		cfg: cfg, control: cfg.fd(FDControl), stdout: cfg.fd(FDStdout), native: cfg.fd(FDNative), syslog: cfg.fd(FDSyslog),
		streams: map[int32]*stream{}, byID: map[ID]*stream{}, units: map[string]ID{}, senders: map[int32]*sender{},
	}
	d.recv.buf = make([]byte, peekSize)
	d.tick()
	var err error
	if d.store, err = OpenStore(cfg.store); err != nil {
		fmt.Fprintf(os.Stderr, "davit-journal: %v\n", err)
	}
	if d.ledger, err = openLedger(cfg.fd(FDLedger)); err != nil {
		return nil, err
	}
	d.ledger.settle(d.store.Seqnum())
	d.logged = d.ledger.logged(d.store.Seqnum())
	d.makeSets()
	if d.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot wait for events: %w", err)
	}
	if err := d.listen(); err != nil {
		return nil, err
	}
	return d, d.catchSignals()
}

// makeSets makes the fields that many entries share.
func (d *daemon) makeSets() {
	scope := "system"
	if d.cfg.user {
		scope = "user"
	}
	fields := []string{"_BOOT_ID=" + d.cfg.store.Boot.String(), "_RUNTIME_SCOPE=" + scope}
	if d.cfg.store.Machine != (ID{}) {
		fields = append(fields, "_MACHINE_ID="+d.cfg.store.Machine.String())
	}
	if d.cfg.hostname != "" {
		fields = append(fields, "_HOSTNAME="+d.cfg.hostname)
	}
	d.base = NewSet(nil, fields...)
	own := d.proc.processFields("_", creds{pid: int32(os.Getpid()), uid: uint32(os.Getuid()), gid: uint32(os.Getgid())})
	d.own = NewSet(d.base, append(own, "_TRANSPORT=driver", "SYSLOG_IDENTIFIER=davit-journal")...)
	from := creds{pid: int32(os.Getppid()), uid: uint32(os.Getuid()), gid: uint32(os.Getgid())}
	manager := append(d.proc.processFields("_", from), "_TRANSPORT=journal", "SYSLOG_IDENTIFIER=davit", "SYSLOG_FACILITY=3")
	if !d.cfg.user {
		manager = append(manager, "_SYSTEMD_CGROUP=/init.scope", "_SYSTEMD_UNIT=init.scope", "_SYSTEMD_SLICE=-.slice")
	}
	d.manager = NewSet(d.base, manager...)
}

// listen prepares the passed descriptors and waits for all of them.
func (d *daemon) listen() error {
	for _, fd := range []int{d.control, d.stdout, d.native, d.syslog} {
		if fd < 0 {
			continue
		}
		if err := unix.SetNonblock(fd, true); err != nil {
			return fmt.Errorf("cannot use descriptor %d: %w", fd, err)
		}
		if fd != d.control {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
		}
		switch fd {
		case d.native:
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1)
			d.resumeDatagrams(fd, nativeSource, d.takeNative)
		case d.syslog:
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMP, 1)
			d.resumeDatagrams(fd, syslogSource, d.storeSyslog)
		}
		if err := d.watch(fd, unix.EPOLLIN); err != nil {
			return err
		}
	}
	return nil
}

func (d *daemon) catchSignals() error {
	var err error
	if d.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("cannot wait for signals: %w", err)
	}
	d.signals, d.synced = make(chan os.Signal, 8), make(chan synced, 1)
	caught := make(chan os.Signal, 8)
	signal.Notify(caught, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2)
	signal.Ignore(unix.SIGHUP, unix.SIGINT, unix.SIGPIPE)
	go func() {
		for s := range caught {
			d.signals <- s
			d.rouse()
		}
	}()
	return d.watch(d.wake, unix.EPOLLIN)
}

// run receives until the end.
func (d *daemon) run() {
	debug.SetPanicOnFault(true) // a file that is cut under its mapping is replaced, see Store.try
	d.say(6, "Journal started")
	events := make([]unix.EpollEvent, 64)
	for !d.stopping {
		n, err := unix.EpollWait(d.epoll, events, d.patience())
		if err != nil && err != unix.EINTR {
			fmt.Fprintf(os.Stderr, "davit-journal: cannot wait: %v\n", err)
			break
		}
		d.tick()
		d.report()
		if n > 0 {
			d.busy += n
			d.quietAt = d.now.Mono + quietAfter
		}
		for _, ev := range events[:max(n, 0)] {
			d.serve(ev)
		}
		d.takeTurns()
		d.settle()
	}
	d.end()
}

// patience is how long to wait for events, in milliseconds, negative: for ever. When nothing happens there is nothing to wake up for.
func (d *daemon) patience() int {
	if len(d.ready) > 0 {
		return 0
	}
	at := uint64(0)
	sooner := func(t uint64) {
		if at == 0 || t < at {
			at = t
		}
	}
	if d.dirty {
		sooner(d.toldAt + tellEvery)
	}
	if d.lost > 0 {
		sooner(d.retryAt)
	}
	if d.syncAt > 0 {
		sooner(d.syncAt)
	}
	if d.quietAt > 0 {
		sooner(d.quietAt)
	}
	switch {
	case at == 0:
		return -1
	case at <= d.now.Mono:
		return 0
	}
	return int((at-d.now.Mono)/1000) + 1
}

func (d *daemon) serve(ev unix.EpollEvent) {
	switch fd := int(ev.Fd); fd {
	case d.control:
		if ev.Events&unix.EPOLLOUT != 0 {
			d.flush()
		}
		d.readControl()
	case d.stdout:
		d.accept()
	case d.native:
		d.readNative()
	case d.syslog:
		d.readSyslog()
	case d.wake:
		d.takeSignals()
	default:
		if s := d.streams[ev.Fd]; s != nil && d.drain(s) && !s.queued {
			s.queued = true
			d.ready = append(d.ready, s)
		}
	}
}

// takeTurns goes on with the streams that have more than one turn's worth, each once.
func (d *daemon) takeTurns() {
	ready := d.ready
	d.ready = nil
	for _, s := range ready {
		s.queued = false
		if s.fd >= 0 && d.drain(s) {
			s.queued = true
			d.ready = append(d.ready, s)
		}
	}
}

// settle tells those who wait: the manager of ended streams, readers of new entries, the disk of what it is to keep.
func (d *daemon) settle() {
	d.tick()
	d.reportFinished()
	if len(d.syncs) > 0 && len(d.ready) == 0 {
		for _, token := range d.syncs {
			d.send([]byte(verbSynced+"\n"+token), -1)
		}
		d.syncs, d.toldAt = nil, 0
	}
	if w := d.store.w; w != nil && d.dirty {
		w.Trim()
	}
	if d.dirty && d.now.Mono-d.toldAt >= tellEvery {
		d.store.Changed()
		d.dirty, d.toldAt = false, d.now.Mono
	}
	if d.syncAt > 0 && d.now.Mono >= d.syncAt {
		d.sync()
	}
	if d.quietAt > 0 && d.now.Mono >= d.quietAt {
		d.rest()
	}
}

// sync puts on disk what was stored. A slow disk must not delay anybody, so it happens aside; when nothing was stored meanwhile, the
// file is offline then.
func (d *daemon) sync() {
	d.syncAt = 0
	w := d.store.w
	if w == nil || d.syncing {
		return
	}
	fd, err := unix.FcntlInt(uintptr(w.fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return
	}
	d.syncing = true
	number := w.Seqnum()
	go func() {
		err := unix.Fsync(fd)
		_ = unix.Close(fd)
		d.synced <- synced{w, number, err == nil}
		d.rouse()
	}()
}

// synced is a file that is on disk up to an entry.
type synced struct {
	w      *Writer
	number uint64
	ok     bool
}

// rouse wakes up the loop.
func (d *daemon) rouse() { _, _ = unix.Write(d.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) }

// rest gives up memory once nothing happens any more: what the file's mapping has touched, and what a burst has left on the heap.
func (d *daemon) rest() {
	d.quietAt = 0
	d.store.Release()
	if d.busy >= restAfter {
		d.busy = 0
		debug.FreeOSMemory()
	}
}

func (d *daemon) takeSignals() {
	var b [8]byte
	_, _ = unix.Read(d.wake, b[:])
	for {
		select {
		case s := <-d.signals:
			d.takeSignal(s)
		case done := <-d.synced:
			d.syncing = false
			if w := d.store.w; done.ok && w == done.w && w.Seqnum() == done.number {
				w.SetOnline(false)
			}
		default:
			return
		}
	}
}

func (d *daemon) takeSignal(s os.Signal) {
	var err error
	switch s {
	case unix.SIGTERM:
		d.stopping = true
	case unix.SIGUSR1:
		err = d.store.Flush()
	case unix.SIGUSR2:
		err = d.store.Rotate()
	}
	if err != nil {
		d.say(4, "cannot do what a signal asked for: "+err.Error())
	}
}

// end stores what can be read without waiting, and closes the file.
func (d *daemon) end() {
	d.tick()
	d.drainAll()
	d.settle()
	d.report()
	d.say(6, "Journal stopped")
	if err := d.store.Close(); err != nil {
		fmt.Fprintf(os.Stderr, "davit-journal: cannot close the journal: %v\n", err)
	}
}

// drainAll reads every stream and socket until it is empty.
func (d *daemon) drainAll() {
	if d.control >= 0 {
		d.readControl()
	}
	all := make([]*stream, 0, len(d.streams))
	for _, s := range d.streams {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *stream) int { return strings.Compare(string(a.id[:]), string(b.id[:])) })
	for _, s := range all {
		for s.fd >= 0 && d.drain(s) {
			continue
		}
	}
	d.readNative()
	d.readSyslog()
}
