package socketact

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// address is what Listen*= names for a socket.
type address struct {
	family   int
	sockaddr unix.Sockaddr
	path     string // of a socket in the file system, else empty
	anyIP    bool   // a bare port: every address of IPv6, of IPv4 where there is no IPv6
	port     int
}

// parseAddress reads the address forms of ListenStream= and its sisters.
func parseAddress(text string) (address, error) {
	switch {
	case text == "":
		return address{}, errors.New("the address is empty")
	case text[0] == '/' || text[0] == '@':
		return parseUnix(text)
	case strings.HasPrefix(text, "vsock:"):
		return parseVsock(text)
	}
	if port, err := strconv.ParseUint(text, 10, 16); err == nil {
		return address{family: unix.AF_INET6, sockaddr: &unix.SockaddrInet6{Port: int(port)}, anyIP: true, port: int(port)}, nil
	}
	return parseIP(text)
}

func parseUnix(text string) (address, error) {
	const most = 107 // sun_path has 108 bytes: a zero ends a path, and starts an abstract name
	if len(text)-1 > most-1 {
		return address{}, fmt.Errorf("the path is longer than %d bytes", most)
	}
	if text == "@" || text == "/" || strings.ContainsRune(text, 0) {
		return address{}, errors.New("not the name of a socket")
	}
	a := address{family: unix.AF_UNIX, sockaddr: &unix.SockaddrUnix{Name: text}}
	if text[0] == '/' {
		a.path = text
	}
	return a, nil
}

func parseVsock(text string) (address, error) {
	cidText, portText, ok := strings.Cut(strings.TrimPrefix(text, "vsock:"), ":")
	cid := uint64(unix.VMADDR_CID_ANY)
	var err error
	if cidText != "" {
		cid, err = strconv.ParseUint(cidText, 10, 32)
	}
	port, errPort := strconv.ParseUint(portText, 10, 32)
	if !ok || err != nil || errPort != nil {
		return address{}, errors.New("not of the form vsock:CID:PORT")
	}
	return address{family: unix.AF_VSOCK, sockaddr: &unix.SockaddrVM{CID: uint32(cid), Port: uint32(port)}}, nil
}

// parseIP reads v.w.x.y:port, [v6]:port and [v6]:port%interface.
func parseIP(text string) (address, error) {
	hostPort, zone, _ := strings.Cut(text, "%")
	ap, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return address{}, errors.New("neither a path, an abstract name, a port, an IPv4 address with port, nor an IPv6 address in brackets with port")
	}
	if ap.Addr().Is4() {
		if zone != "" {
			return address{}, errors.New("an IPv4 address has no interface scope")
		}
		return address{family: unix.AF_INET, sockaddr: &unix.SockaddrInet4{Addr: ap.Addr().As4(), Port: int(ap.Port())}}, nil
	}
	scope, err := scopeID(zone)
	if err != nil {
		return address{}, err
	}
	return address{family: unix.AF_INET6, sockaddr: &unix.SockaddrInet6{Addr: ap.Addr().As16(), Port: int(ap.Port()), ZoneId: scope}}, nil
}

func scopeID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, fmt.Errorf("there is no network interface %s", zone)
	}
	return uint32(i.Index), nil
}

// ipv4 is the address for a bare port on a machine without IPv6.
func (a *address) ipv4() address {
	return address{family: unix.AF_INET, sockaddr: &unix.SockaddrInet4{Port: a.port}, port: a.port}
}

// sameAddress says whether a bound socket has the wanted address. A bare port matches either family.
func sameAddress(have unix.Sockaddr, want address) bool {
	switch w := want.sockaddr.(type) {
	case *unix.SockaddrUnix:
		h, ok := have.(*unix.SockaddrUnix)
		return ok && h.Name == w.Name
	case *unix.SockaddrInet4:
		h, ok := have.(*unix.SockaddrInet4)
		return ok && h.Addr == w.Addr && h.Port == w.Port
	case *unix.SockaddrInet6:
		if h, ok := have.(*unix.SockaddrInet4); ok && want.anyIP {
			return h.Port == w.Port && h.Addr == [4]byte{}
		}
		h, ok := have.(*unix.SockaddrInet6)
		return ok && h.Addr == w.Addr && h.Port == w.Port && h.ZoneId == w.ZoneId
	case *unix.SockaddrVM:
		h, ok := have.(*unix.SockaddrVM)
		return ok && h.CID == w.CID && h.Port == w.Port
	}
	return false
}

// netlinkFamilies are the names of ListenNetlink=, after netlink(7).
var netlinkFamilies = map[string]int{
	"route": unix.NETLINK_ROUTE, "firewall": unix.NETLINK_FIREWALL, "inet-diag": unix.NETLINK_INET_DIAG, "nflog": unix.NETLINK_NFLOG,
	"xfrm": unix.NETLINK_XFRM, "selinux": unix.NETLINK_SELINUX, "iscsi": unix.NETLINK_ISCSI, "audit": unix.NETLINK_AUDIT,
	"fib-lookup": unix.NETLINK_FIB_LOOKUP, "connector": unix.NETLINK_CONNECTOR, "netfilter": unix.NETLINK_NETFILTER,
	"ip6-fw": unix.NETLINK_IP6_FW, "dnrtmsg": unix.NETLINK_DNRTMSG, "kobject-uevent": unix.NETLINK_KOBJECT_UEVENT,
	"generic": unix.NETLINK_GENERIC, "scsitransport": unix.NETLINK_SCSITRANSPORT, "ecryptfs": unix.NETLINK_ECRYPTFS,
	"rdma": unix.NETLINK_RDMA,
}

// parseNetlink reads "FAMILY [GROUPS]", a name or number and a mask of multicast groups.
func parseNetlink(text string) (family int, groups uint32, err error) {
	f := strings.Fields(text)
	if len(f) == 0 || len(f) > 2 {
		return 0, 0, errors.New("not of the form FAMILY GROUP")
	}
	family, ok := netlinkFamilies[f[0]]
	if !ok {
		if family, err = strconv.Atoi(f[0]); err != nil || family < 0 {
			return 0, 0, fmt.Errorf("%s is no netlink family", f[0])
		}
	}
	if len(f) == 2 {
		n, err := strconv.ParseUint(f[1], 10, 32)
		if err != nil {
			return 0, 0, fmt.Errorf("%s is no multicast group", f[1])
		}
		groups = uint32(n)
	}
	return family, groups, nil
}
