package engine

import (
	"strconv"
	"strings"

	"davit/graph"
	"davit/unit"
)

// SocketState is where a socket unit is in its life.
type SocketState uint8

// The sub states of a socket unit (org.freedesktop.systemd1(5)).
const (
	SocketDead SocketState = iota
	SocketStartPre
	SocketStartChown
	SocketStartPost
	SocketListening
	SocketRunning
	SocketStopPre
	SocketStopPreSigterm
	SocketStopPreSigkill
	SocketStopPost
	SocketFinalSigterm
	SocketFinalSigkill
	SocketFailed
	numSocketStates
)

var socketTraits = [numSocketStates]traits{
	SocketDead:           {"dead", Inactive},
	SocketStartPre:       {"start-pre", Activating},
	SocketStartChown:     {"start-chown", Activating},
	SocketStartPost:      {"start-post", Activating},
	SocketListening:      {"listening", Active},
	SocketRunning:        {"running", Active},
	SocketStopPre:        {"stop-pre", Deactivating},
	SocketStopPreSigterm: {"stop-pre-sigterm", Deactivating},
	SocketStopPreSigkill: {"stop-pre-sigkill", Deactivating},
	SocketStopPost:       {"stop-post", Deactivating},
	SocketFinalSigterm:   {"final-sigterm", Deactivating},
	SocketFinalSigkill:   {"final-sigkill", Deactivating},
	SocketFailed:         {"failed", Failed},
}

// SocketResult is why a socket unit failed, or that it did not.
type SocketResult uint8

// The results of a socket unit.
const (
	SocketSuccess SocketResult = iota
	SocketResources
	SocketTimeout
	SocketExitCode
	SocketSignal
	SocketCoreDump
	SocketStartLimitHit
	SocketTriggerLimitHit
	SocketServiceStartLimitHit
	numSocketResults
)

var socketResultNames = [numSocketResults]string{
	"success", "resources", "timeout", "exit-code", "signal", "core-dump", "start-limit-hit", "trigger-limit-hit",
	"service-start-limit-hit",
}

func (r SocketResult) String() string { return socketResultNames[r] }

// Socket is what a socket unit adds to Unit.
type Socket struct {
	u *Unit
	SocketRecord
}

// SocketRecord is the state of a socket unit: plain data, that survives re-execution.
type SocketRecord struct {
	State        SocketState
	Result       SocketResult `json:",omitempty"`
	Control      Execution
	ControlToken Token  `json:",omitempty"`
	OpenToken    Token  `json:",omitempty"`
	Phase        Phase  //
	Index        int    `json:",omitempty"`
	Open         bool   `json:",omitempty"` // the manager holds its listeners
	Accepted     int    `json:",omitempty"` // connections ever accepted
	Connections  int    `json:",omitempty"` // connections being served
	Refused      int    `json:",omitempty"`
	Trigger      window // activations, against TriggerLimitBurst=
}

func (s *Socket) state() *traits            { return &socketTraits[s.State] }
func (s *Socket) result() string            { return s.Result.String() }
func (s *Socket) record() any               { return &s.SocketRecord }
func (s *Socket) pids() (main, control int) { return 0, s.Control.PID }
func (s *Socket) reload() outcome           { return refused }
func (s *Socket) canReload() bool           { return false }
func (s *Socket) settings() *unit.Socket    { return s.u.Def.Socket }

func (s *Socket) set(to SocketState) {
	from := s.State
	s.State = to
	s.u.moved(&socketTraits[from], &socketTraits[to], true, false)
}

// service returns the unit that traffic starts (Accept=no).
func (s *Socket) service() *Unit {
	for o := range s.u.others(graph.Triggers) {
		return o
	}
	return nil
}

