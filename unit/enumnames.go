package unit

import (
	"reflect"
	"strings"
)

// The names of every enumeration, in the order of its constants. "a|b" is written as a and read as either.
var (
	serviceTypeNames    = enum[ServiceType]("simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle")
	exitTypeNames       = enum[ExitType]("main", "cgroup")
	restartNames        = enum[Restart]("no|false|0|off|n|f", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always")
	restartModeNames    = enum[RestartMode]("normal", "direct", "debug")
	notifyAccessNames   = enum[NotifyAccess]("", "none", "main", "exec", "all")
	oomPolicyNames      = enum[OOMPolicy]("", "continue", "stop", "kill")
	timeoutFailureNames = enum[TimeoutFailureMode]("terminate", "abort", "kill")
	keepNames           = enum[KeepDescriptors]("restart", "no|false|0|off|n|f", "yes|true|1|on|y|t")
	killModeNames       = enum[KillMode]("control-group", "process", "mixed", "none")
	collectModeNames    = enum[CollectMode]("inactive", "inactive-or-failed")
	emergencyNames      = enum[EmergencyAction](
		"none", "exit", "exit-force", "reboot", "reboot-force", "reboot-immediate", "poweroff", "poweroff-force", "poweroff-immediate",
		"soft-reboot", "soft-reboot-force", "kexec", "kexec-force", "halt", "halt-force", "halt-immediate")
	jobModeNames = enum[JobMode](
		"", "fail", "replace", "replace-irreversibly", "isolate", "flush", "ignore-dependencies", "ignore-requirements", "triggering", "restart-dependencies")
	conditionNames = enum[ConditionKind](
		"Architecture", "Firmware", "Virtualization", "Host", "KernelCommandLine", "KernelVersion", "Credential", "Environment", "Security",
		"Capability", "ACPower", "NeedsUpdate", "FirstBoot", "PathExists", "PathExistsGlob", "PathIsDirectory", "PathIsSymbolicLink",
		"PathIsMountPoint", "PathIsReadWrite", "PathIsEncrypted", "DirectoryNotEmpty", "FileNotEmpty", "FileIsExecutable", "User", "Group",
		"ControlGroupController", "Memory", "CPUs", "CPUFeature", "OSRelease", "MemoryPressure", "CPUPressure", "IOPressure")
	inputNames  = enum[InputKind]("null", "tty", "tty-force", "tty-fail", "data", "file", "socket", "fd")
	outputNames = enum[OutputKind](
		"inherit", "null", "tty", "journal", "kmsg", "journal+console", "kmsg+console", "socket", "fd", "file", "append", "truncate")
	listenNames = enum[ListenKind](
		"Stream", "Datagram", "SequentialPacket", "FIFO", "Special", "Netlink", "MessageQueue", "USBFunction")
	protocolNames      = enum[SocketProtocol]("", "udplite", "sctp", "mptcp")
	bindIPv6Names      = enum[BindIPv6Only]("default", "both", "ipv6-only")
	timestampingNames  = enum[Timestamping]("off|no|false|0|n|f", "us|usec|µs|μs", "ns|nsec")
	timerBaseNames     = enum[TimerBase]("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec", "OnCalendar")
	watchNames         = enum[WatchKind]("PathExists", "PathExistsGlob", "PathChanged", "PathModified", "DirectoryNotEmpty")
	protectSystemNames = enum[ProtectSystem]("no|false|0|off|n|f", "yes|true|1|on|y|t", "full", "strict")
	protectHomeNames   = enum[ProtectHome]("no|false|0|off|n|f", "yes|true|1|on|y|t", "read-only", "tmpfs")
	protectProcNames   = enum[ProtectProc]("default", "noaccess", "invisible", "ptraceable")
	procSubsetNames    = enum[ProcSubset]("all", "pid")
	privateTmpNames    = enum[PrivateTmp]("no|false|0|off|n|f", "connected|yes|true|1|on|y|t", "disconnected")
	privateUsersNames  = enum[PrivateUsers]("no|false|0|off|n|f", "self|yes|true|1|on|y|t", "identity")
	protectCgroupNames = enum[ProtectControlGroups]("no|false|0|off|n|f", "yes|true|1|on|y|t", "private", "strict")
	keyringNames       = enum[KeyringMode]("", "inherit", "private", "shared")
	preserveNames      = enum[Preserve]("no|false|0|off|n|f", "yes|true|1|on|y|t", "restart")
	utmpNames          = enum[UtmpMode]("init", "login", "user")
	ioClassNames       = enum[IOSchedulingClass]("", "none|0", "realtime|1", "best-effort|2", "idle|3")
	schedNames         = enum[CPUSchedulingPolicy]("", "other|0", "batch|3", "idle|5", "fifo|1", "rr|2")
	numaNames          = enum[NUMAPolicy]("", "default|0", "preferred|1", "bind|2", "interleave|3", "local|4")
	propagationNames   = enum[MountFlags]("", "shared", "slave", "private")
	facilityNames      = enum[SyslogFacility](
		"kern|0", "user|1", "mail|2", "daemon|3", "auth|4", "syslog|5", "lpr|6", "news|7", "uucp|8", "cron|9", "authpriv|10", "ftp|11",
		"12", "13", "14", "15", "local0|16", "local1|17", "local2|18", "local3|19", "local4|20", "local5|21", "local6|22", "local7|23")
	logLevelNames       = enum[LogLevel]("emerg|0", "alert|1", "crit|2", "err|error|3", "warning|warn|4", "notice|5", "info|6", "debug|7", "")
	devicePolicyNames   = enum[DevicePolicy]("auto", "closed", "strict")
	managedOOMNames     = enum[ManagedOOM]("auto", "kill")
	oomPreferenceNames  = enum[ManagedOOMPreference]("none", "avoid", "omit")
	pressureNames       = enum[PressureWatch]("auto", "on|yes|true|1|y|t", "off|no|false|0|n|f", "skip")
	loadStateNames      = enum[LoadState]("stub", "loaded", "not-found", "bad-setting", "error", "merged", "masked")
	typeNames           = enum[Type]("", "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope")
	dependencyKindNames = enum[DependencyKind](
		"Requires", "Requisite", "Wants", "BindsTo", "PartOf", "Upholds", "Conflicts", "Before", "After", "OnFailure", "OnSuccess",
		"PropagatesReloadTo", "ReloadPropagatedFrom", "PropagatesStopTo", "StopPropagatedFrom", "JoinsNamespaceOf", "Triggers", "Slice")
)

// names is the name table of one enumeration.
type names struct {
	first []string // what is written
	all   []string // "|"-separated alternatives
}

// enums finds the table of an enumeration by its Go type.
var enums = map[reflect.Type]*names{}

func enum[E ~uint8](list ...string) *names {
	n := &names{all: list}
	for _, s := range list {
		first, _, _ := strings.Cut(s, "|")
		n.first = append(n.first, first)
	}
	enums[reflect.TypeFor[E]()] = n
	return n
}

func (n *names) name(i int) string {
	if i < len(n.first) {
		return n.first[i]
	}
	return "?"
}

// value finds the number of a name.
func (n *names) value(s string) (int, bool) {
	if s == "" {
		return 0, false
	}
	for i, all := range n.all {
		for rest, more := all, true; more; {
			var alt string
			alt, rest, more = strings.Cut(rest, "|")
			if alt == s {
				return i, true
			}
		}
	}
	return 0, false
}

func (v ServiceType) String() string          { return serviceTypeNames.name(int(v)) }
func (v ExitType) String() string             { return exitTypeNames.name(int(v)) }
func (v Restart) String() string              { return restartNames.name(int(v)) }
func (v RestartMode) String() string          { return restartModeNames.name(int(v)) }
func (v NotifyAccess) String() string         { return notifyAccessNames.name(int(v)) }
func (v OOMPolicy) String() string            { return oomPolicyNames.name(int(v)) }
func (v TimeoutFailureMode) String() string   { return timeoutFailureNames.name(int(v)) }
func (v KeepDescriptors) String() string      { return keepNames.name(int(v)) }
func (v KillMode) String() string             { return killModeNames.name(int(v)) }
func (v CollectMode) String() string          { return collectModeNames.name(int(v)) }
func (v EmergencyAction) String() string      { return emergencyNames.name(int(v)) }
func (v JobMode) String() string              { return jobModeNames.name(int(v)) }
func (v ConditionKind) String() string        { return conditionNames.name(int(v)) }
func (v InputKind) String() string            { return inputNames.name(int(v)) }
func (v OutputKind) String() string           { return outputNames.name(int(v)) }
func (v ListenKind) String() string           { return listenNames.name(int(v)) }
func (v SocketProtocol) String() string       { return protocolNames.name(int(v)) }
func (v BindIPv6Only) String() string         { return bindIPv6Names.name(int(v)) }
func (v Timestamping) String() string         { return timestampingNames.name(int(v)) }
func (v TimerBase) String() string            { return timerBaseNames.name(int(v)) }
func (v WatchKind) String() string            { return watchNames.name(int(v)) }
func (v ProtectSystem) String() string        { return protectSystemNames.name(int(v)) }
func (v ProtectHome) String() string          { return protectHomeNames.name(int(v)) }
func (v ProtectProc) String() string          { return protectProcNames.name(int(v)) }
func (v ProcSubset) String() string           { return procSubsetNames.name(int(v)) }
func (v PrivateTmp) String() string           { return privateTmpNames.name(int(v)) }
func (v PrivateUsers) String() string         { return privateUsersNames.name(int(v)) }
func (v ProtectControlGroups) String() string { return protectCgroupNames.name(int(v)) }
func (v KeyringMode) String() string          { return keyringNames.name(int(v)) }
func (v Preserve) String() string             { return preserveNames.name(int(v)) }
func (v UtmpMode) String() string             { return utmpNames.name(int(v)) }
func (v IOSchedulingClass) String() string    { return ioClassNames.name(int(v)) }
func (v CPUSchedulingPolicy) String() string  { return schedNames.name(int(v)) }
func (v NUMAPolicy) String() string           { return numaNames.name(int(v)) }
func (v MountFlags) String() string           { return propagationNames.name(int(v)) }
func (v SyslogFacility) String() string       { return facilityNames.name(int(v)) }
func (v LogLevel) String() string             { return logLevelNames.name(int(v)) }
func (v DevicePolicy) String() string         { return devicePolicyNames.name(int(v)) }
func (v ManagedOOM) String() string           { return managedOOMNames.name(int(v)) }
func (v ManagedOOMPreference) String() string { return oomPreferenceNames.name(int(v)) }
func (v PressureWatch) String() string        { return pressureNames.name(int(v)) }
func (v LoadState) String() string            { return loadStateNames.name(int(v)) }
func (v Type) String() string                 { return typeNames.name(int(v)) }
func (v DependencyKind) String() string       { return dependencyKindNames.name(int(v)) }
