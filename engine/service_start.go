package engine

import (
	"strconv"

	"davit/graph"
	"davit/unit"
)

// start begins a run of the service.
func (s *Service) start() outcome {
	switch {
	case s.busy():
		return notNow
	case s.u.ActiveState() == Activating:
		return began
	}
	if s.settings() == nil {
		return refused
	}
	s.Result, s.ReloadResult = ServiceSuccess, ServiceSuccess
	s.Main, s.Control = Execution{}, Execution{}
	s.MainIndex, s.NoRestart, s.Ready, s.Stopping = 0, false, false, false
	s.StatusText, s.StatusErrno, s.WatchdogUSec = "", 0, 0
	if s.FreshCount {
		s.Restarts, s.FreshCount = 0, false
	}
	s.u.Invocation = s.u.e.newID()
	s.enterCondition()
	return began
}

func (s *Service) enterCondition() {
	if s.runControl(ServiceCondition, ExecCondition, 0) {
		s.timeoutIn(s.settings().TimeoutStart)
		return
	}
	s.enterStartPre()
}

func (s *Service) enterStartPre() {
	if s.runControl(ServiceStartPre, ExecStartPre, 0) {
		s.timeoutIn(s.settings().TimeoutStart)
		return
	}
	s.enterStart()
}

// enterStart starts the main process, or for a forking service the process that will leave it behind.
func (s *Service) enterStart() {
	d := s.settings()
	if d.Type == unit.ServiceForking {
		s.runControl(ServiceStart, ExecStart, 0)
		s.timeoutIn(d.TimeoutStart)
		return
	}
	if len(d.ExecStart) == 0 {
		s.set(ServiceStart) // a oneshot may have none; it begins and ends all the same, for its SuccessAction= and OnSuccess=
		s.enterStartPost()
		return
	}
	s.spawnMain(0)
	s.set(ServiceStart)
	s.timeoutIn(d.TimeoutStart)
}

// spawned takes a new process on.
func (s *Service) spawned(r role, pid int) {
	now := s.u.e.now
	if r == roleControl {
		s.ControlToken = 0
		s.Control = Execution{PID: pid, LastPID: pid, Start: now}
		s.killLate(pid)
		return
	}
	s.MainToken = 0
	s.Main = Execution{PID: pid, LastPID: pid, Start: now}
	if s.killLate(pid) || s.State != ServiceStart {
		return
	}
	switch s.settings().Type {
	case unit.ServiceSimple, unit.ServiceIdle:
		s.enterStartPost()
	case unit.ServiceExec, unit.ServiceForking, unit.ServiceOneshot, unit.ServiceDBus, unit.ServiceNotify, unit.ServiceNotifyReload:
	}
}

// execed completes the start of a service whose type waits for exec.
func (s *Service) execed(pid int) {
	if s.State == ServiceStart && pid == s.Main.PID && s.settings().Type == unit.ServiceExec {
		s.enterStartPost()
	}
}

// spawnFailed is the failure to make a process at all.
func (s *Service) spawnFailed(r role, v SpawnFailed) {
	now := s.u.e.now
	dead := Execution{Start: now, Exit: now, Code: CLDExited, Status: v.Status}
	if r == roleControl {
		s.ControlToken = 0
		s.Control = dead
		if s.lineIgnored(s.Phase, s.Index) {
			s.nextControl(ServiceSuccess)
			return
		}
		s.nextControl(s.whyNot(v))
		return
	}
	s.MainToken = 0
	s.Main = dead
	s.nextMain(s.whyNot(v))
}

// whyNot is the result of a process that never was: as if it had ended with the status that systemd's child ends with, where there
// is one.
func (s *Service) whyNot(v SpawnFailed) ServiceResult {
	if v.Status != 0 {
		return ServiceExitCode
	}
	return ServiceResources
}

// enterStartPost runs what follows the start of the main process.
func (s *Service) enterStartPost() {
	if s.settings().Type != unit.ServiceOneshot {
		s.armWatchdog()
	}
	if s.runControl(ServiceStartPost, ExecStartPost, 0) {
		s.timeoutIn(s.settings().TimeoutStart)
		return
	}
	s.enterRunning(ServiceSuccess)
}

