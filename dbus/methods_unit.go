package dbus

import "davit/engine"

// unitMethods are those of org.freedesktop.systemd1.Unit.
var unitMethods = []method{
	{name: "Start", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbStart))},
	{name: "Stop", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbStop))},
	{name: "Reload", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbReload))},
	{name: "Restart", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbRestart))},
	{name: "TryRestart", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbTryRestart))},
	{name: "ReloadOrRestart", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbReloadOrRestart))},
	{name: "ReloadOrTryRestart", in: "s", out: "o", args: "mode > job", change: true, call: own(ownRequest(engine.VerbReloadOrTryRestart))},
	{name: "EnqueueJob", in: "ss", out: "uososa(uosos)", args: "job_type job_mode > job_id job_path unit_id unit_path job_type affected_jobs", change: true, call: own(enqueueOwnJob)},
	{name: "Kill", in: "si", args: "whom signal", change: true, call: own(killUnit)},
	{name: "ResetFailed", change: true, call: own(resetFailedUnit)},
	{name: "SetProperties", in: "b" + allProps, args: "runtime properties", change: true, call: own(setUnitProperties)},
	{name: "Ref", change: true, call: notTracked},
	{name: "Unref", change: true, call: notTracked},
	{name: "Clean", in: "as", args: "mask", change: true, call: own(cleanUnit)},
	{name: "Freeze", change: true, call: own(freezeUnit(true))},
	{name: "Thaw", change: true, call: own(freezeUnit(false))},
}

// cgroupMethods belong to every type that has a cgroup.
var cgroupMethods = []method{
	{name: "GetProcesses", out: "a(sus)", args: "> processes", call: own(getUnitProcesses)},
	{name: "AttachProcesses", in: "sau", args: "subcgroup pids", change: true, call: own(attachProcesses)},
}

var serviceMethods = []method{
	{name: "BindMount", in: "ssbb", args: "source destination read_only mkdir", change: true, call: notSupported},
	{name: "MountImage", in: "ssbba(ss)", args: "source destination read_only mkdir options", change: true, call: notSupported},
}

var scopeMethods = []method{
	{name: "Abandon", change: true, call: notSupported},
}

var scopeSignals = []signalShape{{"RequestStop", "", ""}}

// jobMethods are those of org.freedesktop.systemd1.Job.
var jobMethods = []method{
	{name: "Cancel", change: true, call: func(k *call) error { return k.cancel(k.object.job.ID) }},
	{name: "GetAfter", out: listedJobs, args: "> jobs", call: ownNeighbours(true)},
	{name: "GetBefore", out: listedJobs, args: "> jobs", call: ownNeighbours(false)},
}
