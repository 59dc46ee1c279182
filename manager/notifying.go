package manager

import (
	"os"

	"davit/cgroup"
	"davit/engine"
	"davit/host"

	"golang.org/x/sys/unix"
)

// watchNotify begins to receive on a notify socket.
func (m *Manager) watchNotify(n *notifySocket) error {
	m.notifiers[n.fd] = n
	return m.poll.add(n.fd, fromNotify, unix.EPOLLIN)
}

// notifyPath returns the socket that a unit's processes send sd_notify(3) to: one for all where cgroups say who sent, else
// one of the unit's own.
func (m *Manager) notifyPath(name string) string {
	if m.tree.Mode() != cgroup.None {
		return m.layout.Notify
	}
	h := m.hold(name)
	if h.notify == nil {
		if err := os.MkdirAll(m.layout.NotifyDir, 0o755); err != nil {
			m.noteUnit(levelWarning, name, "cannot make notify socket: %v", err)
			return ""
		}
		m.lastNotify++
		n, err := listenNotify(m.layout.NotifyDir+"/"+itoa(m.lastNotify), name, 0o666)
		if err != nil {
			m.noteUnit(levelWarning, name, "cannot make notify socket: %v", err)
			return ""
		}
		if err := m.watchNotify(n); err != nil {
			m.noteUnit(levelWarning, name, "%v", err)
		}
		h.notify = n
	}
	return h.notify.path
}

func (m *Manager) closeNotify(h *held) {
	m.poll.remove(h.notify.fd)
	unix.Close(h.notify.fd)
	delete(m.notifiers, h.notify.fd)
	_ = os.Remove(h.notify.path)
	h.notify = nil
}

// drainNotify receives what processes have sent. Senders are attributed now, while those that have ended are still zombies.
func (m *Manager) drainNotify() {
	for _, r := range m.poll.ready[fromNotify] {
		n := m.notifiers[r.fd]
		if n == nil {
			continue
		}
		n.drain(m.qlen, m.notifyBuffer(), m.notifyControl(), func(msg message) {
			if msg.unit == "" {
				msg.unit = m.sender(&msg)
			}
			m.messages = append(m.messages, msg)
		})
	}
}

// sender finds the unit that a datagram came from: by its process's cgroup, also when that process was reaped already by a parent
// that is not the manager (a shell that calls systemd-notify, say), where the kernel still knows.
func (m *Manager) sender(msg *message) string {
	if name := m.unitOfPID(msg.pid); name != "" || msg.pidfd < 0 {
		return name
	}
	p, ok := host.ProcessOf(msg.pidfd)
	if !ok || p.CgroupID == 0 {
		return ""
	}
	return m.groupIDs[p.CgroupID]
}

// deliverMessages delivers the datagrams in the order of their arrival.
func (m *Manager) deliverMessages() {
	messages := m.messages
	m.messages = nil
	for i := range messages {
		msg := &messages[i]
		switch {
		case msg.barrier():
			closeAll(msg.fds) // that is the answer: everything before was delivered
			continue
		case msg.unit == "":
			m.note(levelDebug, "notification from process %d, which belongs to no unit", msg.pid)
		default:
			m.notifyFDs = msg.fds
			m.step(engine.Notify{Unit: msg.unit, PID: msg.pid, Fields: msg.fields, FDs: len(msg.fds)})
			msg.fds, m.notifyFDs = m.notifyFDs, nil
		}
		closeAll(msg.fds)
	}
	clear(messages)
	m.messages = messages[:0]
}

func (m *Manager) notifyBuffer() []byte {
	if m.buffer == nil {
		m.buffer, m.control = make([]byte, notifyMax), make([]byte, notifyControlSize)
	}
	return m.buffer
}

func (m *Manager) notifyControl() []byte { return m.control }
