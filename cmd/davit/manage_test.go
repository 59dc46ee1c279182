package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"davit/cmd/ctl"
	"davit/manager"
)

// TestManagerArgs reads the manager's command line, as a program and as PID 1.
func TestManagerArgs(t *testing.T) {
	mode := manager.User
	if os.Getuid() == 0 {
		mode = manager.System
	}
	for _, tt := range []struct {
		args string
		pid1 bool
		want manager.Options
		err  string
	}{
		{"", false, manager.Options{Mode: mode}, ""},
		{"", true, manager.Options{Mode: manager.System}, ""},
		{"--user", false, manager.Options{Mode: manager.User}, ""},
		{"--directory /d --unit=a.target", false, manager.Options{Mode: manager.Directory, Dir: "/d", Unit: "a.target"}, ""},
		{"--directory=/d --show-status --strict", false, manager.Options{Mode: manager.Directory, Dir: "/d", ShowStatus: true, Strict: true}, ""},
		{"--show-status=no --log-target=console --log-level debug", true, manager.Options{Mode: manager.System, LogTarget: "console"}, ""},
		{"quiet splash systemd.unit=rescue.target root=/dev/sda", true, manager.Options{Mode: manager.System, Unit: "rescue.target"}, ""},
		{"3 --nonsense", true, manager.Options{Mode: manager.System, Unit: "multi-user.target"}, ""},
		{"systemd.show_status=1 single", true, manager.Options{Mode: manager.System, ShowStatus: true, Unit: "rescue.target"}, ""},
		{"--nonsense", false, manager.Options{}, "cannot use option --nonsense: there is none of that name"},
		{"extra", false, manager.Options{}, `cannot use argument "extra"`},
		{"--unit", false, manager.Options{}, "cannot use option --unit without a value"},
		{"--strict=yes", false, manager.Options{}, "cannot use option --strict with a value"},
		{"--log-target=moon", false, manager.Options{}, `cannot log to "moon"`},
	} {
		got, err := managerArgs(strings.Fields(tt.args), tt.pid1)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		tt.want.Version = ctl.Version
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %v; want %+v", tt.args, got, err, tt.want)
		}
	}
}
