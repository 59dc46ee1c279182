package engine

import "davit/unit"

// stop begins to take the service down, on purpose.
func (s *Service) stop() outcome {
	s.NoRestart = true
	switch s.State {
	case ServiceAutoRestart, ServiceAutoRestartQueued:
		s.set(s.restingState())
	case ServiceRunning, ServiceExited:
		s.enterStop(ServiceSuccess)
	case ServiceCondition, ServiceStartPre, ServiceStart, ServiceStartPost, ServiceReload, ServiceReloadSignal, ServiceReloadNotify:
		s.enterSignal(ServiceStopSigterm, ServiceSuccess)
	case ServiceStop, ServiceStopWatchdog, ServiceStopSigterm, ServiceStopSigkill, ServiceStopPost, ServiceFinalWatchdog,
		ServiceFinalSigterm, ServiceFinalSigkill:
	case ServiceDead, ServiceFailed, numServiceStates:
		return alreadyDone
	}
	return began
}

// enterStop runs ExecStop=.
func (s *Service) enterStop(f ServiceResult) {
	s.fail(f)
	if s.runControl(ServiceStop, ExecStop, 0) {
		s.timeoutIn(s.settings().TimeoutStop)
		return
	}
	s.enterSignal(ServiceStopSigterm, ServiceSuccess)
}

// enterStopByNotify waits for a service that said STOPPING=1 to end by itself.
func (s *Service) enterStopByNotify() {
	s.set(ServiceStopSigterm)
	s.timeoutIn(s.settings().TimeoutStop)
}

// enterSignal sends the signal of a stop state to what is left of the service; where nothing is left, it goes on at once.
func (s *Service) enterSignal(state ServiceState, f ServiceResult) {
	s.fail(f)
	if !s.kill(state) {
		s.afterSignal(state)
		return
	}
	s.set(state)
	s.timeoutIn(s.signalTimeout(state))
}

func (s *Service) signalTimeout(state ServiceState) unit.Timespan {
	d := s.settings()
	if state == ServiceStopWatchdog || state == ServiceFinalWatchdog {
		return d.TimeoutAbort
	}
	return d.TimeoutStop
}

// afterSignal is what follows a signal state once there is nothing to wait for.
func (s *Service) afterSignal(state ServiceState) {
	k := s.u.Def.Kill
	switch state {
	case ServiceStopWatchdog, ServiceStopSigterm:
		if k.SendSIGKILL {
			s.enterSignal(ServiceStopSigkill, ServiceSuccess)
			return
		}
		s.enterStopPost(ServiceSuccess)
	case ServiceStopSigkill:
		s.enterStopPost(ServiceSuccess)
	case ServiceFinalWatchdog, ServiceFinalSigterm:
		if k.SendSIGKILL {
			s.enterSignal(ServiceFinalSigkill, ServiceSuccess)
			return
		}
		s.enterDead(ServiceSuccess, true)
	default:
		s.enterDead(ServiceSuccess, true)
	}
}

// enterStopPost runs ExecStopPost=.
func (s *Service) enterStopPost(f ServiceResult) {
	s.fail(f)
	if s.runControl(ServiceStopPost, ExecStopPost, 0) {
		s.timeoutIn(s.settings().TimeoutStop)
		return
	}
	s.enterSignal(ServiceFinalSigterm, ServiceSuccess)
}

// kill sends the signal that belongs to a state, as KillMode= says, and reports whether there is something to wait for.
func (s *Service) kill(state ServiceState) bool {
	k := s.u.Def.Kill
	sig, last := s.killSignal(state)
	x := Kill{Unit: s.u.ID, Signal: sig, Hangup: k.SendSIGHUP && !last, Cont: !last && sig != sigCONT && sig != sigKILL}
	if k.KillMode == unit.KillNone {
		return false
	}
	if s.Main.PID > 0 {
		x.PIDs = append(x.PIDs, s.Main.PID)
	}
	if s.Control.PID > 0 {
		x.PIDs = append(x.PIDs, s.Control.PID)
	}
	x.Group = s.u.Populated && (k.KillMode == unit.KillControlGroup || k.KillMode == unit.KillMixed && last)
	wait := s.mainAlive() || s.controlAlive() || x.Group
	if len(x.PIDs) > 0 || x.Group {
		s.u.e.do(x)
	}
	return wait
}

// killSignal returns the signal that belongs to a state, and whether it is the one that cannot be ignored.
func (s *Service) killSignal(state ServiceState) (sig int, last bool) {
	k := s.u.Def.Kill
	switch state {
	case ServiceStopWatchdog, ServiceFinalWatchdog:
		return int(k.WatchdogSignal), false
	case ServiceStopSigkill, ServiceFinalSigkill:
		return int(k.FinalKillSignal), true
	}
	if s.u.Job != nil && s.u.Job.Type == JobRestart && k.RestartKillSignal != 0 {
		return int(k.RestartKillSignal), false
	}
	return int(k.KillSignal), false
}

// killLate sends the present state's signal to a process that came to be after the signal was sent to the others.
func (s *Service) killLate(pid int) bool {
	switch s.State {
	case ServiceStopWatchdog, ServiceStopSigterm, ServiceStopSigkill, ServiceFinalWatchdog, ServiceFinalSigterm, ServiceFinalSigkill:
		sig, last := s.killSignal(s.State)
		s.u.e.do(Kill{Unit: s.u.ID, Signal: sig, PIDs: []int{pid}, Cont: !last})
		return true
	}
	return false
}

// enterDead is the end of a run: the service rests, or waits to be started again.
func (s *Service) enterDead(f ServiceResult, allowRestart bool) {
	s.fail(f)
	s.MainIndex, s.WatchdogUSec = 0, 0
	s.abandon(&s.Main)
	s.abandon(&s.Control)
	s.logEnd()
	if s.Conn != 0 {
		s.u.e.do(CloseConnection{s.Conn})
		s.Conn = 0
	}
	again := allowRestart && s.shallRestart()
	if s.State != s.restingState() {
		s.setThen(s.restingState(), again)
	}
	if again {
		s.awaitRestart()
		return
	}
	s.FreshCount = true
	s.NoRestart = false
	s.release(false)
}

// abandon stops to follow a process that is stuck in the kernel. It stays in the cgroup, which is kept until it is empty.
func (s *Service) abandon(x *Execution) {
	if x.PID > 0 {
		delete(s.u.e.procs, x.PID)
		x.PID = 0
	}
}

// release gives back what the run held.
func (s *Service) release(restarting bool) {
	keep := s.u.Def.Exec.RuntimeDirectoryPreserve
	s.u.e.do(Release{Unit: s.u.ID, KeepRuntime: keep == unit.PreserveYes || keep == unit.PreserveRestart && restarting, Restarting: restarting})
}

// restingState is where a run ends.
func (s *Service) restingState() ServiceState {
	if s.Result == ServiceSuccess || s.Result == ServiceExecCondition {
		return ServiceDead
	}
	return ServiceFailed
}
