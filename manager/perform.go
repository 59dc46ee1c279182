package manager

import "davit/engine"

// perform does what the engine decided. Nothing in it waits; what can fail answers with exactly one event.
func (m *Manager) perform(effect engine.Effect) {
	switch x := effect.(type) {
	case engine.Spawn:
		m.spawn(x)
	case engine.Kill:
		m.kill(x)
	case engine.CheckEmpty:
		m.checkEmpty(x)
	case engine.FindMainPID:
		m.findMainPID(x)
	case engine.Adopt:
		m.adopt(x.Unit, x.PID)
	case engine.OpenSockets:
		m.openSockets(x)
	case engine.CloseSockets:
		m.closeSockets(x.Unit)
	case engine.WatchSockets:
		m.watchSockets(x.Unit, x.On)
	case engine.CloseConnection:
		m.closeConnection(x.Conn)
	case engine.Realize:
		m.realize(x.Unit)
	case engine.Release:
		m.release(x)
	case engine.StoreFDs:
		m.storeFDs(x)
	case engine.Probe:
		m.answer(engine.ProbeResult{Token: x.Token, Unit: x.Unit, Text: "there are no probers yet"})
	case engine.Log:
		m.logEffect(x)
	case engine.Action:
		m.act(x)
	case engine.StartupFinished:
		m.startupFinished()
		m.bus.Perform(x)
	case engine.UnitRemoved:
		m.forget(x.Unit)
		m.bus.Perform(x)
	case engine.Reply:
		m.replied(x)
	case engine.UnitNew:
		m.logWarnings(x.Unit)
		m.bus.Perform(x)
	case engine.JobNew, engine.JobRemoved, engine.UnitChanged:
		m.bus.Perform(x)
	case engine.Finished:
		m.finished(x)
	}
}
