package manager

import (
	"time"

	"davit/engine"
)

// jobsPerTurn is how many queued jobs begin before the loop looks at what has happened meanwhile.
const jobsPerTurn = 16

// turn is one round of the loop: sleep, observe in reverse, deliver in order (docs/architecture.md, "Intake").
//
// Exits are peeked first, and reaped only when they are delivered. What a process sent or caused before its death is
// therefore in the cgroup events and notifications that are read after the peek, and delivered before the exit.
func (m *Manager) turn() {
	if err := m.poll.wait(m.patience()); err != nil {
		m.note(levelCritical, "%v", err)
		time.Sleep(time.Second) // an epoll that fails for good must not become a busy loop
		return
	}
	exits := m.peekExits()
	m.readGroupEvents()
	m.drainNotify()

	m.deliverResults()
	m.deliverNotices()
	m.deliverGroupEvents()
	m.deliverMessages()
	m.deliverExits(exits)
	m.deliverSignals()
	m.lookAtAll()
	m.deliverPosts()
	m.deliverEmptied()
	m.deliverTimers()
	m.deliverBus()
	m.deliverJournal()
	m.deliverListeners()
	m.deliverStore()
	m.deliverPaths()
	m.deliverResults()
	if m.eng.Pending() {
		m.step(engine.Run{Max: jobsPerTurn})
	}
	m.settle()
}

// patience is how long the loop may sleep: not at all while there is something to do.
func (m *Manager) patience() time.Duration {
	if m.eng.Pending() || len(m.results) > 0 || len(m.deaths) > 0 || len(m.arrived) > 0 || m.lookAt == 1 && m.asking == 0 {
		return 0
	}
	return -1
}

// settle ends a turn: what waits for a place is started, clients get their bytes, and the alarm is set.
func (m *Manager) settle() {
	m.spawner.Sweep()
	m.startWaiting()
	m.bus.Flush()
	m.journal.flush()
	m.alarm.set(m.deadline())
}

// deadline is when the loop has to wake up at the latest, in µs on the monotonic clock; 0 for never.
func (m *Manager) deadline() int64 {
	at := m.journal.retryAt
	if d, ok := m.eng.Deadline(); ok && (at == 0 || d.Mono < at) {
		at = max(d.Mono, 1)
	}
	if t := m.lookAt; t > 1 && (at == 0 || t < at) {
		at = t
	}
	if t := m.trim.at; t > 0 && (at == 0 || t < at) {
		at = t
	}
	return at
}

// step applies one event and performs what the engine returns.
func (m *Manager) step(ev engine.Event) {
	at := now()
	m.trim.stepped(at.Mono)
	for _, ef := range m.eng.Step(at, ev) {
		m.perform(ef)
	}
}

// answer queues the result of an effect. It is not applied at once: the engine's list of effects is valid only until its
// next step.
func (m *Manager) answer(ev engine.Event) { m.results = append(m.results, ev) }

// deliverResults applies the results that are there; those that they lead to wait for the next call, so that a unit
// that fails and restarts without delay cannot keep the loop to itself.
func (m *Manager) deliverResults() {
	results := m.results
	m.results = m.spare[:0]
	for _, ev := range results {
		m.step(ev)
	}
	clear(results)
	m.spare = results
}

// deliverPosts runs what other goroutines posted.
func (m *Manager) deliverPosts() {
	if len(m.poll.ready[fromWaker]) == 0 {
		return
	}
	for _, post := range m.wake.collect() {
		post()
	}
}

func (m *Manager) deliverTimers() {
	if len(m.poll.ready[fromClock]) > 0 {
		_ = rearmClockWatch(m.clockWatch)
		m.step(engine.ClockChanged{})
	}
	if len(m.poll.ready[fromTimer]) > 0 {
		m.alarm.rang()
		m.trim.due(now().Mono)
		m.step(engine.Tick{})
	}
}

func (m *Manager) deliverBus() {
	for _, r := range m.poll.ready[fromBus] {
		m.bus.Ready(r.fd, r.read, r.write)
	}
}
