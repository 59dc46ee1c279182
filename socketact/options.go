package socketact

import (
	"errors"
	"fmt"

	"davit/unit"

	"golang.org/x/sys/unix"
)

// option sets one socket option for one directive; it is tried when the unit has the directive and the family fits.
type option struct {
	directive string
	wanted    bool
	set       func() error
}

// required sets what decides on the address, before bind(2). An error here fails the listener.
func (r *request) required(fd int, a address) error {
	s := r.socket
	on := func(level, name int) func() error {
		return func() error { return unix.SetsockoptInt(fd, level, name, 1) }
	}
	ip, ip6 := a.family == unix.AF_INET, a.family == unix.AF_INET6
	table := []option{
		{"BindIPv6Only", ip6 && s.BindIPv6Only != unit.BindDefault, func() error {
			only := 0
			if s.BindIPv6Only == unit.BindIPv6 {
				only = 1
			}
			return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only)
		}},
		{"BindToDevice", s.BindToDevice != "" && (ip || ip6), func() error { return unix.BindToDevice(fd, s.BindToDevice) }},
		{"ReusePort", s.ReusePort && (ip || ip6), on(unix.SOL_SOCKET, unix.SO_REUSEPORT)},
		{"FreeBind", s.FreeBind && ip, on(unix.IPPROTO_IP, unix.IP_FREEBIND)},
		{"FreeBind", s.FreeBind && ip6, on(unix.IPPROTO_IPV6, unix.IPV6_FREEBIND)},
		{"Transparent", s.Transparent && ip, on(unix.IPPROTO_IP, unix.IP_TRANSPARENT)},
		{"Transparent", s.Transparent && ip6, on(unix.IPPROTO_IPV6, unix.IPV6_TRANSPARENT)},
		// A listener that was closed a moment ago must not keep its address for minutes.
		{"ListenStream", a.family != unix.AF_UNIX, on(unix.SOL_SOCKET, unix.SO_REUSEADDR)},
	}
	return errors.Join(apply(table)...)
}

// apply runs a table and returns what failed, each with its directive.
func apply(table []option) []error {
	var errs []error
	for _, o := range table {
		if !o.wanted {
			continue
		}
		if err := o.set(); err != nil {
			errs = append(errs, fmt.Errorf("%s=: %w", o.directive, err))
		}
	}
	return errs
}

// options sets what is nice to have; the kernel's refusals are warnings. For a kept socket it sets them again.
func (r *request) options(fd int, a address, kind int) {
	ip, ip6 := a.family == unix.AF_INET, a.family == unix.AF_INET6
	table := append(r.ip(fd, ip, ip6), r.generic(fd, a)...) // Priority= after IPTOS=, which changes the priority, too
	if kind == unix.SOCK_STREAM && (ip || ip6) && r.socket.SocketProtocol != unit.ProtocolSCTP {
		table = append(table, r.tcp(fd)...)
	}
	for _, err := range apply(table) {
		r.warn(err)
	}
}

// generic are the options of socket(7) and unix(7), and packet details of any family.
func (r *request) generic(fd int, a address) []option {
	s := r.socket
	socket := func(name, value int) func() error {
		return func() error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, name, value) }
	}
	local := a.family == unix.AF_UNIX || a.family == unix.AF_NETLINK
	return []option{
		{"KeepAlive", s.KeepAlive, socket(unix.SO_KEEPALIVE, 1)},
		{"Broadcast", s.Broadcast, socket(unix.SO_BROADCAST, 1)},
		{"PassCredentials", s.PassCredentials && local, socket(unix.SO_PASSCRED, 1)},
		{"PassSecurity", s.PassSecurity && local, socket(unix.SO_PASSSEC, 1)},
		{"PassPacketInfo", s.PassPacketInfo && !local, func() error { return packets(fd, a.family) }},
		{"PassPacketInfo", s.PassPacketInfo && a.family == unix.AF_NETLINK, func() error {
			return unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_PKTINFO, 1)
		}},
		{"Timestamping", s.Timestamping == unit.TimestampMicroseconds, socket(unix.SO_TIMESTAMP, 1)},
		{"Timestamping", s.Timestamping == unit.TimestampNanoseconds, socket(unix.SO_TIMESTAMPNS, 1)},
		{"Priority", s.Priority.Set, socket(unix.SO_PRIORITY, int(s.Priority.Value))},
		{"Mark", s.Mark.Set, socket(unix.SO_MARK, int(s.Mark.Value))},
		{"ReceiveBuffer", s.ReceiveBuffer > 0, func() error {
			return buffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, s.ReceiveBuffer)
		}},
		{"SendBuffer", s.SendBuffer > 0, func() error {
			return buffer(fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, s.SendBuffer)
		}},
	}
}

// buffer sets a size beyond the machine's limit where the manager may, else up to it.
func buffer(fd, force, plain int, size uint64) error {
	n := int(min(size, 1<<30))
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, n) == nil {
		return nil
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, plain, n)
}

func packets(fd, family int) error {
	switch family {
	case unix.AF_INET:
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	case unix.AF_INET6:
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
	}
	return nil
}

// ip are the options of ip(7). An IPv6 socket may carry IPv4, too: its IPv4 options are set where that works.
func (r *request) ip(fd int, ip, ip6 bool) []option {
	s := r.socket
	return []option{
		{"IPTOS", s.IPTOS.Set && (ip || ip6), func() error {
			return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, int(s.IPTOS.Value))
		}},
		{"IPTTL", s.IPTTL.Set && (ip || ip6), func() error {
			err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TTL, int(s.IPTTL.Value))
			if ip6 {
				err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS, int(s.IPTTL.Value))
			}
			return err
		}},
	}
}

// tcp are the options of tcp(7).
func (r *request) tcp(fd int) []option {
	s := r.socket
	tcp := func(name, value int) func() error {
		return func() error { return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, name, value) }
	}
	return []option{
		{"NoDelay", s.NoDelay, tcp(unix.TCP_NODELAY, 1)},
		{"KeepAliveTimeSec", s.KeepAliveTime > 0, tcp(unix.TCP_KEEPIDLE, seconds(s.KeepAliveTime))},
		{"KeepAliveIntervalSec", s.KeepAliveInterval > 0, tcp(unix.TCP_KEEPINTVL, seconds(s.KeepAliveInterval))},
		{"KeepAliveProbes", s.KeepAliveProbes > 0, tcp(unix.TCP_KEEPCNT, int(s.KeepAliveProbes))},
		{"DeferAcceptSec", s.DeferAccept > 0, tcp(unix.TCP_DEFER_ACCEPT, seconds(s.DeferAccept))},
		{"TCPCongestion", s.TCPCongestion != "", func() error {
			return unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, s.TCPCongestion)
		}},
	}
}

// seconds rounds up, so that a short time does not become none.
func seconds(t unit.Timespan) int {
	if t >= unit.Infinity-unit.Second {
		return 1<<31 - 1
	}
	return int(min((t+unit.Second-1)/unit.Second, 1<<31-1))
}
