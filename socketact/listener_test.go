package socketact

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// settings are the defaults of [Socket], with some listeners given as KIND, ADDRESS, KIND, ADDRESS …
func settings(listen ...any) *unit.Socket {
	s := &unit.Socket{Backlog: 1<<32 - 1, SocketMode: 0o666, DirectoryMode: 0o755, MaxConnections: 64}
	for i := 0; i < len(listen); i += 2 {
		s.Listen = append(s.Listen, unit.Listener{Kind: listen[i].(unit.ListenKind), Address: listen[i+1].(string)})
	}
	return s
}

func open(t *testing.T, s *unit.Socket, kept ...int) []Listener {
	t.Helper()
	list, warnings, err := Open("web.socket", s, NoOwner, kept)
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	t.Cleanup(func() { Close(list, false) })
	return list
}

func port(t *testing.T, fd int) int {
	t.Helper()
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	ap, _ := addrPort(sa)
	return int(ap.Port())
}

func TestAllKindsOpen(t *testing.T) {
	dir := t.TempDir()
	s := settings(unit.ListenStream, "127.0.0.1:0", unit.ListenDatagram, "127.0.0.1:0", unit.ListenStream, "0",
		unit.ListenStream, dir+"/a/b/stream", unit.ListenDatagram, dir+"/dgram", unit.ListenSequentialPacket, "@davit-test-"+filepath.Base(dir),
		unit.ListenFIFO, dir+"/fifo", unit.ListenSpecial, "/dev/null", unit.ListenNetlink, "kobject-uevent 1")
	s.SocketMode, s.DirectoryMode = 0o600, 0o711
	list := open(t, s)
	for i, l := range list {
		flags, _ := unix.FcntlInt(uintptr(l.FD), unix.F_GETFL, 0)
		exec, _ := unix.FcntlInt(uintptr(l.FD), unix.F_GETFD, 0)
		if flags&unix.O_NONBLOCK == 0 || exec&unix.FD_CLOEXEC == 0 || l.Name != "web.socket" || l.Address != s.Listen[i].Address {
			t.Errorf("%+v: flags %x %x", l, flags, exec)
		}
	}
	for path, mode := range map[string]os.FileMode{
		"/a": os.ModeDir | 0o711, "/a/b": os.ModeDir | 0o711, "/a/b/stream": os.ModeSocket | 0o600, "/fifo": os.ModeNamedPipe | 0o600,
	} {
		if st, err := os.Lstat(dir + path); err != nil || st.Mode() != mode {
			t.Errorf("%s: %v, %v", path, st.Mode(), err)
		}
	}
	for i := range list { // Cleanup closes them all; here only the nodes go
		if list[i].path != "" {
			list[i].unlink()
		}
	}
	if left, _ := filepath.Glob(dir + "/*"); !slices.Equal(left, []string{dir + "/a"}) {
		t.Errorf("left: %v", left)
	}
}

