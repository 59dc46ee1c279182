package host

import (
	"bytes"
	"os"
	"strings"
)

// Container returns the container technology that this process runs in, in the words of systemd-detect-virt(1), empty
// outside of containers.
func (m *Machine) Container() string {
	for _, file := range []string{"/run/host/container-manager", "/run/systemd/container"} {
		if name := m.line(m.Root + file); name != "" {
			return containerName(name)
		}
	}
	if os.Getpid() == 1 {
		for _, entry := range m.Environ {
			if name, ok := strings.CutPrefix(entry, "container="); ok && name != "" {
				return containerName(name)
			}
		}
	}
	if raw, err := os.ReadFile(m.Root + "/proc/1/environ"); err == nil {
		for _, entry := range bytes.Split(raw, []byte{0}) {
			if name, ok := strings.CutPrefix(string(entry), "container="); ok && name != "" {
				return containerName(name)
			}
		}
	}
	for file, name := range map[string]string{
		"/run/.containerenv": "podman", "/.dockerenv": "docker", "/var/run/secrets/kubernetes.io": "container-other",
	} {
		if _, err := os.Stat(m.Root + file); err == nil {
			return name
		}
	}
	release := m.line(m.Root + "/proc/sys/kernel/osrelease")
	if strings.Contains(release, "Microsoft") || strings.Contains(release, "WSL") {
		return "wsl"
	}
	if m.foreignPIDs() {
		return "container-other"
	}
	return ""
}

// foreignPIDs says that this process lives in a pid namespace that is not the machine's: the kernel gives the initial
// one a fixed inode number.
func (m *Machine) foreignPIDs() bool {
	link, err := os.Readlink(m.Root + "/proc/self/ns/pid")
	return err == nil && link != "pid:[4026531836]"
}

var containerNames = []string{
	"lxc", "lxc-libvirt", "systemd-nspawn", "docker", "podman", "rkt", "wsl", "proot", "pouch", "openvz",
}

func containerName(name string) string {
	if name == "oci" {
		return "container-other"
	}
	for _, known := range containerNames {
		if name == known {
			return name
		}
	}
	return "container-other"
}

// vmByVendor maps the beginning of what firmware and CPUID say to systemd's names; the first match counts.
var vmByVendor = []struct{ begins, name string }{
	{"KVM", "kvm"},
	{"Linux KVM Hv", "kvm"},
	{"TCGTCGTCGTCG", "qemu"},
	{"VMwareVMware", "vmware"},
	{"Microsoft Hv", "microsoft"},
	{"bhyve bhyve", "bhyve"},
	{"QNXQVMBSQG", "qnx"},
	{"ACRNACRNACRN", "acrn"},
	{"SRESRESRESRE", "sre"},
	{"Apple VZ", "apple"},
	{"XenVMMXenVMM", "xen"},
	{"VBoxVBoxVBox", "oracle"},
	{"OpenStack", "kvm"},
	{"KubeVirt", "kvm"},
	{"Amazon EC2", "amazon"},
	{"QEMU", "qemu"},
	{"VMware", "vmware"},
	{"VMW", "vmware"},
	{"innotek GmbH", "oracle"},
	{"VirtualBox", "oracle"},
	{"Xen", "xen"},
	{"Bochs", "bochs"},
	{"Parallels", "parallels"},
	{"BHYVE", "bhyve"},
	{"Hyper-V", "microsoft"},
	{"Apple Virtualization", "apple"},
	{"Google Compute Engine", "google"},
}

func vmName(text string) string {
	for _, v := range vmByVendor {
		if text != "" && strings.HasPrefix(text, v.begins) {
			return v.name
		}
	}
	return ""
}

// VM returns the machine virtualization, in the words of systemd-detect-virt(1), empty on bare metal.
func (m *Machine) VM() string {
	fromDMI := m.vmFromDMI()
	switch fromDMI { // these run on KVM or Xen, and the firmware knows better
	case "oracle", "xen", "amazon", "google", "parallels":
		return fromDMI
	}
	if _, err := os.Stat(m.Root + "/proc/xen"); err == nil {
		return "xen"
	}
	if m.Root == "" {
		if vendor := hypervisor(); vendor != "" {
			return or(vmName(vendor), or(fromDMI, "vm-other"))
		}
	}
	if fromDMI != "" {
		return fromDMI
	}
	if strings.Contains(m.line(m.Root+"/proc/device-tree/hypervisor/compatible"), "linux,kvm") {
		return "kvm"
	}
	raw, _ := os.ReadFile(m.Root + "/proc/cpuinfo")
	if bytes.Contains(raw, []byte("User Mode Linux")) {
		return "uml"
	}
	if bytes.Contains(raw, []byte(" hypervisor")) {
		return "vm-other"
	}
	return ""
}

func (m *Machine) vmFromDMI() string {
	for _, field := range []string{"product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"} {
		if name := vmName(m.line(m.Root + "/sys/class/dmi/id/" + field)); name != "" {
			return name
		}
	}
	return ""
}

// Virtualization returns the innermost technology, and whether that is a container's. Empty means none.
func (m *Machine) Virtualization() (name string, container bool) {
	if c := m.Container(); c != "" {
		return c, true
	}
	return m.VM(), false
}

// UserNamespace says whether this process lives in a user namespace that maps fewer ids than there are.
func (m *Machine) UserNamespace() bool {
	f := strings.Fields(m.line(m.Root + "/proc/self/uid_map"))
	return len(f) > 0 && !(len(f) == 3 && f[0] == "0" && f[1] == "0" && f[2] == "4294967295")
}

func isVirtualization(m *Machine, p string) (bool, error) {
	if p == "private-users" {
		return m.UserNamespace(), nil
	}
	name, container := m.Virtualization()
	if want, ok := boolean(p); ok {
		return want == (name != ""), nil
	}
	switch p {
	case "vm":
		return name != "" && !container, nil
	case "container":
		return container, nil
	}
	return p == name, nil
}