func (s *Socket) start() outcome {
	switch s.u.ActiveState() {
	case Activating:
		return began
	case Deactivating:
		return notNow
	default:
	}
	if o := s.service(); o != nil && !s.settings().Accept && !resting(o) {
		s.u.Failures = o.ID + " is active already, it could not take the socket"
		return refused
	}
	s.Result = SocketSuccess
	s.u.Invocation = s.u.e.newID()
	if !s.runControl(SocketStartPre, ExecStartPre, 0) {
		s.enterOpen()
	}
	return began
}

// enterOpen has the listeners opened.
func (s *Socket) enterOpen() {
	s.OpenToken = s.u.e.expect(s.u, roleMain)
	s.u.e.do(OpenSockets{s.OpenToken, s.u.ID})
	s.Open = true
	s.set(SocketStartChown)
	s.bound()
}

func (e *Engine) socketsOpened(v SocketsOpened) {
	w, ok := e.answer(v.Token)
	if !ok || w.unit.gone || w.unit.Socket() == nil {
		return
	}
	s := w.unit.Socket()
	e.cause = w.unit.why
	s.OpenToken = 0
	switch {
	case s.State != SocketStartChown:
		return
	case v.Text != "":
		w.unit.Failures = v.Text
		e.cause = e.because(Cause{Kind: ByExit, Unit: w.unit.ID, Text: v.Text, Parent: w.unit.why})
		e.do(Log{Priority: 3, Unit: w.unit.ID, Text: v.Text})
		s.enterStopPre(SocketResources)
	case s.runControl(SocketStartPost, ExecStartPost, 0):
	default:
		s.enterListening()
	}
}

// enterListening waits for traffic, unless the service is there already.
func (s *Socket) enterListening() {
	if o := s.service(); o != nil && !s.settings().Accept && !resting(o) {
		s.set(SocketRunning)
		return
	}
	s.set(SocketListening)
	s.u.e.do(WatchSockets{s.u.ID, true})
}

// incoming starts the service that the traffic is for.
func (e *Engine) incoming(v Incoming) {
	u := e.units[v.Unit]
	if u == nil || u.Socket() == nil || u.Socket().State != SocketListening {
		return
	}
	e.cause = e.because(Cause{Kind: ByTrigger, Unit: u.ID, Text: "traffic"})
	u.Socket().enterRunning()
}

func (s *Socket) enterRunning() {
	e := s.u.e
	s.u.e.do(WatchSockets{s.u.ID, false})
	o := s.service()
	if !s.withinTriggerLimit() {
		s.u.Failures = "it was triggered too often (TriggerLimitBurst=)"
		s.enterStopPre(SocketTriggerLimitHit)
		return
	}
	if o == nil || s.u.stopPending() {
		return
	}
	if _, err := e.submit(o, JobStart, ModeReplace, e.cause, false); err != nil {
		s.u.Failures = "cannot start " + o.ID + ": " + err.Text
		e.do(Log{Priority: 3, Unit: s.u.ID, Text: s.u.ID + ": " + s.u.Failures})
		s.enterStopPre(SocketResources)
		return
	}
	s.set(SocketRunning)
}

func (s *Socket) withinTriggerLimit() bool {
	d := s.settings()
	return s.Trigger.pass(s.u.e.now.Mono, int64(d.TriggerLimitInterval), int(d.TriggerLimitBurst))
}

// accepted starts an instance of the service for one connection (Accept=yes).
func (e *Engine) accepted(v Accepted) {
	u := e.units[v.Unit]
	if u == nil || u.Socket() == nil || u.Socket().State != SocketListening {
		e.do(CloseConnection{v.Conn})
		return
	}
	e.cause = e.because(Cause{Kind: ByTrigger, Unit: u.ID, Text: "connection " + v.Instance})
	u.Socket().serve(v)
}

