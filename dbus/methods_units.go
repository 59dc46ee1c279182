package dbus

import (
	"davit/engine"
	"davit/unit"
)

// unitMethod is a method that concerns one unit: it serves Manager, with a name as first argument, and Unit.
type unitMethod func(k *call, u *engine.Unit) error

// named makes a method of Manager out of f: the unit is loaded when it is not.
func named(f unitMethod) func(*call) error {
	return func(k *call) error {
		u, err := k.load(k.in.string())
		if err != nil {
			return err
		}
		return f(k, u)
	}
}

// own makes a method of a unit's object out of f.
func own(f unitMethod) func(*call) error {
	return func(k *call) error { return f(k, k.object.unit) }
}

// load finds a unit by name, loading it on demand. The empty name is the caller's own unit.
func (k *call) load(name string) (*engine.Unit, error) {
	if name == "" {
		return k.ofPID(int(k.c.peer.Pid))
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	return k.s.backend.Engine().Load(name), nil
}

// checkName tests the name of a unit that is to be in memory: templates are not.
func checkName(name string) error {
	if !unit.ValidName(name) {
		return errorf(errInvalidArgs, "Unit name %s is not valid.", name)
	}
	if unit.IsTemplate(name) {
		return errorf(errInvalidArgs, "Unit name %s is missing the instance name.", name)
	}
	return nil
}

func (k *call) ofPID(pid int) (*engine.Unit, error) {
	if name := k.s.backend.UnitOfPID(pid); name != "" {
		if u := k.s.backend.Engine().Unit(name); u != nil {
			return u, nil
		}
	}
	return nil, errorf(systemdError+"NoUnitForPID", "PID %d does not belong to any loaded unit.", pid)
}

func getUnit(k *call) error {
	name := k.in.string()
	if name != "" && !unit.ValidName(name) {
		return errorf(errInvalidArgs, "Unit name %s is not valid.", name)
	}
	u := k.s.backend.Engine().Unit(name)
	if name == "" {
		var err error
		if u, err = k.ofPID(int(k.c.peer.Pid)); err != nil {
			return err
		}
	}
	if u == nil {
		return errorf(systemdError+"NoSuchUnit", "Unit %s not loaded.", name)
	}
	k.out.unitPath(u.ID)
	return nil
}

func loadUnit(k *call) error {
	u, err := k.load(k.in.string())
	if err == nil {
		k.out.unitPath(u.ID)
	}
	return err
}

func getUnitByPID(k *call) error {
	pid := int(int32(k.in.uint32()))
	if pid < 0 {
		return errorf(errInvalidArgs, "Invalid PID %d", pid)
	}
	if pid == 0 {
		pid = int(k.c.peer.Pid)
	}
	u, err := k.ofPID(pid)
	if err == nil {
		k.out.unitPath(u.ID)
	}
	return err
}

func getUnitByInvocationID(k *call) error {
	var id engine.ID
	raw := k.in.bytes()
	if len(raw) == 0 {
		u, err := k.ofPID(int(k.c.peer.Pid))
		if err == nil {
			k.out.unitPath(u.ID)
		}
		return err
	}
	if len(raw) != len(id) {
		return errorf(errInvalidArgs, "Invalid invocation ID")
	}
	copy(id[:], raw)
	if k.s.byInvocation(id) == nil {
		return errorf(systemdError+"NoUnitForInvocationID", "No unit with the specified invocation ID %x known.", id)
	}
	k.out.string(unitPrefix + invocationLabel(id))
	return nil
}

// invocationLabel is an invocation id as it stands in an object path.
func invocationLabel(id engine.ID) string {
	b := make([]byte, 0, 2*len(id))
	for _, c := range id {
		b = append(b, hexDigits[c>>4], hexDigits[c&15])
	}
	return UnitPath(string(b))[len(unitPrefix):]
}

func getUnitByControlGroup(k *call) error {
	path := k.in.string()
	if u := k.s.backend.Engine().Unit(k.s.backend.UnitOfCgroup(path)); u != nil {
		k.out.unitPath(u.ID)
		return nil
	}
	return errorf(systemdError+"NoSuchUnit", "Control group '%s' is not valid or not managed by this instance", path)
}

var whoms = map[string]engine.Whom{
	"": engine.WhomAll, "all": engine.WhomAll, "main": engine.WhomMain, "control": engine.WhomControl,
	"all-fail": engine.WhomAll, "main-fail": engine.WhomMain, "control-fail": engine.WhomControl,
}

// maxSignal is the last real-time signal of Linux.
const maxSignal = 64

func killUnit(k *call, u *engine.Unit) error {
	who := k.in.string()
	signal := int(k.in.int32())
	whom, ok := whoms[who]
	if !ok {
		return errorf(errInvalidArgs, "Invalid who argument: %s", who)
	}
	if signal < 1 || signal > maxSignal {
		return errorf(errInvalidArgs, "Signal number out of range.")
	}
	return k.post(answerNothing, func(t engine.Token) engine.Event {
		return engine.Signal{Token: t, Unit: u.ID, Whom: whom, Signal: signal, By: k.by()}
	})
}

func resetFailedUnit(k *call, u *engine.Unit) error {
	return k.post(answerNothing, func(t engine.Token) engine.Event { return engine.ResetFailed{Token: t, Unit: u.ID} })
}

func resetFailed(k *call) error {
	return k.post(answerNothing, func(t engine.Token) engine.Event { return engine.ResetFailed{Token: t} })
}

func freezeUnit(frozen bool) unitMethod {
	return func(k *call, u *engine.Unit) error {
		done := k.done("")
		k.s.backend.Freeze(u.ID, frozen, func(err error) { done(err, nil) })
		return errParked
	}
}

func cleanUnit(k *call, u *engine.Unit) error {
	what := k.in.strings()
	done := k.done("")
	k.s.backend.Clean(u.ID, what, func(err error) { done(err, nil) })
	return errParked
}

func getUnitProcesses(k *call, u *engine.Unit) error {
	list, err := k.s.backend.Processes(u)
	if err != nil {
		return err
	}
	a := k.out.array(8)
	for _, p := range list {
		k.out.structure()
		k.out.string(p.Cgroup)
		k.out.uint32(uint32(p.PID))
		k.out.string(p.Command)
	}
	k.out.end(a)
	return nil
}

func attachProcesses(k *call, u *engine.Unit) error {
	sub := k.in.string()
	var pids []int
	for end := k.in.array(4); k.in.more(end); {
		pid := int(k.in.uint32())
		if pid == 0 {
			pid = int(k.c.peer.Pid)
		}
		pids = append(pids, pid)
	}
	return k.s.backend.Attach(u.ID, sub, pids)
}
