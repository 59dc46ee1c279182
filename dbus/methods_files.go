package dbus

import (
	"davit/unit"
)

// Flags of EnableUnitFilesWithFlags.
const (
	flagRuntime  = 1 << 0
	flagForce    = 1 << 1
	flagPortable = 1 << 2
)

// files makes a method that changes links to the unit files in its first argument. What follows is told by the method's
// signature: "s" a preset mode, "t" flags, "b" runtime and force.
func files(verb string) func(*call) error {
	return func(k *call) error {
		req := FileRequest{Verb: verb, Names: k.in.strings()}
		switch k.m.sig {
		case "assbb":
			req.Preset = k.in.string()
			if err := checkPreset(req.Preset); err != nil {
				return err
			}
			req.Runtime, req.Force = k.in.bool(), k.in.bool()
		case "asbb":
			req.Runtime, req.Force = k.in.bool(), k.in.bool()
		case "asb":
			req.Runtime = k.in.bool()
		case "ast":
			flags := k.in.uint64()
			if flags&^(flagRuntime|flagForce|flagPortable) != 0 {
				return errorf(errInvalidArgs, "Invalid flags %#x", flags)
			}
			req.Runtime, req.Force = flags&flagRuntime != 0, flags&flagForce != 0
		}
		return k.changeFiles(req)
	}
}

func checkPreset(mode string) error {
	if mode == "" || mode == "full" || mode == "enable-only" || mode == "disable-only" {
		return nil
	}
	return errorf(errInvalidArgs, "Preset mode %s invalid", mode)
}

// changeFiles hands a request to the backend and answers with the changes, and with whether there was install
// information when the method's results start with a boolean.
func (k *call) changeFiles(req FileRequest) error {
	out := k.method.out
	done, s := k.done(out), k.s
	s.backend.ChangeFiles(req, func(carries bool, changes []FileChange, err error) {
		if err == nil && len(changes) > 0 {
			s.UnitFilesChanged()
		}
		done(err, func(e *encoder) {
			if out[0] == 'b' {
				e.bool(carries)
			}
			e.changes(changes)
		})
	})
	return errParked
}

func (e *encoder) changes(list []FileChange) {
	a := e.array(8)
	for _, c := range list {
		e.structure()
		e.string(c.Type)
		e.string(c.Path)
		e.string(c.Source)
	}
	e.end(a)
}

func presetAll(k *call) error {
	req := FileRequest{Verb: "preset-all", Preset: k.in.string(), Runtime: k.in.bool(), Force: k.in.bool()}
	if err := checkPreset(req.Preset); err != nil {
		return err
	}
	return k.changeFiles(req)
}

func setDefaultTarget(k *call) error {
	return k.changeFiles(FileRequest{Verb: "set-default", Names: []string{k.in.string()}, Force: k.in.bool()})
}

func addDependency(k *call) error {
	req := FileRequest{Names: k.in.strings(), Target: k.in.string()}
	switch kind := k.in.string(); kind {
	case "Wants":
		req.Verb = "add-wants"
	case "Requires":
		req.Verb = "add-requires"
	default:
		return errorf(errInvalidArgs, "Dependency type %s invalid", kind)
	}
	req.Runtime, req.Force = k.in.bool(), k.in.bool()
	return k.changeFiles(req)
}

func getUnitFileState(k *call) error {
	state, err := k.s.backend.UnitFileState(k.in.string())
	if err == nil {
		k.out.string(state)
	}
	return err
}

func getDefaultTarget(k *call) error {
	name, err := k.s.backend.DefaultTarget()
	if err == nil {
		k.out.string(name)
	}
	return err
}

func getUnitFileLinks(k *call) error {
	name, runtime := k.in.string(), k.in.bool()
	if !unit.ValidName(name) {
		return errorf(errInvalidArgs, "Unit name %s is not valid.", name)
	}
	links, err := k.s.backend.UnitFileLinks(name, runtime)
	if err == nil {
		k.out.strings(links)
	}
	return err
}
