package dbus

import (
	"strconv"
)

const (
	busPath        = "/org/freedesktop/DBus"
	busInterface   = "org.freedesktop.DBus"
	logControlPath = "/org/freedesktop/LogControl1"
	serviceName    = "org.freedesktop.systemd1"
)

// busMethods are what little of a bus daemon the private socket plays. systemd's has nothing of it; clients that insist on
// a bus (busctl --address, systemd-run, most libraries) work here all the same. One that says Hello gets the signals that
// it asks for by match rules; others get all.
var busMethods = []method{
	{name: "Hello", out: "s", args: "> name", call: hello},
	{name: "AddMatch", in: "s", args: "rule", call: addMatch},
	{name: "RemoveMatch", in: "s", args: "rule", call: removeMatch},
	{name: "GetId", out: "s", args: "> id", call: func(k *call) error {
		k.out.string(k.s.guid)
		return nil
	}},
	{name: "ListNames", out: "as", args: "> names", call: func(k *call) error {
		k.out.strings([]string{busInterface, serviceName, managerName})
		return nil
	}},
	{name: "ListActivatableNames", out: "as", args: "> names", call: func(k *call) error {
		k.out.strings(nil)
		return nil
	}},
	{name: "NameHasOwner", in: "s", out: "b", args: "name > has", call: func(k *call) error {
		k.out.bool(isManager(k.in.string()))
		return nil
	}},
	{name: "GetNameOwner", in: "s", out: "s", args: "name > owner", call: aboutManager(func(k *call) { k.out.string(managerName) })},
	{name: "GetConnectionUnixUser", in: "s", out: "u", args: "name > uid", call: aboutManager(func(k *call) { k.out.uint32(k.s.owner) })},
	{name: "StartServiceByName", in: "su", out: "u", args: "name flags > result", call: aboutManager(func(k *call) { k.out.uint32(alreadyRunning) })},
}

var busSignals = []signalShape{
	{"NameAcquired", "s", "name"},
	{"NameLost", "s", "name"},
	{"NameOwnerChanged", "sss", "name old new"},
}

const (
	managerName    = ":1.0"
	alreadyRunning = 2 // of StartServiceByName
)

func uniqueName(id uint64) string { return ":1." + strconv.FormatUint(id, 10) }

func isManager(name string) bool {
	return name == serviceName || name == managerName || name == busInterface
}

// aboutManager makes a method that only knows one name, the manager's.
func aboutManager(write func(*call)) func(*call) error {
	return func(k *call) error {
		name := k.in.string()
		if !isManager(name) {
			return errorf(busError+"NameHasNoOwner", "Could not get owner of name '%s': no such name", name)
		}
		write(k)
		return nil
	}
}

// logControlProperties are those of org.freedesktop.LogControl1(5), which systemctl log-level uses.
var logControlProperties = []property{
	{name: "LogLevel", sig: "s", emits: silent, get: text(func(v *Values) string { return v.LogLevel }), set: true},
	{name: "LogTarget", sig: "s", emits: silent, get: text(func(v *Values) string { return v.LogTarget }), set: true},
	{name: "SyslogIdentifier", sig: "s", emits: constant, get: func(_ *object, e *encoder) { e.string("davit") }},
}
