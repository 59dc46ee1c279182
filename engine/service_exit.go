package engine

import "davit/unit"

// exited acts on the end of one of the service's processes: classify it, record it, go on.
func (s *Service) exited(r role, pid int, code ExitCode, status int) {
	switch {
	case r == roleMain && pid == s.Main.PID:
		f := s.classify(roleMain, ExecStart, s.MainIndex, code, status)
		s.Main.end(s.u.e.now, code, status)
		s.logExit("Main process", s.Main, f)
		s.nextMain(f)
	case r == roleControl && pid == s.Control.PID:
		f := s.classify(roleControl, s.Phase, s.Index, code, status)
		s.Control.end(s.u.e.now, code, status)
		if f != ServiceSuccess {
			s.logExit("Control process", s.Control, f)
		}
		s.nextControl(f)
	}
}

func (x *Execution) end(now Clock, code ExitCode, status int) {
	x.PID = 0
	x.Exit, x.Code, x.Status = now, code, status
}

// classify says what the end of a process means for the service. A signal that asks to end is a clean end for a daemon, not for
// a command that was to finish its work.
func (s *Service) classify(r role, p Phase, i int, code ExitCode, status int) ServiceResult {
	d := s.settings()
	daemon := r == roleMain && d.Type != unit.ServiceOneshot
	switch {
	case p == ExecCondition && code == CLDExited && status > 0 && status < 255:
		return ServiceExecCondition
	case code == CLDExited && status == 0, inSet(d.SuccessExitStatus, Execution{Code: code, Status: status}):
		return ServiceSuccess
	case code == CLDKilled && daemon && (status == sigHUP || status == sigINT || status == sigTERM || status == sigPIPE):
		return ServiceSuccess
	case s.lineIgnored(p, i):
		return ServiceSuccess
	case code == CLDExited:
		return ServiceExitCode
	case code == CLDDumped:
		return ServiceCoreDump
	}
	return ServiceSignal
}

// lineIgnored reports whether the failure of a command line is to be ignored ("-").
func (s *Service) lineIgnored(p Phase, i int) bool {
	c := s.commands(p)
	return i < len(c) && c[i].IgnoreFailure
}

// nextMain goes on from the end of the main process.
func (s *Service) nextMain(f ServiceResult) {
	d := s.settings()
	if s.FindToken != 0 {
		return // a forking service may name another one yet
	}
	switch s.State {
	case ServiceStart:
		s.mainEndedWhileStarting(f)
	case ServiceRunning:
		if f == ServiceSuccess && d.ExitType == unit.ExitCgroup && s.u.Populated {
			return
		}
		s.enterRunning(f)
	case ServiceStartPost, ServiceReload, ServiceReloadSignal, ServiceReloadNotify, ServiceStop:
		s.mainEndedUnderControl(f)
	case ServiceStopWatchdog, ServiceStopSigterm, ServiceStopSigkill:
		if !s.controlAlive() {
			s.enterStopPost(f)
			return
		}
		s.fail(f)
	case ServiceStopPost:
		if !s.controlAlive() {
			s.enterSignal(ServiceFinalSigterm, f)
			return
		}
		s.fail(f)
	case ServiceFinalWatchdog, ServiceFinalSigterm, ServiceFinalSigkill:
		s.fail(f)
		s.goneIfEmpty()
	case ServiceDead, ServiceCondition, ServiceStartPre, ServiceExited, ServiceFailed, ServiceAutoRestart, ServiceAutoRestartQueued, numServiceStates:
		s.fail(f)
	}
}

func (s *Service) mainEndedWhileStarting(f ServiceResult) {
	d := s.settings()
	switch {
	case f != ServiceSuccess:
		s.enterSignal(ServiceStopSigterm, f)
	case d.Type == unit.ServiceOneshot && s.MainIndex+1 < len(d.ExecStart):
		s.spawnMain(s.MainIndex + 1)
	case d.Type == unit.ServiceOneshot:
		s.enterStartPost()
	case d.Type == unit.ServiceExec || d.Type == unit.ServiceSimple || d.Type == unit.ServiceIdle:
		s.enterRunning(ServiceSuccess) // it was over before exec was reported
	case d.RemainAfterExit:
		s.enterRunning(ServiceSuccess)
	default:
		s.u.Failures = "the main process ended before it said that it is ready"
		s.enterSignal(ServiceStopSigterm, ServiceProtocol)
	}
}

