package manager

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"

	"davit/cgroup"
	"davit/dbus"
	"davit/engine"
	"davit/host"
	"davit/process"
	"davit/socketact"
	"davit/unit"

	"golang.org/x/sys/unix"
)

// Manager is the loop and all that it owns. Only the goroutine of Run touches it, save wake.
type Manager struct {
	opt      Options
	layout   host.Layout
	machine  *host.Machine
	accounts host.Accounts
	pid      int
	trim     trimmer
	breaks   []int64 // when the engine broke, monotonic µs
	self     int     // descriptor of our own program
	began    engine.Clock

	eng   *engine.Engine
	view  *unit.View
	poll  *poller
	wake  *waker
	alarm *alarm

	tree    *cgroup.Tree
	spawner *process.Spawner
	tracker *tracker
	journal *logbook
	bus     *dbus.Server
	screen  *screen
	kmsg    *host.Kmsg

	notify     *notifySocket
	notifiers  map[int]*notifySocket // by descriptor
	qlen       int
	private    int // listening socket of the D-Bus API
	clockWatch int
	signals    int // pipe of caught signals
	inotify    int

	results, spare []engine.Event
	exits          []exit
	groupEvents    []groupEvent
	messages       []message
	notifyFDs      []int // of the notification that is being stepped
	arrived        []host.Signal
	deaths         []int // children that SIGCHLD named, or that were found
	lookAt         int64 // monotonic µs of the next look at all children, 1 at once, 0 none

	procs     map[int]*child // by pid
	pidfds    map[int]*child // by pidfd
	notices   map[int]*child // by notice descriptor
	waiting   []engine.Spawn
	asking    int // questions to name services that are not answered
	held      map[string]*held
	groups    map[string]string // units by the path of their cgroup
	groupIDs  map[uint64]string // units that notify, by the inode number of their cgroup
	listening map[int]string    // socket units by listener
	inherited map[string][]int  // listeners that an earlier manager had open
	store     socketact.Store
	stored    map[int]string // units by polled stored descriptor
	conns     map[uint64]socketact.Connection
	lastConn  uint64
	fileWaits []pidFileWait

	questions  map[engine.Token]func(*engine.Error)
	lastToken  engine.Token
	lastJob    lastJob
	exitAsked  int
	exitStatus int
	ending     *ending
	reexecBy   *reexecution
	verbosity  int
	env        []string // that every service gets
	extraEnv   []string // that clients set
	values     dbus.Values
	whyOneUser string // why processes cannot be given other users here
	weak       bool   // some privilege of the machine's root is missing here
	program    string // path that this program was started by

	loadBegan, loadEnded engine.Clock
	reloadsUnderWay      int
	lastNotify           int
	buffer, control      []byte // of notify datagrams
	carried              *carried
}

// Run is the life of a manager. It returns the process's exit status. As PID 1 of a machine it does not return.
func Run(opt Options) int {
	runtime.LockOSThread()
	debug.SetGCPercent(gcPercent)
	m := &Manager{
		opt: opt, pid: os.Getpid(), self: -1, private: -1, inotify: -1, clockWatch: -1,
		notifiers: map[int]*notifySocket{}, procs: map[int]*child{}, pidfds: map[int]*child{}, notices: map[int]*child{},
		held: map[string]*held{}, groups: map[string]string{}, groupIDs: map[uint64]string{}, listening: map[int]string{}, inherited: map[string][]int{},
		stored: map[int]string{}, conns: map[uint64]socketact.Connection{}, questions: map[engine.Token]func(*engine.Error){},
		qlen: queueLength(), began: now(),
	}
	if err := m.boot(); err != nil {
		fmt.Fprintln(os.Stderr, "davit: "+err.Error())
		if m.kmsg != nil {
			m.kmsg.Write(levelCritical, identifier, err.Error())
		}
		m.undo()
		return 1
	}
	for m.ending == nil {
		m.guardedTurn()
	}
	return m.finish()
}

// contained says whether this manager lives in a container, whose machine is not its own.
func (m *Manager) contained() bool { return m.opt.contained }

// undo closes what a boot that failed had opened.
func (m *Manager) undo() {
	if m.journal != nil {
		m.journal.stop()
	}
	if m.notify != nil {
		unix.Close(m.notify.fd)
		_ = os.Remove(m.notify.path)
	}
	if m.private >= 0 {
		unix.Close(m.private)
		_ = os.Remove(m.layout.Private)
	}
	if m.tree != nil {
		m.tree.Close()
	}
}

func seed() uint64 { return rand.Uint64() }
