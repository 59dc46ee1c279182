package dbus

import (
	"strings"

	"davit/engine"
	"davit/unit"

	godbus "github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// transientTypes are the unit types that can be made without a file.
var transientTypes = map[unit.Type]bool{
	unit.TypeService: true, unit.TypeScope: true, unit.TypeSlice: true, unit.TypeTimer: true, unit.TypePath: true,
	unit.TypeSocket: true, unit.TypeMount: true, unit.TypeAutomount: true,
}

// startTransientUnit makes a unit, and others to go with it, from properties, and starts it.
func startTransientUnit(k *call) error {
	name, mode := k.in.string(), k.in.string()
	m, ok := engine.ParseMode(mode)
	if !ok {
		return errorf(errInvalidArgs, "Job mode %s invalid", mode)
	}
	t := Transient{Mode: m, By: k.by()}
	first, err := k.transient(name)
	if err != nil {
		return err
	}
	t.Units = append(t.Units, *first)
	for end := k.in.array(8); k.in.more(end); {
		k.in.align(8)
		aux, err := k.transient(k.in.string())
		if err != nil {
			discard(t.Units)
			return err
		}
		t.Units = append(t.Units, *aux)
	}
	t.Token = k.park(answerJob)
	k.s.backend.StartTransient(t)
	return errParked
}

func discard(units []TransientUnit) {
	for i := range units {
		closeAll(units[i].PIDFDs)
		closeAll(units[i].FDs[:])
	}
}

// transient reads the properties of one new unit, a(sv).
func (k *call) transient(name string) (*TransientUnit, error) {
	if !unit.ValidName(name) {
		return nil, errorf(errInvalidArgs, "Unit name %s is not valid.", name)
	}
	t := unit.TypeOf(name)
	if !transientTypes[t] {
		return nil, errorf(errInvalidArgs, "Unit type %s does not support transient units.", t)
	}
	if u := k.s.backend.Engine().Load(name); u.Def.Load != unit.NotFound || u.Job != nil || u.ActiveState() != engine.Inactive {
		return nil, errorf(systemdError+"UnitExists", "Unit %s was already loaded or has a fragment file.", name)
	}
	w := settingWriter{typ: t}
	result := &TransientUnit{Name: name, FDs: [3]int{-1, -1, -1}}
	err := k.eachProperty(func(property string, v godbus.Variant) error {
		if done, err := k.process(result, property, v); done {
			return err
		}
		return w.set(property, v)
	})
	if err != nil {
		discard([]TransientUnit{*result})
		return nil, err
	}
	result.Text = w.text()
	return result, nil
}

// eachProperty reads a(sv).
func (k *call) eachProperty(set func(string, godbus.Variant) error) error {
	for end := k.in.array(8); k.in.more(end); {
		k.in.align(8)
		name := k.in.string()
		v, _ := k.in.value("v").(godbus.Variant)
		if k.in.err != nil {
			return errorf(errInvalidArgs, "%v", k.in.err)
		}
		if err := set(name, v); err != nil {
			return err
		}
	}
	return nil
}

// process takes the properties that are processes and descriptors instead of settings.
func (k *call) process(t *TransientUnit, property string, v godbus.Variant) (done bool, err error) {
	switch property {
	case "PIDs":
		pids, ok := v.Value().([]uint32)
		for _, pid := range pids {
			if pid == 0 {
				pid = uint32(k.c.peer.Pid)
			}
			t.PIDs = append(t.PIDs, int(pid))
		}
		return true, expect(ok && len(pids) > 0, property, v)
	case "PIDFDs":
		list, ok := v.Value().([]godbus.UnixFDIndex)
		for _, i := range list {
			t.PIDFDs = append(t.PIDFDs, k.takeFD(i))
		}
		return true, expect(ok, property, v)
	case "StandardInputFileDescriptor", "StandardOutputFileDescriptor", "StandardErrorFileDescriptor":
		i, ok := v.Value().(godbus.UnixFDIndex)
		if ok {
			t.FDs[strings.Index("IOE", property[len("Standard"):][:1])] = k.takeFD(i)
		}
		return true, expect(ok, property, v)
	case "AddRef", "Controller":
		return true, nil // there is no bus name to follow on the private socket
	}
	return false, nil
}

// takeFD is an own copy of a descriptor that came with the call.
func (k *call) takeFD(i godbus.UnixFDIndex) int {
	if int(i) >= len(k.m.fds) {
		return -1
	}
	fd, err := unix.FcntlInt(uintptr(k.m.fds[i]), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return -1
	}
	return fd
}

func expect(ok bool, property string, v godbus.Variant) error {
	if ok {
		return nil
	}
	return errorf(errInvalidArgs, "Invalid value of type '%s' for property %s", v.Signature(), property)
}

// setUnitProperties changes settings of a unit that exists: resource control and the description, as systemd has it.
func setUnitProperties(k *call, u *engine.Unit) error {
	runtime := k.in.bool()
	w := settingWriter{typ: u.Def.Type, existing: true}
	if err := k.eachProperty(w.set); err != nil {
		return err
	}
	done := k.done("")
	k.s.backend.SetProperties(u.ID, runtime, w.text(), func(err error) { done(err, nil) })
	return errParked
}
