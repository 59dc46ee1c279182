package host

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MachineID returns the 32 digits of machine-id(5), empty when the machine has none yet.
func (m *Machine) MachineID() string {
	id := m.line(m.Root + "/etc/machine-id")
	if !isID(id) {
		id = strings.ReplaceAll(m.line(m.Root+"/var/lib/dbus/machine-id"), "-", "")
	}
	if !isID(id) {
		return m.givenID
	}
	return id
}

func isID(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == 16
}

// EnsureMachineID gives the machine an id when it has none: it writes /etc/machine-id, or reports false when that file
// system cannot be written; the id then lasts as long as this process. The second result says whether this is a first
// boot: the file was missing or said "uninitialized" (machine-id(5)).
func (m *Machine) EnsureMachineID() (id string, first, written bool) {
	if id = m.MachineID(); id != "" {
		return id, false, true
	}
	path := m.Root + "/etc/machine-id"
	raw, err := os.ReadFile(path)
	first = os.IsNotExist(err) || strings.TrimSpace(string(raw)) == "uninitialized"
	id = RandomID()
	m.givenID = id
	return id, first, os.WriteFile(path, []byte(id+"\n"), 0o444) == nil
}

// RandomID makes 128 random bits in the form of a UUID of version 4, without dashes.
func RandomID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return hex.EncodeToString(b[:])
}

// BootID returns the 32 digits of this boot's id.
func (m *Machine) BootID() string {
	return strings.ReplaceAll(m.line(m.Root+"/proc/sys/kernel/random/boot_id"), "-", "")
}

// Hostname returns the kernel's host name.
func (m *Machine) Hostname() string { return or(uname().node, "localhost") }

// KernelRelease returns what uname -r prints.
func KernelRelease() string { return uname().release }

// OSRelease returns the fields of os-release(5).
func (m *Machine) OSRelease() map[string]string {
	fields := m.assignments("/etc/os-release")
	if len(fields) == 0 {
		fields = m.assignments("/usr/lib/os-release")
	}
	return fields
}

// MachineInfo returns the fields of machine-info(5).
func (m *Machine) MachineInfo() map[string]string { return m.assignments("/etc/machine-info") }

// assignments reads a file of NAME=VALUE lines in a shell's quoting.
func (m *Machine) assignments(path string) map[string]string {
	fields := map[string]string{}
	raw, err := os.ReadFile(filepath.Join(m.Root, path))
	if err != nil {
		return fields
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		if !ok || key == "" || key[0] == '#' {
			continue
		}
		if words := quotedWords(value); len(words) == 1 {
			value = words[0]
		}
		fields[key] = value
	}
	return fields
}

// Locale returns the assignments of locale.conf(5) that set the language.
func (m *Machine) Locale() []string {
	var list []string
	for key, value := range m.assignments("/etc/locale.conf") {
		if strings.HasPrefix(key, "LANG") || strings.HasPrefix(key, "LC_") {
			list = append(list, key+"="+value)
		}
	}
	slices.Sort(list)
	return list
}