func TestErrorsNameUnitDirectiveAndAddress(t *testing.T) {
	dir := t.TempDir()
	first := open(t, settings(unit.ListenStream, "127.0.0.1:0", unit.ListenStream, dir+"/alive", unit.ListenDatagram, dir+"/log"))
	taken := fmt.Sprintf("127.0.0.1:%d", port(t, first[0].FD))
	os.WriteFile(dir+"/file", nil, 0o644)
	for _, c := range []struct {
		kind    unit.ListenKind
		address string
		want    string
	}{
		{unit.ListenStream, taken, "web.socket: cannot listen on " + taken + " (ListenStream=): address already in use"},
		{unit.ListenStream, dir + "/alive", "web.socket: cannot listen on " + dir + "/alive (ListenStream=): address already in use: another process answers there"},
		{unit.ListenDatagram, dir + "/log", "web.socket: cannot listen on " + dir + "/log (ListenDatagram=): address already in use: another process answers there"},
		{unit.ListenStream, dir + "/log", "web.socket: cannot listen on " + dir + "/log (ListenStream=): address already in use: another process answers there"},
		{unit.ListenStream, dir + "/file", "web.socket: cannot listen on " + dir + "/file (ListenStream=): address already in use: what stands there is not a socket"},
		{unit.ListenFIFO, dir + "/file", "web.socket: cannot listen on " + dir + "/file (ListenFIFO=): file exists: what stands there is not a FIFO"},
		{unit.ListenStream, dir + "/file/x", "web.socket: cannot listen on " + dir + "/file/x (ListenStream=): " + dir + "/file is not a directory"},
		{unit.ListenSpecial, dir + "/none", "web.socket: cannot listen on " + dir + "/none (ListenSpecial=): no such file or directory"},
		{unit.ListenUSBFunction, dir, "web.socket: cannot listen on " + dir + " (ListenUSBFunction=): this kind of listener is not supported"},
		{unit.ListenStream, "192.0.2.1:80", "web.socket: cannot listen on 192.0.2.1:80 (ListenStream=): cannot assign requested address"},
		{unit.ListenMessageQueue, "x", "web.socket: cannot listen on x (ListenMessageQueue=): the name of a message queue starts with a slash"},
	} {
		list, _, err := Open("web.socket", settings(unit.ListenStream, dir+"/other", c.kind, c.address), NoOwner, nil)
		if err == nil || err.Error() != c.want || list != nil {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if c, err := net.Dial("unix", dir+"/alive"); err != nil {
		t.Errorf("the live socket is gone: %v", err)
	} else {
		c.Close()
	}
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	path := t.TempDir() + "/s"
	stale, _, err := Open("web.socket", settings(unit.ListenStream, path), NoOwner, nil)
	if err != nil {
		t.Fatal(err)
	}
	Close(stale, false)
	list, _, err := Open("web.socket", settings(unit.ListenStream, path), NoOwner, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	Close(list, true)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("RemoveOnStop= left it: %v", err)
	}
}

func TestSomebodyElsesNodeIsNotRemoved(t *testing.T) {
	path := t.TempDir() + "/s"
	ours, _, err := Open("web.socket", settings(unit.ListenStream, path), NoOwner, nil)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(path)
	theirs, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	Close(ours, true)
	if c, err := net.Dial("unix", path); err != nil {
		t.Error(err)
	} else {
		c.Close()
	}
}

func TestKeptDescriptorsAreUsedAgain(t *testing.T) {
	dir := t.TempDir()
	s := settings(unit.ListenStream, dir+"/s", unit.ListenFIFO, dir+"/f", unit.ListenDatagram, "@davit-kept-"+filepath.Base(dir))
	first, _, err := Open("web.socket", s, NoOwner, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("unix", dir+"/s") // waits to be accepted all the while
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	stray, _ := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	b, err := Marshal([]Kept{{Unit: "web.socket", Name: "x", FD: first[2].FD}, {FD: first[0].FD}, {FD: stray}, {FD: first[1].FD}, {FD: 999}})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := Unmarshal(b)
	if err != nil || len(kept) != 4 {
		t.Fatal(kept, err)
	}
	var fds []int
	for _, k := range kept {
		fds = append(fds, k.FD)
	}
	again := open(t, s, fds...) // takes them over, those of first included
	for i := range first {
		if again[i].FD != first[i].FD {
			t.Errorf("%s: descriptor %d, was %d", s.Listen[i].Address, again[i].FD, first[i].FD)
		}
	}
	if _, err := unix.FcntlInt(uintptr(stray), unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("a descriptor that nobody wants stays open: %v", err)
	}
	if _, err := Accept("web.socket", again[0], 0); err != nil {
		t.Errorf("the waiting connection is lost: %v", err)
	}
}

func TestSymlinks(t *testing.T) {
	dir := t.TempDir()
	s := settings(unit.ListenStream, dir+"/s", unit.ListenStream, "@davit-links-"+filepath.Base(dir))
	s.Symlinks = []string{dir + "/l", dir + "/d/l"}
	os.Symlink("elsewhere", dir+"/l")
	list, warnings, err := Open("web.socket", s, NoOwner, nil)
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	for _, name := range s.Symlinks {
		if to, err := os.Readlink(name); to != dir+"/s" || err != nil {
			t.Error(to, err)
		}
	}
	Close(list, true)
	Unlink(s)
	if left, _ := filepath.Glob(dir + "/*"); !slices.Equal(left, []string{dir + "/d"}) {
		t.Errorf("left: %v", left)
	}
}

func TestFlushThrowsAwayWhatWaits(t *testing.T) {
	dir := t.TempDir()
	list := open(t, settings(unit.ListenStream, dir+"/s", unit.ListenDatagram, dir+"/d", unit.ListenFIFO, dir+"/f"))
	c, err := net.Dial("unix", dir+"/s")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := net.Dial("unixgram", dir+"/d")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	d.Write([]byte("x"))
	unix.Write(list[2].FD, []byte("x"))
	for _, l := range list {
		if err := Flush(l); err != nil {
			t.Error(err)
		}
		if n, _ := unix.Poll([]unix.PollFd{{Fd: int32(l.FD), Events: unix.POLLIN}}, 0); n != 0 {
			t.Errorf("%s: something waits still", l.Address)
		}
	}
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Error("the connection was not refused")
	}
}

func TestAcceptNamesTheInstance(t *testing.T) {
	dir := t.TempDir()
	list := open(t, settings(unit.ListenStream, "127.0.0.1:0", unit.ListenStream, "[::]:0", unit.ListenStream, dir+"/s"))
	if _, err := Accept("web.socket", list[0], 0); !errors.Is(err, ErrNone) {
		t.Errorf("nobody connected: %v", err)
	}
	dial := func(network, address string) string {
		c, err := net.Dial(network, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if a, ok := c.LocalAddr().(*net.TCPAddr); ok {
			return fmt.Sprint(a.Port)
		}
		return ""
	}
	p0, p1 := fmt.Sprint(port(t, list[0].FD)), fmt.Sprint(port(t, list[1].FD))
	r0, r1, r2 := dial("tcp", "127.0.0.1:"+p0), dial("tcp", "[::1]:"+p1), dial("tcp", "127.0.0.1:"+p1)
	dial("unix", dir+"/s")
	for i, want := range []Connection{
		{Instance: "7-127.0.0.1:" + p0 + "-127.0.0.1:" + r0, Source: "127.0.0.1", Env: []string{"REMOTE_ADDR=127.0.0.1", "REMOTE_PORT=" + r0}},
		{Instance: "8-::1:" + p1 + "-::1:" + r1, Source: "::1", Env: []string{"REMOTE_ADDR=::1", "REMOTE_PORT=" + r1}},
		{Instance: "9-127.0.0.1:" + p1 + "-127.0.0.1:" + r2, Source: "127.0.0.1", Env: []string{"REMOTE_ADDR=127.0.0.1", "REMOTE_PORT=" + r2}},
		{Instance: fmt.Sprintf("10-%d-%d", os.Getpid(), os.Getuid()), Source: fmt.Sprint(os.Getuid())},
	} {
		got, err := Accept("web.socket", list[[]int{0, 1, 1, 2}[i]], uint64(7+i))
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(got.FD)
		if got.Instance != want.Instance || got.Source != want.Source || !slices.Equal(got.Env, want.Env) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// isolated runs f on a thread of its own in a fresh network namespace, which goes with the thread.
func isolated(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIP: network namespaces need root")
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			f()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Skip("SKIP: no network namespace: " + err.Error())
	}
}

func TestOptionsReachTheKernel(t *testing.T) {
	isolated(t, func() {
		s := settings(unit.ListenStream, "203.0.113.7:80", unit.ListenStream, "[2001:db8::7]:80", unit.ListenDatagram, "[::]:53")
		s.FreeBind, s.ReusePort, s.KeepAlive, s.NoDelay, s.Broadcast = true, true, true, true, true
		s.Transparent, s.BindIPv6Only, s.PassPacketInfo, s.BindToDevice = true, unit.BindIPv6, true, "lo"
		s.KeepAliveTime, s.KeepAliveInterval, s.KeepAliveProbes = 100*unit.Second, unit.Second/2, 3
		s.DeferAccept, s.Timestamping, s.TCPCongestion = 5*unit.Second, unit.TimestampNanoseconds, "reno"
		s.Priority, s.Mark, s.IPTOS, s.IPTTL = optInt(5), optInt(99), optInt(0x10), optInt(33)
		s.ReceiveBuffer, s.SendBuffer = 1<<20, 1<<21
		list, warnings, err := Open("web.socket", s, NoOwner, nil)
		if err != nil || len(warnings) != 0 {
			t.Error(err, warnings)
			return
		}
		defer Close(list, false)
		type row struct{ listener, level, name, want int }
		for _, r := range []row{
			{0, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1},
			{0, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
			{0, unix.SOL_SOCKET, unix.SO_PRIORITY, 5},
			{0, unix.SOL_SOCKET, unix.SO_MARK, 99},
			{0, unix.SOL_SOCKET, unix.SO_RCVBUF, 2 << 20},
			{0, unix.SOL_SOCKET, unix.SO_SNDBUF, 4 << 20},
			{0, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1},
			{0, unix.IPPROTO_IP, unix.IP_FREEBIND, 1},
			{0, unix.IPPROTO_IP, unix.IP_TRANSPARENT, 1},
			{0, unix.IPPROTO_IP, unix.IP_TOS, 0x10},
			{0, unix.IPPROTO_IP, unix.IP_TTL, 33},
			{0, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
			{0, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 100},
			{0, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 1},
			{0, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3},
			{1, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1},
			{1, unix.IPPROTO_IPV6, unix.IPV6_FREEBIND, 1},
			{1, unix.IPPROTO_IPV6, unix.IPV6_TRANSPARENT, 1},
			{1, unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, 33},
			{2, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1},
			{2, unix.SOL_SOCKET, unix.SO_BROADCAST, 1},
		} {
			if got, err := unix.GetsockoptInt(list[r.listener].FD, r.level, r.name); got != r.want || err != nil {
				t.Errorf("%s: option %d/%d is %d, want %d (%v)", list[r.listener].Address, r.level, r.name, got, r.want, err)
			}
		}
		if name, _ := unix.GetsockoptString(list[0].FD, unix.IPPROTO_TCP, unix.TCP_CONGESTION); !bytes.HasPrefix([]byte(name), []byte("reno")) {
			t.Errorf("congestion control is %q", name)
		}
		if defer_, _ := unix.GetsockoptInt(list[0].FD, unix.IPPROTO_TCP, unix.TCP_DEFER_ACCEPT); defer_ < 5 {
			t.Errorf("TCP_DEFER_ACCEPT is %d", defer_)
		}
	})
}

func optInt(n int32) unit.OptInt { return unit.OptInt{Value: n, Set: true} }

func TestARefusedOptionIsAWarning(t *testing.T) {
	s := settings(unit.ListenStream, "127.0.0.1:0")
	s.TCPCongestion = "nosuch"
	list, warnings, err := Open("web.socket", s, NoOwner, nil)
	if err != nil || len(warnings) != 1 || !strings.HasPrefix(warnings[0].Error(), "web.socket: cannot set up 127.0.0.1:0 (ListenStream=): TCPCongestion=: ") {
		t.Error(err, warnings)
	}
	Close(list, false)
	s.BindToDevice = "nosuch"
	if _, _, err := Open("web.socket", s, NoOwner, nil); err == nil || !strings.Contains(err.Error(), "BindToDevice=: no such device") {
		t.Error(err)
	}
}

func TestSocketsAreGivenToTheirOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIP: giving files away needs root")
	}
	dir := t.TempDir()
	s := settings(unit.ListenStream, dir+"/s", unit.ListenFIFO, dir+"/f")
	s.SocketMode = 0o620
	list, _, err := Open("web.socket", s, Owner{UID: 12, GID: 34}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer Close(list, false)
	for _, path := range []string{"/s", "/f"} {
		var st unix.Stat_t
		if err := unix.Stat(dir+path, &st); err != nil || st.Uid != 12 || st.Gid != 34 || st.Mode&0o777 != 0o620 {
			t.Errorf("%s: %d %d %o %v", path, st.Uid, st.Gid, st.Mode, err)
		}
	}
}

func TestMessageQueue(t *testing.T) {
	name := "/davit-test-" + filepath.Base(t.TempDir()) + fmt.Sprint(os.Getpid())
	s := settings(unit.ListenMessageQueue, name)
	s.MessageQueueMaxMessages, s.MessageQueueMessageSize = 3, 100
	list, _, err := Open("web.socket", s, NoOwner, nil)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
		t.Skip("SKIP: no message queues here: " + err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	Close(list, true)
}
