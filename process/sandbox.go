package process

import (
	"davit/unit"

	"golang.org/x/sys/unix"
)

func (l *Steps) sandbox(spec *Spec, exec *unit.Exec) error { return nil }
func (l *Steps) restrictions(spec *Spec, exec *unit.Exec) error {
	l.secureBits(spec, exec)
	if exec.NoNewPrivileges && !spec.Privileged {
		l.add(stepNoNewPrivileges, unix.SYS_PRCTL, 0, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	}
	return nil
}
