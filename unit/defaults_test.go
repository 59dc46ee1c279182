package unit

import "testing"

// TestDefaultSettings looks at those whose loss would go unnoticed until a service misbehaves.
func TestDefaultSettings(t *testing.T) {
	u := New("a.service")
	e, k, c := u.Exec, u.Kill, u.Common
	for _, d := range []struct {
		name       string
		have, want any
	}{
		{"CapabilityBoundingSet", e.CapabilityBoundingSet, AllCapabilities},
		{"AmbientCapabilities", e.AmbientCapabilities, Capabilities(0)},
		{"RestrictNamespaces", e.RestrictNamespaces, AllNamespaces},
		{"UMask", e.UMask, Mode(0o022)},
		{"LogLevelMax", e.LogLevelMax, LogLevelUnset},
		{"SyslogLevel", e.SyslogLevel, LogInfo},
		{"SyslogFacility", e.SyslogFacility, FacilityDaemon},
		{"SyslogLevelPrefix", e.SyslogLevelPrefix, true},
		{"StandardInput", e.StandardInput, Input{}},
		{"StandardOutput", e.StandardOutput, Output{Kind: OutputJournal}},
		{"StandardError", e.StandardError, Output{Kind: OutputInherit}},
		{"RuntimeDirectoryMode", e.RuntimeDirectoryMode, Mode(0o755)},
		{"IgnoreSIGPIPE", e.IgnoreSIGPIPE, true},
		{"TimeoutCleanSec", e.TimeoutClean, Infinity},
		{"KillMode", k.KillMode, KillControlGroup},
		{"KillSignal", k.KillSignal, Signal(15)},
		{"RestartKillSignal", k.RestartKillSignal, Signal(15)},
		{"FinalKillSignal", k.FinalKillSignal, Signal(9)},
		{"WatchdogSignal", k.WatchdogSignal, Signal(6)},
		{"SendSIGKILL", k.SendSIGKILL, true},
		{"DefaultDependencies", c.DefaultDependencies, true},
		{"JobTimeoutSec", c.JobTimeout, Infinity},
		{"StartLimitIntervalSec", c.StartLimitInterval, 10 * Second},
		{"StartLimitBurst", c.StartLimitBurst, uint32(5)},
		{"OnFailureJobMode", c.OnFailureJobMode, JobReplace},
		{"OnSuccessJobMode", c.OnSuccessJobMode, JobFail},
		{"RestartSec", u.Service.RestartDelay, 100 * Millisecond},
		{"TimeoutStartSec", u.Service.TimeoutStart, 90 * Second},
		{"RuntimeMaxSec", u.Service.RuntimeMax, Infinity},
		{"ReloadSignal", u.Service.ReloadSignal, Signal(1)},
		{"IgnoreOnIsolate of a mount", New("a.mount").Common.IgnoreOnIsolate, true},
		{"IgnoreOnIsolate of a service", c.IgnoreOnIsolate, false},
	} {
		if d.have != d.want {
			t.Errorf("%s is %v by default, want %v", d.name, d.have, d.want)
		}
	}
}

// TestDerived is what follows from other settings.
func TestDerived(t *testing.T) {
	load := func(text string) *Unit { return FromText("a.service", text, "/a.service", Specifiers{}) }
	if u := load("[Service]\nExecStop=/bin/true\nRemainAfterExit=yes\n"); u.Service.Type != ServiceOneshot || u.Service.TimeoutStart != Infinity {
		t.Error("no ExecStart=: ", u.Service.Type, u.Service.TimeoutStart)
	}
	if u := load("[Service]\nExecStart=/bin/true\nBusName=org.example.A\n"); u.Service.Type != ServiceDBus {
		t.Error("BusName=: ", u.Service.Type)
	}
	if u := load("[Service]\nExecStart=/bin/true\nTimeoutSec=5\n"); u.Service.TimeoutStart != 5*Second || u.Service.TimeoutStop != 5*Second || u.Service.TimeoutAbort != 5*Second {
		t.Error("TimeoutSec=: ", u.Service.TimeoutStart, u.Service.TimeoutStop, u.Service.TimeoutAbort)
	}
	if u := load("[Service]\nExecStart=/bin/true\nType=notify\n"); u.Service.NotifyAccess != NotifyMain {
		t.Error("Type=notify: ", u.Service.NotifyAccess)
	}
	if u := load("[Service]\nExecStart=/bin/true\nStandardInput=socket\n"); u.Exec.StandardOutput.Kind != OutputInherit {
		t.Error("StandardInput=socket: ", u.Exec.StandardOutput)
	}
	if u := load("[Service]\nExecStart=/bin/true\nKillSignal=INT\n"); u.Kill.RestartKillSignal != 2 {
		t.Error("KillSignal=: ", u.Kill.RestartKillSignal)
	}
	if u := load("[Service]\nExecStart=/bin/true\nDelegate=yes\n"); u.Service.OOMPolicy != OOMContinue {
		t.Error("Delegate=yes: ", u.Service.OOMPolicy)
	}
	if u := load("[Service]\nExecStart=/bin/true\nStartLimitInterval=3\n"); u.Common.StartLimitInterval != 3*Second {
		t.Error("StartLimitInterval= in [Service]: ", u.Common.StartLimitInterval)
	}
	if a, b := load("[Service]\nExecStart=/bin/true\n"), load("[Service]\nExecStart=/bin/false\n"); a.Exec != b.Exec || a.Kill != b.Kill {
		t.Error("blocks without assignments are not shared")
	}
}