// mainEndedUnderControl: a control process is at work, and its end decides. A reload that the main process was to do itself is
// over with it.
func (s *Service) mainEndedUnderControl(f ServiceResult) {
	s.fail(f)
	if s.controlAlive() {
		return
	}
	switch s.State {
	case ServiceReload, ServiceReloadSignal, ServiceReloadNotify:
		s.ReloadResult = ServiceProtocol
		s.enterRunning(f)
	case ServiceStop:
		s.enterSignal(ServiceStopSigterm, f)
	default:
		s.enterRunning(f)
	}
}

// nextControl goes on from the end of a control process.
func (s *Service) nextControl(f ServiceResult) {
	if f == ServiceSuccess && s.inPhase() && s.runControl(s.State, s.Phase, s.Index+1) {
		s.timeoutAnew()
		return
	}
	switch s.State {
	case ServiceCondition:
		switch f {
		case ServiceSuccess:
			s.enterStartPre()
		case ServiceExecCondition:
			s.u.Failures = "ExecCondition= said no"
			s.enterSignal(ServiceStopSigterm, f)
		default:
			s.enterSignal(ServiceStopSigterm, f)
		}
	case ServiceStartPre:
		if f == ServiceSuccess {
			s.enterStart()
			return
		}
		s.enterSignal(ServiceStopSigterm, f)
	case ServiceStart:
		if f == ServiceSuccess {
			s.findMain()
			return
		}
		s.enterSignal(ServiceStopSigterm, f)
	case ServiceStartPost:
		if f == ServiceSuccess {
			s.enterRunning(s.mainEnd())
			return
		}
		s.enterSignal(ServiceStopSigterm, f)
	case ServiceReload, ServiceReloadSignal, ServiceReloadNotify:
		s.reloadControlEnded(f)
	case ServiceStop:
		s.enterSignal(ServiceStopSigterm, f)
	case ServiceStopWatchdog, ServiceStopSigterm, ServiceStopSigkill:
		s.fail(f)
		if !s.mainAlive() {
			s.enterStopPost(f)
		}
	case ServiceStopPost:
		s.enterSignal(ServiceFinalSigterm, f)
	case ServiceFinalWatchdog, ServiceFinalSigterm, ServiceFinalSigkill:
		s.fail(f)
		s.goneIfEmpty()
	case ServiceDead, ServiceRunning, ServiceExited, ServiceFailed, ServiceAutoRestart, ServiceAutoRestartQueued, numServiceStates:
	}
}

// mainEnd returns what a main process that ended under ExecStartPost= means.
func (s *Service) mainEnd() ServiceResult {
	if s.Main.PID == 0 && s.Main.Code != ExitNone && s.settings().Type != unit.ServiceOneshot {
		return s.classify(roleMain, ExecStart, s.MainIndex, s.Main.Code, s.Main.Status)
	}
	return ServiceSuccess
}

// inPhase reports whether the state still is the one in which the setting's lines run one after another.
func (s *Service) inPhase() bool {
	switch s.State {
	case ServiceCondition:
		return s.Phase == ExecCondition
	case ServiceStartPre:
		return s.Phase == ExecStartPre
	case ServiceStart:
		return s.Phase == ExecStart
	case ServiceStartPost:
		return s.Phase == ExecStartPost
	case ServiceReload:
		return s.Phase == ExecReload
	case ServiceStop:
		return s.Phase == ExecStop
	case ServiceStopPost:
		return s.Phase == ExecStopPost
	default:
		return false
	}
}

// timeoutAnew gives the next line of a setting the full time again.
func (s *Service) timeoutAnew() {
	if s.State == ServiceStop || s.State == ServiceStopPost {
		s.timeoutIn(s.settings().TimeoutStop)
		return
	}
	s.timeoutIn(s.settings().TimeoutStart)
}

