package socketact

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAddressForms(t *testing.T) {
	for text, family := range map[string]int{
		"80": unix.AF_INET6, "127.0.0.1:80": unix.AF_INET, "[::1]:80": unix.AF_INET6, "[fe80::1]:80%lo": unix.AF_INET6, "[fe80::1]:80%7": unix.AF_INET6,
		"/run/x": unix.AF_UNIX, "@x": unix.AF_UNIX, "vsock::1234": unix.AF_VSOCK, "vsock:2:1234": unix.AF_VSOCK,
	} {
		if a, err := parseAddress(text); err != nil || a.family != family {
			t.Errorf("%s: family %d, %v", text, a.family, err)
		}
	}
	for text, complaint := range map[string]string{
		"":                             "empty",
		"65536":                        "neither",
		"localhost:80":                 "neither",
		"::1:80":                       "neither",
		"127.0.0.1:80%lo":              "no interface scope",
		"[fe80::1]:80%nosuchif":        "no network interface nosuchif",
		"vsock:x:1":                    "vsock:CID:PORT",
		"vsock:1":                      "vsock:CID:PORT",
		"/" + strings.Repeat("x", 107): "longer than 107 bytes",
		"@":                            "not the name",
	} {
		if _, err := parseAddress(text); err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("%q: %v, want %q", text, err, complaint)
		}
	}
	if _, err := parseAddress("/" + strings.Repeat("x", 106)); err != nil {
		t.Errorf("the longest path: %v", err)
	}
}

func TestNetlinkForms(t *testing.T) {
	family, groups, err := parseNetlink("kobject-uevent 1")
	if family != unix.NETLINK_KOBJECT_UEVENT || groups != 1 || err != nil {
		t.Error(family, groups, err)
	}
	for _, text := range []string{"", "nosuch", "audit x", "audit 1 2"} {
		if _, _, err := parseNetlink(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
