package engine

import "davit/unit"

// reload begins to reload the service: a signal for notify-reload, then ExecReload=.
func (s *Service) reload() outcome {
	switch s.State {
	case ServiceRunning, ServiceExited:
	default:
		return notNow
	}
	s.ReloadResult = ServiceSuccess
	d := s.settings()
	if d.Type == unit.ServiceNotifyReload && s.Main.PID > 0 {
		s.ReloadBegan = s.u.e.now.Mono
		s.u.e.do(Kill{Unit: s.u.ID, Signal: int(d.ReloadSignal), PIDs: []int{s.Main.PID}})
		if len(d.ExecReload) == 0 {
			s.set(ServiceReloadSignal)
			s.timeoutIn(d.TimeoutStart)
			return began
		}
	}
	if !s.runControl(ServiceReload, ExecReload, 0) {
		return refused
	}
	s.timeoutIn(d.TimeoutStart)
	return began
}

// reloadControlEnded goes on from the end of ExecReload=.
func (s *Service) reloadControlEnded(f ServiceResult) {
	s.ReloadResult = f
	if s.State == ServiceReload && s.settings().Type == unit.ServiceNotifyReload && f == ServiceSuccess {
		s.set(ServiceReloadSignal)
		s.timeoutIn(s.settings().TimeoutStart)
		return
	}
	if s.settings().Type == unit.ServiceForking && f == ServiceSuccess && s.settings().PIDFile != "" {
		s.askForMain()
	}
	s.enterRunning(s.mainEnd())
}

// reloadTimedOut gives a reload up; the service runs on.
func (s *Service) reloadTimedOut() {
	if s.Control.PID > 0 {
		s.u.e.do(Kill{Unit: s.u.ID, Signal: sigKILL, PIDs: []int{s.Control.PID}})
		s.abandon(&s.Control)
	}
	s.ReloadResult = ServiceTimeout
	s.enterRunning(ServiceSuccess)
}

// findMain looks for the main process that a forking service left behind.
func (s *Service) findMain() {
	if s.Main.PID > 0 {
		s.enterStartPost() // it named one by MAINPID=
		return
	}
	s.askForMain()
}

func (s *Service) askForMain() {
	d := s.settings()
	if d.PIDFile == "" && !d.GuessMainPID {
		if s.State == ServiceStart {
			s.enterStartPost()
		}
		return
	}
	s.FindToken = s.u.e.expect(s.u, roleMain)
	s.u.e.do(FindMainPID{s.FindToken, s.u.ID, d.PIDFile})
}

// mainFound takes the main process on. Without one a service with PIDFile= fails, and one without is watched by its cgroup.
func (s *Service) mainFound(v MainPIDFound) {
	s.FindToken = 0
	if v.PID > 0 && v.PID != s.Main.PID {
		s.setMain(v.PID)
	}
	if s.State != ServiceStart {
		return
	}
	if v.PID == 0 && s.settings().PIDFile != "" {
		s.u.Failures = v.Text
		s.enterSignal(ServiceStopSigterm, ServiceProtocol)
		return
	}
	if v.PID == 0 && !s.u.Populated {
		s.u.Failures = "all its processes ended while it was starting"
		s.enterSignal(ServiceStopSigterm, ServiceProtocol)
		return
	}
	s.enterStartPost()
}

// triggerNotify is of no use to a service: it triggers nothing.
func (s *Service) triggerNotify(*Unit) {}
