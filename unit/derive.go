package unit

import "strings"

// Defaults is what the manager's configuration says for settings that a unit leaves out (systemd-system.conf(5)). A zero field
// stands for systemd's default.
type Defaults struct {
	TimeoutStart, TimeoutStop, TimeoutAbort Timespan // 90s, 90s, TimeoutStop
	Restart                                 Timespan // 100ms
	StartLimitInterval                      Timespan // 10s
	StartLimitBurst                         uint32   // 5
	StandardOutput, StandardError           Output   // journal, inherit
	OOMPolicy                               OOMPolicy
	TasksMax                                Amount // unset
}

func (d Defaults) complete() Defaults {
	or := func(t *Timespan, def Timespan) {
		if *t == 0 {
			*t = def
		}
	}
	or(&d.TimeoutStart, 90*Second)
	or(&d.TimeoutStop, 90*Second)
	or(&d.TimeoutAbort, d.TimeoutStop)
	or(&d.Restart, 100*Millisecond)
	or(&d.StartLimitInterval, 10*Second)
	if d.StartLimitBurst == 0 {
		d.StartLimitBurst = 5
	}
	if d.StandardOutput.Kind == OutputInherit {
		d.StandardOutput.Kind = OutputJournal
	}
	if d.OOMPolicy == OOMUnset {
		d.OOMPolicy = OOMStop
	}
	return d
}

// derive sets the defaults that depend on other settings.
func (l *loader) derive() {
	switch l.u.Type {
	case TypeService:
		l.deriveService()
	case TypeSocket:
		l.deriveSocket()
	case TypePath:
		l.derivePath()
	case TypeMount, TypeAutomount:
		l.deriveMount()
	case TypeScope:
		if l.u.Scope.OOMPolicy == OOMUnset {
			l.own[blockScope] = true
			l.block(blockScope).Addr().Interface().(*Scope).OOMPolicy = OOMStop
		}
	default:
	}
	l.deriveKill()
	l.deriveExec()
	l.deriveCommon()
}

func (l *loader) deriveService() {
	s := l.block(blockService).Addr().Interface().(*Service)
	if !l.assigned("Type") {
		switch {
		case s.BusName != "":
			s.Type = ServiceDBus
		case len(s.ExecStart) == 0:
			s.Type = ServiceOneshot
		}
	}
	if !l.assigned("TimeoutStartSec") {
		s.TimeoutStart = l.def.TimeoutStart
		if s.Type == ServiceOneshot {
			s.TimeoutStart = Infinity
		}
	}
	if !l.assigned("TimeoutStopSec") {
		s.TimeoutStop = l.def.TimeoutStop
	}
	if !l.assigned("TimeoutAbortSec") {
		s.TimeoutAbort = s.TimeoutStop
		if l.def.TimeoutAbort != l.def.TimeoutStop {
			s.TimeoutAbort = l.def.TimeoutAbort
		}
	}
	if !l.assigned("RestartSec") {
		s.RestartDelay = l.def.Restart
	}
	notifies := s.Type == ServiceNotify || s.Type == ServiceNotifyReload || s.Watchdog > 0 || s.FileDescriptorStoreMax > 0
	switch {
	case s.NotifyAccess > NotifyNone:
	case notifies:
		s.NotifyAccess = NotifyMain
	default:
		s.NotifyAccess = NotifyNone
	}
	if s.OOMPolicy == OOMUnset {
		s.OOMPolicy = l.def.OOMPolicy
		if l.u.Resources.Delegate.On {
			s.OOMPolicy = OOMContinue
		}
	}
}

