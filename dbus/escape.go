package dbus

import (
	"strconv"
	"strings"
)

// The paths of org.freedesktop.systemd1(5).
const (
	managerPath = "/org/freedesktop/systemd1"
	unitPrefix  = managerPath + "/unit/"
	jobPrefix   = managerPath + "/job/"
)

const hexDigits = "0123456789abcdef"

// UnitPath is the object path of a unit: every byte outside [A-Za-z0-9], and a leading digit, becomes _xx.
func UnitPath(name string) string { return string(appendUnitPath(nil, name)) }

func appendUnitPath(b []byte, name string) []byte {
	b = append(b, unitPrefix...)
	if name == "" {
		return append(b, '_')
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && letter(c) || digit(c) && i > 0 {
			b = append(b, c)
		} else {
			b = append(b, '_', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}

// unitOfPath is the name in the object path of a unit.
func unitOfPath(path string) (string, bool) {
	label, ok := strings.CutPrefix(path, unitPrefix)
	if !ok || strings.Contains(label, "/") {
		return "", false
	}
	if strings.IndexByte(label, '_') < 0 {
		return label, true
	}
	if label == "_" {
		return "", true
	}
	name := make([]byte, 0, len(label))
	for i := 0; i < len(label); i++ {
		if label[i] == '_' && i+2 < len(label) {
			n, err := strconv.ParseUint(label[i+1:i+3], 16, 8)
			if err == nil {
				name = append(name, byte(n))
				i += 2
				continue
			}
		}
		name = append(name, label[i])
	}
	return string(name), true
}

// JobPath is the object path of a job.
func JobPath(id uint32) string { return jobPrefix + strconv.FormatUint(uint64(id), 10) }

func jobOfPath(path string) (uint32, bool) {
	label, ok := strings.CutPrefix(path, jobPrefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseUint(label, 10, 32)
	return uint32(id), err == nil
}

// unitPath writes the object path of a unit without allocating.
func (e *encoder) unitPath(name string) {
	e.uint32(0)
	at := len(e.buf)
	e.buf = appendUnitPath(e.buf, name)
	e.length(at)
}

// jobPath writes the object path of a job, "/" for none.
func (e *encoder) jobPath(id uint32) {
	if id == 0 {
		e.string("/")
		return
	}
	e.uint32(0)
	at := len(e.buf)
	e.buf = strconv.AppendUint(append(e.buf, jobPrefix...), uint64(id), 10)
	e.length(at)
}
