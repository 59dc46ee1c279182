package engine

import "davit/unit"

// ServiceState is where a service is in its life.
type ServiceState uint8

// The sub states of a service (org.freedesktop.systemd1(5)).
const (
	ServiceDead ServiceState = iota
	ServiceCondition
	ServiceStartPre
	ServiceStart
	ServiceStartPost
	ServiceRunning
	ServiceExited
	ServiceReload
	ServiceReloadSignal
	ServiceReloadNotify
	ServiceStop
	ServiceStopWatchdog
	ServiceStopSigterm
	ServiceStopSigkill
	ServiceStopPost
	ServiceFinalWatchdog
	ServiceFinalSigterm
	ServiceFinalSigkill
	ServiceFailed
	ServiceAutoRestart
	ServiceAutoRestartQueued
	numServiceStates
)

// serviceTraits is the state table: everything that code elsewhere asks about a state.
var serviceTraits = [numServiceStates]traits{
	ServiceDead:              {"dead", Inactive},
	ServiceCondition:         {"condition", Activating},
	ServiceStartPre:          {"start-pre", Activating},
	ServiceStart:             {"start", Activating},
	ServiceStartPost:         {"start-post", Activating},
	ServiceRunning:           {"running", Active},
	ServiceExited:            {"exited", Active},
	ServiceReload:            {"reload", Reloading},
	ServiceReloadSignal:      {"reload-signal", Reloading},
	ServiceReloadNotify:      {"reload-notify", Reloading},
	ServiceStop:              {"stop", Deactivating},
	ServiceStopWatchdog:      {"stop-watchdog", Deactivating},
	ServiceStopSigterm:       {"stop-sigterm", Deactivating},
	ServiceStopSigkill:       {"stop-sigkill", Deactivating},
	ServiceStopPost:          {"stop-post", Deactivating},
	ServiceFinalWatchdog:     {"final-watchdog", Deactivating},
	ServiceFinalSigterm:      {"final-sigterm", Deactivating},
	ServiceFinalSigkill:      {"final-sigkill", Deactivating},
	ServiceFailed:            {"failed", Failed},
	ServiceAutoRestart:       {"auto-restart", Activating},
	ServiceAutoRestartQueued: {"auto-restart-queued", Activating},
}

// ServiceResult is why a service failed, or that it did not.
type ServiceResult uint8

// The results of a service (systemd.exec(5), $SERVICE_RESULT).
const (
	ServiceSuccess ServiceResult = iota
	ServiceResources
	ServiceProtocol
	ServiceTimeout
	ServiceExitCode
	ServiceSignal
	ServiceCoreDump
	ServiceWatchdog
	ServiceStartLimitHit
	ServiceOOMKill
	ServiceExecCondition
	numServiceResults
)

var serviceResultNames = [numServiceResults]string{
	"success", "resources", "protocol", "timeout", "exit-code", "signal", "core-dump", "watchdog", "start-limit-hit", "oom-kill",
	"exec-condition",
}

func (r ServiceResult) String() string { return serviceResultNames[r] }

// Service is what a service unit adds to Unit.
type Service struct {
	u *Unit
	ServiceRecord
}

// ServiceRecord is the state of a service: plain data, that survives re-execution.
type ServiceRecord struct {
	State        ServiceState
	Result       ServiceResult `json:",omitempty"` // of the run as a whole: the first thing that went wrong
	ReloadResult ServiceResult `json:",omitempty"`
	Main         Execution     // the main process
	Control      Execution     // the control process
	MainToken    Token         `json:",omitempty"` // a main process is being spawned
	ControlToken Token         `json:",omitempty"` // a control process is being spawned
	FindToken    Token         `json:",omitempty"` // the main process of a forking service is being looked for
	MainIndex    int           `json:",omitempty"` // which ExecStart= line
	Phase        Phase         // which setting the control process comes from
	Index        int           `json:",omitempty"` // which line of it
	Ready        bool          `json:",omitempty"` // READY=1 was seen
	Stopping     bool          `json:",omitempty"` // STOPPING=1 was seen
	NoRestart    bool          `json:",omitempty"` // it was stopped on purpose
	Restarts     int           `json:",omitempty"` // automatic restarts since it was last started on request
	FreshCount   bool          `json:",omitempty"` // the next start on request counts restarts anew
	StatusText   string        `json:",omitempty"`
	StatusErrno  int           `json:",omitempty"`
	WatchdogAt   int64         `json:",omitempty"` // monotonic µs at which the watchdog bites
	WatchdogUSec int64         `json:",omitempty"` // WATCHDOG_USEC= from the service, over WatchdogSec=
	WatchdogLast Clock         // last keep-alive
	StateLimit   int64         `json:",omitempty"` // monotonic µs before which EXTEND_TIMEOUT_USEC= keeps the state's time from being up
	Conn         uint64        `json:",omitempty"` // the accepted connection that it serves
	Source       string        `json:",omitempty"` // where that comes from
	From         string        `json:",omitempty"` // the socket unit that accepted it
	ReloadBegan  int64         `json:",omitempty"` // monotonic µs, for MONOTONIC_USEC= of notify-reload
}

