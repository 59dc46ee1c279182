package engine

import (
	"slices"
	"strconv"

	"davit/unit"
)

// notified acts on a datagram of sd_notify(3), if its sender may say such things.
func (s *Service) notified(v Notify) {
	if !s.mayNotify(v.PID) {
		s.u.e.do(Log{Priority: 4, Unit: s.u.ID, Text: s.u.ID + ": got a notification from pid " + strconv.Itoa(v.PID) + ", which NotifyAccess=" + s.settings().NotifyAccess.String() + " does not accept"})
		return
	}
	for _, f := range v.Fields {
		s.notifiedField(v, f)
	}
	s.u.e.mark(s.u, markChanged)
}

func (s *Service) mayNotify(pid int) bool {
	switch s.settings().NotifyAccess {
	case unit.NotifyNone:
		return false
	case unit.NotifyMain:
		return pid == s.Main.PID || s.Main.PID == 0 && pid == 0
	case unit.NotifyExec:
		return pid == s.Main.PID || pid == s.Control.PID
	case unit.NotifyAll, unit.NotifyUnset:
	}
	return true
}

func (s *Service) notifiedField(v Notify, f Field) {
	switch f.Key {
	case "READY":
		if f.Value == "1" {
			s.ready()
		}
	case "STOPPING":
		if f.Value == "1" {
			s.Stopping = true
			if s.State == ServiceRunning {
				s.enterStopByNotify()
			}
		}
	case "RELOADING":
		if f.Value == "1" {
			s.saysReloading(v)
		}
	case "STATUS":
		s.StatusText = f.Value
	case "ERRNO":
		s.StatusErrno = number(f.Value)
	case "MAINPID":
		s.saysMain(number(f.Value))
	case "WATCHDOG":
		s.saysWatchdog(f.Value)
	case "WATCHDOG_USEC":
		if t := int64(number(f.Value)); t > 0 {
			s.WatchdogUSec = t
			s.armWatchdog()
		}
	case "EXTEND_TIMEOUT_USEC":
		s.extend(int64(number(f.Value)))
	case "FDSTORE", "FDSTOREREMOVE":
		s.storeFDs(v, f.Key == "FDSTORE")
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// ready is READY=1: the end of a start, or of a reload that the service told of itself.
func (s *Service) ready() {
	s.Ready = true
	d := s.settings()
	notifies := d.Type == unit.ServiceNotify || d.Type == unit.ServiceNotifyReload
	switch {
	case s.State == ServiceStart && notifies:
		s.enterStartPost()
	case s.State == ServiceReloadNotify:
		s.enterRunning(ServiceSuccess)
	}
}

// saysReloading is RELOADING=1: the answer to a reload signal, or news of a reload that nobody asked for.
func (s *Service) saysReloading(v Notify) {
	switch s.State {
	case ServiceReloadSignal:
		if stamp(v) >= s.ReloadBegan {
			s.enterReloadNotify()
		}
	case ServiceRunning:
		if s.settings().Type == unit.ServiceNotify || s.settings().Type == unit.ServiceNotifyReload {
			s.enterReloadNotify()
		}
	default:
	}
}

func stamp(v Notify) int64 {
	i := slices.IndexFunc(v.Fields, func(f Field) bool { return f.Key == "MONOTONIC_USEC" })
	if i < 0 {
		return math63
	}
	n, err := strconv.ParseInt(v.Fields[i].Value, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

const math63 = 1<<63 - 1

func (s *Service) enterReloadNotify() {
	s.set(ServiceReloadNotify)
	s.timeoutIn(s.settings().TimeoutStart)
}

// saysMain is MAINPID=: the service names its main process.
func (s *Service) saysMain(pid int) {
	if pid <= 1 || pid == s.Main.PID {
		return
	}
	switch s.State {
	case ServiceStart, ServiceStartPost, ServiceRunning, ServiceReload, ServiceReloadSignal, ServiceReloadNotify:
		s.setMain(pid)
	default:
	}
}

// setMain makes another process the main one.
func (s *Service) setMain(pid int) {
	e := s.u.e
	if s.Main.PID > 0 {
		delete(e.procs, s.Main.PID)
	}
	s.Main = Execution{PID: pid, LastPID: pid, Alien: true, Start: e.now}
	e.procs[pid] = process{s.u, roleMain}
	e.do(Adopt{s.u.ID, pid})
	e.mark(s.u, markChanged)
}

// extend is EXTEND_TIMEOUT_USEC=: the state's time is not up before so many µs from now.
func (s *Service) extend(usec int64) {
	if usec <= 0 {
		return
	}
	at := s.u.e.now.Mono + usec
	if s.State == ServiceRunning && s.u.Timer == 0 {
		return
	}
	s.StateLimit = max(s.StateLimit, at)
}

func (s *Service) storeFDs(v Notify, keep bool) {
	x := StoreFDs{Unit: s.u.ID, Keep: keep, Name: "stored", Poll: true}
	for _, f := range v.Fields {
		switch f.Key {
		case "FDNAME":
			x.Name = f.Value
		case "FDPOLL":
			x.Poll = f.Value != "0"
		}
	}
	s.u.e.do(x)
}

// watchdog returns the watchdog interval in µs, 0 when there is none.
func (s *Service) watchdog() int64 {
	if s.WatchdogUSec > 0 {
		return s.WatchdogUSec
	}
	if w := s.settings().Watchdog; w > 0 && w != forever {
		return int64(w)
	}
	return 0
}

// armWatchdog starts the watchdog's time anew.
func (s *Service) armWatchdog() {
	w := s.watchdog()
	if w == 0 {
		s.WatchdogAt = 0
		return
	}
	s.WatchdogLast = s.u.e.now
	s.WatchdogAt = s.u.e.now.Mono + w
	s.u.e.timers.set(s.u, timerWatchdog, s.WatchdogAt)
}

func (s *Service) saysWatchdog(value string) {
	switch value {
	case "1":
		if s.WatchdogAt != 0 || s.State == ServiceStart {
			s.armWatchdog()
		}
	case "trigger":
		s.watchdogMissed()
	}
}

// watchdogMissed is the failure of a service that gave no sign of life in time.
func (s *Service) watchdogMissed() {
	e := s.u.e
	s.WatchdogAt = 0
	e.cause = e.because(Cause{Kind: ByTimeout, Unit: s.u.ID, Text: "watchdog timeout", Parent: s.u.why})
	s.u.Failures = "it gave no sign of life within WatchdogSec="
	switch s.u.ActiveState() {
	case Active, Reloading, Activating:
		s.enterSignal(ServiceStopWatchdog, ServiceWatchdog)
	default:
	}
}

// oomKilled acts on the kernel's killing of a process for want of memory, as OOMPolicy= says.
func (s *Service) oomKilled() {
	s.u.Failures = "a process of it was killed because memory ran out"
	policy := s.settings().OOMPolicy
	if policy == unit.OOMContinue {
		return
	}
	switch s.State {
	case ServiceCondition, ServiceStartPre, ServiceStart, ServiceStartPost, ServiceStop:
		if policy == unit.OOMKill {
			s.enterSignal(ServiceStopSigkill, ServiceOOMKill)
			return
		}
		s.enterSignal(ServiceStopSigterm, ServiceOOMKill)
	case ServiceRunning, ServiceExited, ServiceReload, ServiceReloadSignal, ServiceReloadNotify:
		if policy == unit.OOMKill {
			s.enterSignal(ServiceStopSigkill, ServiceOOMKill)
			return
		}
		s.enterStop(ServiceOOMKill)
	default:
		if s.u.ActiveState() == Deactivating && (s.Result == ServiceSuccess || s.Result == ServiceSignal) {
			s.Result = ServiceOOMKill // the exit was seen before the kernel's report
		}
	}
}
