package manager

import "davit/engine"

// ownBit marks the tokens of requests that the manager itself makes.
const ownBit engine.Token = 1 << 61

// ask makes a request of the manager's own; replied hears, in the loop, whether it was granted.
func (m *Manager) ask(r engine.Request, replied func(*engine.Error)) engine.Token {
	m.lastToken++
	r.Token = ownBit | m.lastToken
	m.questions[r.Token] = replied
	m.answer(r)
	return r.Token
}

// replied passes the engine's answer to whoever asked.
func (m *Manager) replied(x engine.Reply) {
	replied, ok := m.questions[x.Token]
	if !ok {
		m.bus.Perform(x)
		return
	}
	delete(m.questions, x.Token)
	replied(x.Err)
}

// finished hears of the end of the job that is to be the end of everything.
func (m *Manager) finished(x engine.Finished) {
	if x.Token == m.lastJob.Token && m.ending == nil {
		m.act(engine.Action{What: actionOf(m.lastJob.Target), Status: m.exitStatus, Cause: "reached " + m.lastJob.Target})
	}
}