// enterRunning is where a service settles after its start or a reload, and where it goes on from when something of it ended.
func (s *Service) enterRunning(f ServiceResult) {
	d := s.settings()
	s.fail(f)
	switch {
	case f != ServiceSuccess:
		s.enterStop(f)
	case s.good():
		if s.Stopping {
			s.enterStopByNotify()
			return
		}
		s.set(ServiceRunning)
		s.boundRuntime()
	case d.RemainAfterExit:
		s.set(ServiceExited)
	default:
		s.enterStop(ServiceSuccess)
	}
}

// good reports whether the service is there: its main process, or, where none is known, any process of its cgroup.
func (s *Service) good() bool {
	switch {
	case s.Main.PID > 0:
		return true
	case s.settings().ExitType == unit.ExitCgroup:
		return s.u.Populated
	case s.settings().Type == unit.ServiceForking && s.Main.LastPID == 0:
		return s.u.Populated
	}
	return false
}

// boundRuntime arms RuntimeMaxSec=, counted from when the service became active.
func (s *Service) boundRuntime() {
	m := s.settings().RuntimeMax
	if m <= 0 || m == forever {
		return
	}
	s.u.setTimer(s.u.ActiveEnter.Mono + int64(m))
}

// spawnMain asks for the main process: line i of ExecStart=.
func (s *Service) spawnMain(i int) {
	s.MainIndex = i
	x := s.spawn(ExecStart, i, roleMain)
	x.Notice = s.settings().Type == unit.ServiceExec
	s.MainToken = x.Token
	s.u.e.do(x)
}

// runControl enters state and asks for line i of a setting as the control process. It reports whether there is such a line.
func (s *Service) runControl(state ServiceState, p Phase, i int) bool {
	if i >= len(s.commands(p)) {
		return false
	}
	s.abandon(&s.Control) // one that not even SIGKILL has ended yet
	s.Phase, s.Index = p, i
	x := s.spawn(p, i, roleControl)
	s.ControlToken = x.Token
	s.u.e.do(x)
	if s.State != state {
		s.set(state)
	}
	return true
}

// spawn describes a process of the service.
func (s *Service) spawn(p Phase, i int, r role) Spawn {
	d := s.settings()
	x := Spawn{
		Token: s.u.e.expect(s.u, r), Unit: s.u.ID, Phase: p, Index: i, Main: r == roleMain, Invocation: s.u.Invocation,
		Notify: d.NotifyAccess != unit.NotifyNone || d.Type == unit.ServiceNotify || d.Type == unit.ServiceNotifyReload,
		Conn:   s.Conn,
	}
	for _, o := range s.u.Related(graph.TriggeredBy) {
		if t := s.u.e.units[o]; t.Socket() != nil && s.Conn == 0 {
			x.Sockets = append(x.Sockets, o)
		}
	}
	if s.Main.PID > 0 && r == roleControl {
		x.Env = append(x.Env, "MAINPID="+strconv.Itoa(s.Main.PID))
	}
	if w := s.watchdog(); w > 0 {
		x.Env = append(x.Env, "WATCHDOG_USEC="+strconv.FormatInt(w, 10))
	}
	if p == ExecStop || p == ExecStopPost {
		x.Env = append(x.Env, s.resultEnvironment()...)
	}
	return x
}

// resultEnvironment tells ExecStop= and ExecStopPost= how it went.
func (s *Service) resultEnvironment() []string {
	env := []string{"SERVICE_RESULT=" + s.Result.String()}
	if s.Main.Code != ExitNone {
		env = append(env, "EXIT_CODE="+s.Main.Code.String(), "EXIT_STATUS="+s.Main.status())
	}
	return env
}

// restartAt says when the service is to be started again.
func (s *Service) restartAt() int64 { return s.u.e.now.Mono + max(1, s.restartDelay()) }
