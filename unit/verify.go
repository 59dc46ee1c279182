package unit

import "strings"

// verify says what makes a unit as a whole unusable, in the way of systemd's "refusing"; empty when nothing does.
func verify(u *Unit, user bool) string {
	switch u.Type {
	case TypeService:
		return verifyService(u)
	case TypeSocket:
		return verifySocket(u.Socket)
	case TypeTimer:
		if t := u.Timer; len(t.Timers) == 0 && !t.OnClockChange && !t.OnTimezoneChange {
			return "timer without any On*= setting"
		}
	case TypePath:
		if len(u.Path.Watches) == 0 {
			return "path unit without any path to watch"
		}
	case TypeMount:
		return verifyMount(u)
	case TypeAutomount:
		return verifyWhere(u, u.Automount.Where)
	case TypeSwap:
		return verifySwap(u)
	case TypeSlice:
		if !ValidSlice(u.Name) {
			return "not a name for a slice"
		}
	case TypeScope:
		if !u.Transient && !u.Perpetual {
			return "scopes cannot be made by unit files"
		}
	default:
	}
	return ""
}

func verifyService(u *Unit) string {
	s := u.Service
	oneshot := s.Type == ServiceOneshot
	switch {
	case len(s.ExecStart) == 0 && len(s.ExecStop) == 0 && u.Common.SuccessAction == ActionNone:
		return "service without ExecStart=, ExecStop= and SuccessAction="
	case len(s.ExecStart) == 0 && !oneshot && u.Common.SuccessAction == ActionNone:
		return "service without ExecStart=, which only Type=oneshot allows"
	case len(s.ExecStart) == 0 && !s.RemainAfterExit && u.Common.SuccessAction == ActionNone:
		return "service without ExecStart=, which only RemainAfterExit=yes allows"
	case len(s.ExecStart) > 1 && !oneshot:
		return "service with more than one ExecStart=, which only Type=oneshot allows"
	case oneshot && (s.Restart == RestartAlways || s.Restart == RestartOnSuccess):
		return "Restart=" + s.Restart.String() + ", which Type=oneshot does not allow"
	case oneshot && !s.RestartForceExitStatus.Empty():
		return "RestartForceExitStatus=, which Type=oneshot does not allow"
	case s.ExitType == ExitCgroup && (oneshot || s.Type == ServiceForking && s.PIDFile != ""):
		return "ExitType=cgroup, which Type=" + s.Type.String() + " does not allow here"
	case s.Type == ServiceDBus && s.BusName == "":
		return "Type=dbus without BusName="
	case u.Exec.PAMName != "" && u.Kill.KillMode != KillControlGroup && u.Kill.KillMode != KillMixed:
		return "PAMName= with a KillMode= that leaves processes behind"
	case (s.USBFunctionDescriptors == "") != (s.USBFunctionStrings == ""):
		return "USBFunctionDescriptors= and USBFunctionStrings= only go together"
	}
	return ""
}

func verifySocket(s *Socket) string {
	inFileSystem := 0
	for i := range s.Listen {
		l := &s.Listen[i]
		if s.Accept && !l.accepting() {
			return "Accept=yes with Listen" + l.Kind.String() + "=, which does not accept connections"
		}
		if l.Kind == ListenFIFO || l.Kind <= ListenSequentialPacket && strings.HasPrefix(l.Address, "/") {
			inFileSystem++
		}
	}
	switch {
	case len(s.Listen) == 0:
		return "socket without any Listen*= setting"
	case s.Accept && s.MaxConnections == 0:
		return "MaxConnections=0 with Accept=yes"
	case s.Accept && s.Service.Value != "":
		return "Service= with Accept=yes"
	case len(s.Symlinks) > 0 && inFileSystem != 1:
		return "Symlinks= without exactly one socket or FIFO in the file system"
	case s.Service.Value != "" && TypeOf(s.Service.Value) != TypeService:
		return "Service= that is not a service"
	}
	return ""
}

func (l *Listener) accepting() bool {
	return l.Kind == ListenStream || l.Kind == ListenSequentialPacket
}

func verifyWhere(u *Unit, where string) string {
	if where == "" {
		return "Where= is missing"
	}
	if name, err := NameFromPath(where, u.Type); err != nil || name != u.Name {
		return "Where=" + where + " does not go with the unit's name, which would be " + name
	}
	return ""
}

func verifyMount(u *Unit) string {
	m := u.Mount
	if bad := verifyWhere(u, m.Where); bad != "" {
		return bad
	}
	for _, api := range [...]string{"/proc", "/sys", "/dev", "/run", "/sys/fs/cgroup", "/dev/pts", "/dev/shm"} {
		if m.Where == api && u.Fragment != "" && !strings.HasPrefix(u.Fragment, Embedded) {
			return "mount point of the system itself: " + api
		}
	}
	if m.What == "" && u.Fragment != "" {
		return "What= is missing"
	}
	return ""
}

func verifySwap(u *Unit) string {
	if u.Swap.What == "" {
		return "What= is missing"
	}
	if strings.Contains(u.Swap.What, "=") { // UUID= and its sisters name a device that is not known here
		return ""
	}
	if name, err := NameFromPath(u.Swap.What, TypeSwap); err != nil || name != u.Name {
		return "What=" + u.Swap.What + " does not go with the unit's name, which would be " + name
	}
	return ""
}