// goneIfEmpty ends a final state once nothing of the service is left.
func (s *Service) goneIfEmpty() {
	if !s.mainAlive() && !s.controlAlive() && !(s.u.Populated && s.waitsForGroup()) {
		s.enterDead(ServiceSuccess, true)
	}
}

func (s *Service) waitsForGroup() bool {
	m := s.u.Def.Kill.KillMode
	return m == unit.KillControlGroup || m == unit.KillMixed
}

// emptied acts on the end of the last process in the cgroup.
func (s *Service) emptied() {
	if s.mainAlive() || s.controlAlive() {
		return
	}
	switch s.State {
	case ServiceStart:
		if s.settings().Type == unit.ServiceForking && s.FindToken == 0 && s.Main.LastPID == 0 {
			s.u.Failures = "all its processes ended while it was starting"
			s.enterSignal(ServiceStopSigterm, ServiceProtocol)
		}
	case ServiceRunning:
		s.enterRunning(ServiceSuccess)
	case ServiceStopWatchdog, ServiceStopSigterm, ServiceStopSigkill:
		s.enterStopPost(ServiceSuccess)
	case ServiceStopPost, ServiceFinalWatchdog, ServiceFinalSigterm, ServiceFinalSigkill:
		s.enterDead(ServiceSuccess, true)
	case ServiceDead, ServiceFailed:
		s.release(false)
	case ServiceCondition, ServiceStartPre, ServiceStartPost, ServiceExited, ServiceReload, ServiceReloadSignal, ServiceReloadNotify, ServiceStop,
		ServiceAutoRestart, ServiceAutoRestartQueued, numServiceStates:
	}
}

// timeout acts on the end of the time that a state has.
func (s *Service) timeout() {
	e := s.u.e
	if s.StateLimit > e.now.Mono {
		s.u.setTimer(s.StateLimit)
		return
	}
	e.cause = e.because(Cause{Kind: ByTimeout, Unit: s.u.ID, Text: s.State.String() + " timed out", Parent: s.u.why})
	switch s.State {
	case ServiceCondition, ServiceStartPre, ServiceStart, ServiceStartPost:
		s.u.Failures = "it took longer than TimeoutStartSec= to start (" + s.State.String() + ")"
		s.startTimedOut()
	case ServiceRunning:
		s.u.Failures = "it ran longer than RuntimeMaxSec="
		s.enterStop(ServiceTimeout)
	case ServiceReload, ServiceReloadSignal, ServiceReloadNotify:
		s.reloadTimedOut()
	case ServiceStop:
		s.enterSignal(ServiceStopSigterm, ServiceTimeout)
	case ServiceStopWatchdog, ServiceStopSigterm:
		s.u.Failures = "it took longer than TimeoutStopSec= to stop"
		if s.u.Def.Kill.SendSIGKILL {
			s.enterSignal(ServiceStopSigkill, ServiceTimeout)
			return
		}
		s.enterStopPost(ServiceTimeout)
	case ServiceStopSigkill:
		s.enterStopPost(ServiceTimeout)
	case ServiceStopPost:
		s.enterSignal(ServiceFinalSigterm, ServiceTimeout)
	case ServiceFinalWatchdog, ServiceFinalSigterm:
		if s.u.Def.Kill.SendSIGKILL {
			s.enterSignal(ServiceFinalSigkill, ServiceTimeout)
			return
		}
		s.enterDead(ServiceTimeout, false)
	case ServiceFinalSigkill:
		s.enterDead(ServiceTimeout, true)
	case ServiceAutoRestart:
		s.restart()
	case ServiceDead, ServiceExited, ServiceFailed, ServiceAutoRestartQueued, numServiceStates:
	}
}

func (s *Service) startTimedOut() {
	switch s.settings().TimeoutStartFailureMode {
	case unit.TimeoutAbort:
		s.enterSignal(ServiceStopWatchdog, ServiceTimeout)
	case unit.TimeoutKill:
		s.enterSignal(ServiceStopSigkill, ServiceTimeout)
	default:
		s.enterSignal(ServiceStopSigterm, ServiceTimeout)
	}
}

// String returns the state's name.
func (s ServiceState) String() string { return serviceTraits[s].name }