// Execution is one process and how it ended.
type Execution struct {
	PID     int  `json:",omitempty"` // 0 when it does not run
	LastPID int  `json:",omitempty"` // also after its end
	Alien   bool `json:",omitempty"` // not our own child
	Start   Clock
	Exit    Clock
	Code    ExitCode `json:",omitempty"`
	Status  int      `json:",omitempty"`
}

func (s *Service) state() *traits            { return &serviceTraits[s.State] }
func (s *Service) result() string            { return s.Result.String() }
func (s *Service) record() any               { return &s.ServiceRecord }
func (s *Service) pids() (main, control int) { return s.Main.PID, s.Control.PID }
func (s *Service) settings() *unit.Service   { return s.u.Def.Service }
func (s *Service) mainAlive() bool           { return s.Main.PID > 0 || s.MainToken != 0 }
func (s *Service) controlAlive() bool        { return s.Control.PID > 0 || s.ControlToken != 0 }

// busy reports whether the service is on its way down, or waits to be restarted: a start has to wait.
func (s *Service) busy() bool { return s.u.ActiveState() == Deactivating || s.restartPending() }

func (s *Service) restartPending() bool {
	return s.State == ServiceAutoRestart || s.State == ServiceAutoRestartQueued
}

// canReload reports whether the service has a way to reload.
func (s *Service) canReload() bool {
	d := s.settings()
	return d != nil && (len(d.ExecReload) > 0 || d.Type == unit.ServiceNotifyReload)
}

// set enters a state.
func (s *Service) set(to ServiceState) { s.setThen(to, false) }

// setThen enters a state; again says that the restart policy goes on from there.
func (s *Service) setThen(to ServiceState, again bool) {
	from := s.State
	s.State = to
	if to != ServiceReload && to != ServiceReloadSignal && to != ServiceReloadNotify && to != ServiceRunning && to != ServiceExited && to != ServiceStartPost {
		s.WatchdogAt = 0
	}
	s.StateLimit = 0
	s.u.moved(&serviceTraits[from], &serviceTraits[to], s.ReloadResult == ServiceSuccess, again)
}

// timeoutIn bounds the present state by a time span; none for infinity and 0.
func (s *Service) timeoutIn(t unit.Timespan) {
	if t <= 0 || t == forever {
		s.u.setTimer(0)
		return
	}
	s.u.setTimer(s.u.e.now.Mono + int64(t))
}

// fail keeps the first reason of a failure.
func (s *Service) fail(r ServiceResult) {
	if s.Result == ServiceSuccess {
		s.Result = r
	}
}

// commands returns the command lines of a setting.
func (s *Service) commands(p Phase) []unit.Command {
	d := s.settings()
	if d == nil {
		return nil
	}
	switch p {
	case ExecCondition:
		return d.ExecCondition
	case ExecStartPre:
		return d.ExecStartPre
	case ExecStart:
		return d.ExecStart
	case ExecStartPost:
		return d.ExecStartPost
	case ExecReload:
		return d.ExecReload
	case ExecStop:
		return d.ExecStop
	case ExecStopPost:
		return d.ExecStopPost
	case ExecStopPre, NumPhases:
	}
	return nil
}

// resetFailed forgets a failure.
func (s *Service) resetFailed() {
	if s.State == ServiceFailed {
		s.set(ServiceDead)
	}
	s.Result, s.ReloadResult = ServiceSuccess, ServiceSuccess
	s.Restarts, s.FreshCount = 0, false
}

// hitStartLimit is the failure of a service that was started too often.
func (s *Service) hitStartLimit() {
	s.u.Failures = "it was started too often (StartLimitBurst=)"
	s.Result = ServiceStartLimitHit
	s.logEnd()
	s.set(ServiceFailed)
}
