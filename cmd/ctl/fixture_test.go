package ctl

import "time"

const notSet = uint64(1<<64 - 1)

func base(id, description, active, sub string) map[string]any {
	return map[string]any{
		"Id": id, "Names": []string{id}, "Description": description, "LoadState": "loaded", "ActiveState": active, "SubState": sub,
		"FragmentPath": "", "DropInPaths": []string{}, "UnitFileState": "", "UnitFilePreset": "", "NeedDaemonReload": false,
		"Job": []any{uint32(0), objectPath("/")}, "LoadError": []any{"", ""}, "TriggeredBy": []string{}, "Triggers": []string{},
		"Requires": []string{}, "Wants": []string{}, "After": []string{}, "Documentation": []string{}, "Transient": false,
		"StateChangeTimestamp": ago(time.Hour),
	}
}

func with(m map[string]any, more map[string]any) map[string]any {
	for k, v := range more {
		m[k] = v
	}
	return m
}

func command1(path string, args []string, pid uint32, code, status int32) []any {
	return []any{path, args, false, ago(time.Hour), uint64(1), ago(time.Minute), uint64(2), pid, code, status}
}

func fixtureUnits() []map[string]any {
	return []map[string]any{
		with(base("web.service", "A web server", "active", "running"), map[string]any{
			"FragmentPath": "/usr/lib/systemd/system/web.service", "DropInPaths": []string{"/etc/systemd/system/web.service.d/override.conf"},
			"UnitFileState": "enabled", "UnitFilePreset": "enabled", "ActiveEnterTimestamp": ago(26 * time.Hour), "MainPID": uint32(930),
			"ExecMainPID": uint32(930), "StatusText": "serving 3 clients", "TasksCurrent": uint64(3), "TasksMax": uint64(4915),
			"MemoryCurrent": uint64(663552), "MemoryMax": uint64(1 << 30), "CPUUsageNSec": uint64(435123456),
			"ControlGroup": "/system.slice/web.service", "Documentation": []string{"man:web(8)", "https://example.org/web"},
			"TriggeredBy": []string{"web.socket"}, "Result": "success", "InvocationID": []byte("0123456789abcdef"),
			"ExecStartPre": [][]any{command1("/usr/sbin/web", []string{"/usr/sbin/web", "-t"}, 929, 1, 0)},
			"ExecStart":    [][]any{command1("/usr/sbin/web", []string{"/usr/sbin/web", "--workers", "2"}, 930, 0, 0)},
			"RestartUSec":  uint64(100000), "TimeoutStartUSec": uint64(90e6), "UMask": uint32(0o22), "LimitNOFILE": uint64(524288), "MemoryHigh": notSet,
			"CPUWeight": notSet, "Environment": []string{"A=b", "C=d e"}, "Requires": []string{"db.service"}, "Nice": int32(-5),
		}),
		with(base("db.service", "A database", "active", "running"), map[string]any{"ActiveEnterTimestamp": ago(30 * time.Second)}),
		with(base("batch.service", "A job", "failed", "failed"), map[string]any{
			"FragmentPath": "/u/batch.service", "UnitFileState": "static", "InactiveEnterTimestamp": ago(time.Minute),
			"ActiveEnterTimestamp": ago(2 * time.Minute), "ActiveExitTimestamp": ago(time.Minute),
			"Result": "exit-code", "ExecMainPID": uint32(812), "ExecMainCode": int32(1), "ExecMainStatus": int32(203),
			"ExecStart": [][]any{command1("/bin/batch", []string{"/bin/batch", "--all"}, 812, 1, 203)}, "TasksCurrent": notSet,
		}),
		with(base("dependent.service", "Needs the job", "inactive", "dead"), nil),
		with(base("slow.service", "Slow", "activating", "start"), map[string]any{"InactiveExitTimestamp": ago(5 * time.Second), "Job": []any{uint32(7), objectPath("/x")}}),
		with(base("web.socket", "Web socket", "active", "running"), map[string]any{
			"Listen": [][]any{{"Stream", "0.0.0.0:80"}, {"Stream", "/run/web.sock"}}, "Triggers": []string{"web.service"}, "Accept": false,
			"ActiveEnterTimestamp": ago(time.Hour),
		}),
		with(base("daily.timer", "Daily", "active", "waiting"), map[string]any{
			"NextElapseUSecRealtime": ago(-2 * time.Hour), "LastTriggerUSec": ago(22 * time.Hour), "NextElapseUSecMonotonic": uint64(0),
			"Triggers": []string{"batch.service"}, "ActiveEnterTimestamp": ago(time.Hour),
		}),
		with(base("multi-user.target", "Multi-User System", "active", "active"), map[string]any{
			"Wants": []string{"web.service", "batch.service"}, "Requires": []string{"basic.target"}, "ActiveEnterTimestamp": ago(time.Hour),
		}),
		with(base("basic.target", "Basic System", "active", "active"), map[string]any{"Wants": []string{"db.service"}, "ActiveEnterTimestamp": ago(time.Hour)}),
		with(base("nope.service", "nope.service", "inactive", "dead"), map[string]any{"LoadState": "not-found", "LoadError": []any{"org.freedesktop.systemd1.NoSuchUnit", "Unit nope.service not found."}}),
		with(base("cond.service", "Conditional", "inactive", "dead"), map[string]any{
			"ConditionTimestamp": ago(time.Minute), "ConditionResult": false,
			"Conditions": [][]any{{"ConditionPathExists", false, true, "/etc/x", int32(-1)}},
		}),
	}
}

func fixtureManager() map[string]any {
	return map[string]any{
		"Version": "252 (davit)", "SystemState": "degraded", "NNames": uint32(11), "NJobs": uint32(2), "NFailedUnits": uint32(1),
		"UserspaceTimestamp": ago(3 * 24 * time.Hour), "ControlGroup": "", "Environment": []string{"PATH=/bin", "MSG=it's here"},
		"LogLevel": "info", "DefaultTimeoutStartUSec": uint64(90e6), "Tainted": "",
	}
}
