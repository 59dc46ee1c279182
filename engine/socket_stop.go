package engine

import "davit/unit"

func (s *Socket) stop() outcome {
	switch s.u.ActiveState() {
	case Deactivating:
		return began
	case Activating:
		s.enterSignal(SocketStopPreSigterm, SocketSuccess)
	default:
		s.enterStopPre(SocketSuccess)
	}
	return began
}

func (s *Socket) fail(r SocketResult) {
	if s.Result == SocketSuccess {
		s.Result = r
	}
}

func (s *Socket) enterStopPre(f SocketResult) {
	s.fail(f)
	if !s.runControl(SocketStopPre, ExecStopPre, 0) {
		s.enterStopPost(SocketSuccess)
	}
}

// enterStopPost closes the listeners and runs ExecStopPost=.
func (s *Socket) enterStopPost(f SocketResult) {
	s.fail(f)
	if s.Open {
		s.Open = false
		s.u.e.do(CloseSockets{s.u.ID})
	}
	if !s.runControl(SocketStopPost, ExecStopPost, 0) {
		s.enterSignal(SocketFinalSigterm, SocketSuccess)
	}
}

func (s *Socket) enterSignal(state SocketState, f SocketResult) {
	s.fail(f)
	k := s.u.Def.Kill
	sig := int(k.KillSignal)
	if state == SocketStopPreSigkill || state == SocketFinalSigkill {
		sig = sigKILL
	}
	if s.Control.PID == 0 && s.ControlToken == 0 {
		s.afterSignal(state)
		return
	}
	if s.Control.PID > 0 {
		s.u.e.do(Kill{Unit: s.u.ID, Signal: sig, PIDs: []int{s.Control.PID}, Group: s.u.Populated, Cont: sig != sigKILL})
	}
	s.set(state)
	s.bound()
}

func (s *Socket) afterSignal(state SocketState) {
	if state == SocketStopPreSigterm || state == SocketStopPreSigkill {
		s.enterStopPost(SocketSuccess)
		return
	}
	s.enterDead(SocketSuccess)
}

func (s *Socket) enterDead(f SocketResult) {
	s.fail(f)
	to := SocketDead
	if s.Result != SocketSuccess {
		to = SocketFailed
		s.u.e.do(Log{Priority: 4, Unit: s.u.ID, Text: s.u.ID + ": failed with result '" + s.Result.String() + "'."})
	}
	if s.State != to {
		s.set(to)
	}
	s.u.e.do(Release{Unit: s.u.ID})
}

// bound gives the state the time of TimeoutSec=.
func (s *Socket) bound() {
	t := s.settings().Timeout
	if t <= 0 || t == forever {
		s.u.setTimer(0)
		return
	}
	s.u.setTimer(s.u.e.now.Mono + int64(t))
}

func (s *Socket) commands(p Phase) []unit.Command {
	d := s.settings()
	switch p {
	case ExecStartPre:
		return d.ExecStartPre
	case ExecStartPost:
		return d.ExecStartPost
	case ExecStopPre:
		return d.ExecStopPre
	case ExecStopPost:
		return d.ExecStopPost
	default:
		return nil
	}
}

func (s *Socket) runControl(state SocketState, p Phase, i int) bool {
	if i >= len(s.commands(p)) {
		return false
	}
	s.Phase, s.Index = p, i
	s.ControlToken = s.u.e.expect(s.u, roleControl)
	s.u.e.do(Spawn{Token: s.ControlToken, Unit: s.u.ID, Phase: p, Index: i, Invocation: s.u.Invocation})
	if s.State != state {
		s.set(state)
	}
	s.bound()
	return true
}

func (s *Socket) spawned(_ role, pid int) {
	s.ControlToken = 0
	s.Control = Execution{PID: pid, LastPID: pid, Start: s.u.e.now}
	switch s.State {
	case SocketStopPreSigterm, SocketStopPreSigkill, SocketFinalSigterm, SocketFinalSigkill:
		s.u.e.do(Kill{Unit: s.u.ID, Signal: sigKILL, PIDs: []int{pid}})
	default:
	}
}

func (s *Socket) spawnFailed(role, SpawnFailed) {
	s.ControlToken = 0
	s.next(SocketResources)
}

func (s *Socket) exited(_ role, pid int, code ExitCode, status int) {
	if pid != s.Control.PID {
		return
	}
	s.Control.end(s.u.e.now, code, status)
	f := SocketSuccess
	c := s.commands(s.Phase)
	switch {
	case code == CLDExited && status == 0, s.Index < len(c) && c[s.Index].IgnoreFailure:
	case code == CLDExited:
		f = SocketExitCode
	case code == CLDDumped:
		f = SocketCoreDump
	default:
		f = SocketSignal
	}
	s.next(f)
}

// next goes on from the end of a control process.
func (s *Socket) next(f SocketResult) {
	if f == SocketSuccess && s.inPhase() && s.runControl(s.State, s.Phase, s.Index+1) {
		return
	}
	switch s.State {
	case SocketStartPre:
		if f == SocketSuccess {
			s.enterOpen()
			return
		}
		s.enterSignal(SocketFinalSigterm, f)
	case SocketStartPost:
		if f == SocketSuccess {
			s.enterListening()
			return
		}
		s.enterStopPre(f)
	case SocketStopPre, SocketStopPreSigterm, SocketStopPreSigkill:
		s.enterStopPost(f)
	case SocketStopPost:
		s.enterSignal(SocketFinalSigterm, f)
	case SocketFinalSigterm, SocketFinalSigkill:
		s.enterDead(f)
	case SocketDead, SocketStartChown, SocketListening, SocketRunning, SocketFailed, numSocketStates:
	}
}

func (s *Socket) inPhase() bool {
	switch s.State {
	case SocketStartPre, SocketStartPost, SocketStopPre, SocketStopPost:
		return true
	default:
		return false
	}
}

func (s *Socket) emptied() {}

func (s *Socket) timeout() {
	switch s.State {
	case SocketStartPre:
		s.enterSignal(SocketFinalSigterm, SocketTimeout)
	case SocketStartChown, SocketStartPost:
		s.enterStopPre(SocketTimeout)
	case SocketStopPre:
		s.enterSignal(SocketStopPreSigterm, SocketTimeout)
	case SocketStopPreSigterm:
		s.enterSignal(SocketStopPreSigkill, SocketTimeout)
	case SocketStopPreSigkill:
		s.enterStopPost(SocketTimeout)
	case SocketStopPost:
		s.enterSignal(SocketFinalSigterm, SocketTimeout)
	case SocketFinalSigterm:
		s.enterSignal(SocketFinalSigkill, SocketTimeout)
	case SocketFinalSigkill:
		s.enterDead(SocketTimeout)
	default:
	}
}
