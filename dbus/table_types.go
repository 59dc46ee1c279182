package dbus

// timerProperties are a timer's own.
var timerProperties = []property{
	{name: "Unit", sig: "s", emits: constant, get: triggered},
	{name: "TimersMonotonic", sig: "a(stt)", emits: invalidates, get: timersMonotonic},
	{name: "TimersCalendar", sig: "a(sst)", emits: invalidates, get: timersCalendar},
	{name: "OnClockChange", sig: "b", emits: constant},
	{name: "OnTimezoneChange", sig: "b", emits: constant},
	{name: "NextElapseUSecRealtime", sig: "t", emits: changes},
	{name: "NextElapseUSecMonotonic", sig: "t", emits: changes},
	{name: "LastTriggerUSec", sig: "t", emits: changes},
	{name: "LastTriggerUSecMonotonic", sig: "t", emits: changes},
	{name: "Result", sig: "s", emits: changes, get: unitResult},
	{name: "AccuracyUSec", sig: "t", emits: constant},
	{name: "RandomizedDelayUSec", sig: "t", emits: constant},
	{name: "FixedRandomDelay", sig: "b", emits: constant},
	{name: "Persistent", sig: "b", emits: constant},
	{name: "WakeSystem", sig: "b", emits: constant},
	{name: "RemainAfterElapse", sig: "b", emits: constant},
}

// pathProperties are a path's own.
var pathProperties = []property{
	{name: "Unit", sig: "s", emits: constant, get: triggered},
	{name: "Paths", sig: "a(ss)", emits: constant},
	{name: "MakeDirectory", sig: "b", emits: constant},
	{name: "DirectoryMode", sig: "u", emits: constant},
	{name: "Result", sig: "s", emits: changes, get: unitResult},
	{name: "TriggerLimitIntervalUSec", sig: "t", emits: constant},
	{name: "TriggerLimitBurst", sig: "u", emits: constant},
}

// mountProperties are a mount's own.
var mountProperties = []property{
	{name: "Where", sig: "s", emits: constant},
	{name: "What", sig: "s", emits: changes},
	{name: "Options", sig: "s", emits: changes},
	{name: "Type", sig: "s", emits: changes},
	{name: "TimeoutUSec", sig: "t", emits: constant},
	{name: "ControlPID", sig: "u", emits: changes, get: controlPID},
	{name: "DirectoryMode", sig: "u", emits: constant},
	{name: "SloppyOptions", sig: "b", emits: constant},
	{name: "LazyUnmount", sig: "b", emits: constant},
	{name: "ForceUnmount", sig: "b", emits: constant},
	{name: "ReadWriteOnly", sig: "b", emits: constant},
	{name: "Result", sig: "s", emits: changes, get: unitResult},
	{name: "UID", sig: "u", emits: changes, get: noID},
	{name: "GID", sig: "u", emits: changes, get: noID},
	{name: "ExecMount", sig: "a(sasbttttuii)", emits: invalidates},
	{name: "ExecUnmount", sig: "a(sasbttttuii)", emits: invalidates},
	{name: "ExecRemount", sig: "a(sasbttttuii)", emits: invalidates},
}

// automountProperties are a automount's own.
var automountProperties = []property{
	{name: "Where", sig: "s", emits: constant},
	{name: "ExtraOptions", sig: "s", emits: constant},
	{name: "DirectoryMode", sig: "u", emits: constant},
	{name: "Result", sig: "s", emits: changes, get: unitResult},
	{name: "TimeoutIdleUSec", sig: "t", emits: constant},
}

// swapProperties are a swap's own.
var swapProperties = []property{
	{name: "What", sig: "s", emits: changes},
	{name: "Priority", sig: "i", emits: changes},
	{name: "Options", sig: "s", emits: changes},
	{name: "TimeoutUSec", sig: "t", emits: constant},
	{name: "ControlPID", sig: "u", emits: changes, get: controlPID},
	{name: "Result", sig: "s", emits: changes, get: unitResult},
	{name: "UID", sig: "u", emits: changes, get: noID},
	{name: "GID", sig: "u", emits: changes, get: noID},
	{name: "ExecActivate", sig: "a(sasbttttuii)", emits: invalidates},
	{name: "ExecDeactivate", sig: "a(sasbttttuii)", emits: invalidates},
}

// scopeProperties are a scope's own.
var scopeProperties = []property{
	{name: "Controller", sig: "s", emits: changes},
	{name: "TimeoutStopUSec", sig: "t", emits: constant},
	{name: "Result", sig: "s", emits: changes, get: unitResult},
	{name: "RuntimeMaxUSec", sig: "t", emits: constant},
	{name: "RuntimeRandomizedExtraUSec", sig: "t", emits: constant},
	{name: "OOMPolicy", sig: "s", emits: constant},
}

// deviceProperties are a device's own.
var deviceProperties = []property{
	{name: "SysFSPath", sig: "s", emits: changes},
}

// jobProperties are a job's own.
var jobProperties = []property{
	{name: "Id", sig: "u", emits: constant, get: jobID},
	{name: "Unit", sig: "(so)", emits: constant, get: jobUnit},
	{name: "JobType", sig: "s", emits: constant, get: jobType},
	{name: "State", sig: "s", emits: changes, get: jobState},
	{name: "ActivationDetails", sig: "a(ss)", emits: constant, get: noPairs},
}