// deriveSocket sets the trigger limits, which are laxer for sockets that start one service per connection.
func (l *loader) deriveSocket() {
	s := l.block(blockSocket).Addr().Interface().(*Socket)
	trigger, poll := uint32(20), uint32(15)
	if s.Accept {
		trigger, poll = 200, 150
	}
	limit(&s.TriggerLimitInterval, &s.TriggerLimitBurst, trigger)
	limit(&s.PollLimitInterval, &s.PollLimitBurst, poll)
	if s.MaxConnectionsPerSource == 0 && !l.assigned("MaxConnectionsPerSource") {
		s.MaxConnectionsPerSource = s.MaxConnections
	}
	if !l.assigned("TimeoutSec") {
		s.Timeout = l.def.TimeoutStart
	}
}

func (l *loader) derivePath() {
	p := l.block(blockPath).Addr().Interface().(*Path)
	limit(&p.TriggerLimitInterval, &p.TriggerLimitBurst, 200)
}

// limit replaces what is unset in a limit on activations.
func limit(interval *Timespan, burst *uint32, def uint32) {
	if *interval == Infinity {
		*interval = 2 * Second
	}
	if *burst == ^uint32(0) {
		*burst = def
	}
}

// deriveMount finds out where from the unit's name.
func (l *loader) deriveMount() {
	prefix := l.u.Name[:strings.LastIndexByte(l.u.Name, '.')]
	where, err := UnescapePath(prefix)
	if err != nil {
		return
	}
	switch l.u.Type {
	case TypeMount:
		if m := l.block(blockMount).Addr().Interface().(*Mount); m.Where == "" {
			m.Where = where
		}
	case TypeAutomount:
		if m := l.block(blockAutomount).Addr().Interface().(*Automount); m.Where == "" {
			m.Where = where
		}
	default:
	}
}

func (l *loader) deriveKill() {
	k := l.u.Kill
	if k != nil && k.RestartKillSignal != k.KillSignal && !l.assigned("RestartKillSignal") {
		l.block(blockKill).Addr().Interface().(*Kill).RestartKillSignal = k.KillSignal
	}
}

// deriveExec connects output to what the input is connected to, where that can take it.
func (l *loader) deriveExec() {
	if l.u.Exec == nil {
		return
	}
	out, errors := l.u.Exec.StandardOutput, l.u.Exec.StandardError
	if !l.assigned("StandardOutput") {
		out = l.def.StandardOutput
		switch l.u.Exec.StandardInput.Kind {
		case InputTTY, InputTTYForce, InputTTYFail, InputSocket, InputFD:
			out = Output{Kind: OutputInherit}
		default:
		}
	}
	if !l.assigned("StandardError") {
		errors = l.def.StandardError
	}
	if out != l.u.Exec.StandardOutput || errors != l.u.Exec.StandardError {
		l.keys[blockExec] = append(l.keys[blockExec], "output"...)
		e := l.block(blockExec).Addr().Interface().(*Exec)
		e.StandardOutput, e.StandardError = out, errors
	}
}

func (l *loader) deriveCommon() {
	c := l.u.Common
	interval, burst := c.StartLimitInterval, c.StartLimitBurst
	if !l.unitAssigned("StartLimitIntervalSec", "StartLimitInterval") {
		interval = l.def.StartLimitInterval
	}
	if !l.unitAssigned("StartLimitBurst") {
		burst = l.def.StartLimitBurst
	}
	if interval != c.StartLimitInterval || burst != c.StartLimitBurst {
		c := l.block(blockCommon).Addr().Interface().(*Common)
		c.StartLimitInterval, c.StartLimitBurst = interval, burst
	}
	if l.def.TasksMax.Set && l.u.Resources != nil && l.u.Type != TypeSlice && !l.assigned("TasksMax") {
		l.block(blockResources).Addr().Interface().(*Resources).TasksMax = l.def.TasksMax
	}
}

// unitAssigned says whether a file set the key in [Unit], or in its old place in [Service].
func (l *loader) unitAssigned(keys ...string) bool {
	for _, key := range keys {
		for _, section := range [...]string{sectionUnit, "Service"} {
			if d := table[section][key]; d != nil && l.seen[d.id] {
				return true
			}
		}
	}
	return false
}
