package unit

import (
	"reflect"
	"testing"
)

// TestDependentDefaults is for defaults that depend on other settings (systemd.service(5), systemd.socket(5)).
func TestDependentDefaults(t *testing.T) {
	service := func(lines string) *Unit {
		u := FromText("a.service", "[Service]\n"+lines+"\n", "/a.service", Specifiers{})
		if u.Load != Loaded || len(u.Warnings) > 0 {
			t.Errorf("%s: %v %s %v", lines, u.Load, u.LoadText, u.Warnings)
		}
		return u
	}
	const start = "ExecStart=/x\n"
	for _, c := range []struct {
		lines string
		value func(*Unit) any
		want  any
	}{
		{"ExecStop=/x\nRemainAfterExit=yes", func(u *Unit) any { return u.Service.Type }, ServiceOneshot},
		{start + "BusName=a.b", func(u *Unit) any { return u.Service.Type }, ServiceDBus},
		{start + "Type=oneshot", func(u *Unit) any { return u.Service.TimeoutStart }, Infinity},
		{start + "Type=oneshot\nTimeoutStartSec=5", func(u *Unit) any { return u.Service.TimeoutStart }, 5 * Second},
		{start + "TimeoutSec=5", func(u *Unit) any { return u.Service.TimeoutStart + u.Service.TimeoutStop }, 10 * Second},
		{start + "TimeoutSec=0", func(u *Unit) any { return u.Service.TimeoutStop }, Infinity},
		{start + "TimeoutStopSec=5", func(u *Unit) any { return u.Service.TimeoutAbort }, 5 * Second},
		{start + "TimeoutStopSec=5\nTimeoutAbortSec=7", func(u *Unit) any { return u.Service.TimeoutAbort }, 7 * Second},
		{start + "Type=notify", func(u *Unit) any { return u.Service.NotifyAccess }, NotifyMain},
		{start + "WatchdogSec=1", func(u *Unit) any { return u.Service.NotifyAccess }, NotifyMain},
		{start + "Type=notify\nNotifyAccess=none", func(u *Unit) any { return u.Service.NotifyAccess }, NotifyMain},
		{start + "Type=notify\nNotifyAccess=all", func(u *Unit) any { return u.Service.NotifyAccess }, NotifyAll},
		{start + "StandardInput=tty", func(u *Unit) any { return u.Exec.StandardOutput.Kind }, OutputInherit},
		{start + "StandardInput=socket", func(u *Unit) any { return u.Exec.StandardOutput.Kind }, OutputInherit},
		{start + "StandardInput=tty\nStandardOutput=journal", func(u *Unit) any { return u.Exec.StandardOutput.Kind }, OutputJournal},
		{start + "KillSignal=SIGINT", func(u *Unit) any { return u.Kill.RestartKillSignal }, Signal(2)},
		{start + "Delegate=yes", func(u *Unit) any { return u.Service.OOMPolicy }, OOMContinue},
		{start + "CapabilityBoundingSet=~CAP_CHOWN", func(u *Unit) any { return u.Exec.CapabilityBoundingSet }, AllCapabilities &^ 1},
		{start + "CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=CAP_KILL", func(u *Unit) any { return u.Exec.CapabilityBoundingSet }, Capabilities(1 | 1<<5)},
		{start + "CapabilityBoundingSet=CAP_CHOWN CAP_KILL\nCapabilityBoundingSet=~CAP_KILL", func(u *Unit) any { return u.Exec.CapabilityBoundingSet }, Capabilities(1)},
		{start + "CapabilityBoundingSet=", func(u *Unit) any { return u.Exec.CapabilityBoundingSet }, Capabilities(0)},
		{start + "CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=~", func(u *Unit) any { return u.Exec.CapabilityBoundingSet }, AllCapabilities},
		{start + "CapabilityBoundingSet=\nCapabilityBoundingSet=CAP_CHOWN", func(u *Unit) any { return u.Exec.CapabilityBoundingSet }, Capabilities(1)},
	} {
		if got := c.value(service(c.lines)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.lines, got, c.want)
		}
	}
	socket := FromText("a.socket", "[Socket]\nListenStream=/a\nAccept=yes\nMaxConnections=9\n", "/a.socket", Specifiers{}).Socket
	if socket.TriggerLimitBurst != 200 || socket.TriggerLimitInterval != 2*Second || socket.MaxConnectionsPerSource != 9 || socket.SocketMode != 0o666 {
		t.Errorf("socket: %+v", socket)
	}
}