func (s *Socket) serve(v Accepted) {
	e, d := s.u.e, s.settings()
	if s.Connections >= int(d.MaxConnections) && d.MaxConnections > 0 || s.fromSource(v.Source) >= perSource(d) {
		s.Refused++
		e.do(CloseConnection{v.Conn})
		e.do(Log{Priority: 4, Unit: s.u.ID, Text: s.u.ID + ": too many connections, one from " + v.Source + " was refused"})
		return
	}
	if !s.withinTriggerLimit() {
		e.do(CloseConnection{v.Conn})
		s.u.Failures = "it was triggered too often (TriggerLimitBurst=)"
		s.enterStopPre(SocketTriggerLimitHit)
		return
	}
	s.Accepted++
	o := e.load(unit.Instantiate(s.template(), strconv.Itoa(s.Accepted-1)+"-"+v.Instance))
	svc := o.Service()
	if svc == nil || svc.Conn != 0 {
		e.do(CloseConnection{v.Conn})
		return
	}
	svc.Conn, svc.Source, svc.From = v.Conn, v.Source, s.u.ID
	e.graph.Add(s.u.node, graph.Triggers, o.node, graph.Implicit)
	s.Connections++
	e.mark(s.u, markChanged)
	if _, err := e.submit(o, JobStart, ModeFail, e.cause, false); err != nil {
		e.do(Log{Priority: 4, Unit: s.u.ID, Text: s.u.ID + ": cannot start " + o.ID + ": " + err.Text})
		s.unserve(o)
	}
}

// template returns the name of the template whose instances serve connections.
func (s *Socket) template() string {
	return strings.TrimSuffix(s.u.ID, ".socket") + "@.service"
}

func perSource(d *unit.Socket) int {
	if d.MaxConnectionsPerSource == 0 {
		return 1 << 30
	}
	return int(d.MaxConnectionsPerSource)
}

// fromSource counts the connections of one source that are being served.
func (s *Socket) fromSource(source string) (n int) {
	for o := range s.u.others(graph.Triggers) {
		if svc := o.Service(); svc != nil && svc.Conn != 0 && svc.Source == source {
			n++
		}
	}
	return n
}

// unserve forgets an instance whose connection is over.
func (s *Socket) unserve(o *Unit) {
	svc := o.Service()
	if svc.Conn != 0 {
		s.u.e.do(CloseConnection{svc.Conn})
		svc.Conn = 0
	}
	s.Connections = max(0, s.Connections-1)
	s.u.e.mark(s.u, markChanged)
	s.u.e.graph.Forget(s.u.node, graph.Triggers, o.node)
	s.u.e.mark(o, markCollect)
}

// triggerNotify listens again when the service has ended.
func (s *Socket) triggerNotify(o *Unit) {
	if s.settings().Accept {
		if o.ActiveState().down() && s.State != SocketDead && s.State != SocketFailed && o.Job == nil {
			s.u.e.after = append(s.u.e.after, func() { s.unserve(o) })
		}
		return
	}
	if s.State != SocketRunning && s.State != SocketListening {
		return
	}
	svc := o.Service()
	switch {
	case svc != nil && svc.State == ServiceFailed && svc.Result == ServiceStartLimitHit:
		s.u.Failures = o.ID + " was started too often"
		s.enterStopPre(SocketServiceStartLimitHit)
	case resting(o) && s.State == SocketRunning:
		s.enterListening()
	case !resting(o) && s.State == SocketListening:
		s.u.e.do(WatchSockets{s.u.ID, false})
		s.set(SocketRunning)
	}
}

// resting reports whether a service leaves its sockets alone: it is down, or waits to be restarted.
func resting(o *Unit) bool {
	svc := o.Service()
	return o.ActiveState().down() || svc != nil && svc.restartPending()
}

func (s *Socket) resetFailed() {
	if s.State == SocketFailed {
		s.set(SocketDead)
	}
	s.Result = SocketSuccess
	s.Trigger = window{}
}

func (s *Socket) hitStartLimit() {
	s.u.Failures = "it was started too often (StartLimitBurst=)"
	s.enterDead(SocketStartLimitHit)
}
