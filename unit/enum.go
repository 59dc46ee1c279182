package unit

// Enumerations. Each is a small number whose names are those of the manual page; names that follow a "|" are accepted too.
// The first name is the zero value.

// ServiceType is Type= of systemd.service(5).
type ServiceType uint8

// The service types.
const (
	ServiceSimple ServiceType = iota
	ServiceExec
	ServiceForking
	ServiceOneshot
	ServiceDBus
	ServiceNotify
	ServiceNotifyReload
	ServiceIdle
)

// ExitType is ExitType= of systemd.service(5): whose end is the service's end.
type ExitType uint8

// The exit types.
const (
	ExitMain ExitType = iota
	ExitCgroup
)

// Restart is Restart= of systemd.service(5).
type Restart uint8

// The restart policies.
const (
	RestartNo Restart = iota
	RestartOnSuccess
	RestartOnFailure
	RestartOnAbnormal
	RestartOnWatchdog
	RestartOnAbort
	RestartAlways
)

// RestartMode is RestartMode= of systemd.service(5).
type RestartMode uint8

// The restart modes.
const (
	RestartModeNormal RestartMode = iota
	RestartModeDirect
	RestartModeDebug
)

// NotifyAccess is NotifyAccess= of systemd.service(5): who may send readiness and state.
type NotifyAccess uint8

// The kinds of notify access. NotifyUnset becomes NotifyNone or NotifyMain when the unit is loaded.
const (
	NotifyUnset NotifyAccess = iota
	NotifyNone
	NotifyMain
	NotifyExec
	NotifyAll
)

// OOMPolicy is OOMPolicy= of systemd.service(5) and systemd.scope(5).
type OOMPolicy uint8

// The out-of-memory policies. OOMUnset becomes the manager's default when the unit is loaded.
const (
	OOMUnset OOMPolicy = iota
	OOMContinue
	OOMStop
	OOMKill
)

// TimeoutFailureMode is TimeoutStartFailureMode= and TimeoutStopFailureMode= of systemd.service(5).
type TimeoutFailureMode uint8

// The timeout failure modes.
const (
	TimeoutTerminate TimeoutFailureMode = iota
	TimeoutAbort
	TimeoutKill
)

// KeepDescriptors is FileDescriptorStorePreserve= of systemd.service(5).
type KeepDescriptors uint8

// When the descriptor store is kept over a stop.
const (
	KeepOnRestart KeepDescriptors = iota
	KeepNever
	KeepAlways
)

// KillMode is KillMode= of systemd.kill(5).
type KillMode uint8

// The kill modes.
const (
	KillControlGroup KillMode = iota
	KillProcess
	KillMixed
	KillNone
)

// CollectMode is CollectMode= of systemd.unit(5).
type CollectMode uint8

// The collect modes.
const (
	CollectInactive CollectMode = iota
	CollectInactiveOrFailed
)

// EmergencyAction is FailureAction=, SuccessAction=, StartLimitAction= and JobTimeoutAction= of systemd.unit(5).
type EmergencyAction uint8

// The emergency actions.
const (
	ActionNone EmergencyAction = iota
	ActionExit
	ActionExitForce
	ActionReboot
	ActionRebootForce
	ActionRebootImmediate
	ActionPoweroff
	ActionPoweroffForce
	ActionPoweroffImmediate
	ActionSoftReboot
	ActionSoftRebootForce
	ActionKexec
	ActionKexecForce
	ActionHalt
	ActionHaltForce
	ActionHaltImmediate
)

// JobMode is OnFailureJobMode= and OnSuccessJobMode= of systemd.unit(5), and the mode argument of requests.
type JobMode uint8

// The job modes. The zero value is for settings only: each setting has its own default.
const (
	JobModeUnset JobMode = iota
	JobFail
	JobReplace
	JobReplaceIrreversibly
	JobIsolate
	JobFlush
	JobIgnoreDependencies
	JobIgnoreRequirements
	JobTriggering
	JobRestartDependencies
)

// ConditionKind is what a condition or assertion tests, its directive's name without Condition or Assert.
type ConditionKind uint8

// The kinds of conditions of systemd.unit(5).
const (
	ConditionArchitecture ConditionKind = iota
	ConditionFirmware
	ConditionVirtualization
	ConditionHost
	ConditionKernelCommandLine
	ConditionKernelVersion
	ConditionCredential
	ConditionEnvironment
	ConditionSecurity
	ConditionCapability
	ConditionACPower
	ConditionNeedsUpdate
	ConditionFirstBoot
	ConditionPathExists
	ConditionPathExistsGlob
	ConditionPathIsDirectory
	ConditionPathIsSymbolicLink
	ConditionPathIsMountPoint
	ConditionPathIsReadWrite
	ConditionPathIsEncrypted
	ConditionDirectoryNotEmpty
	ConditionFileNotEmpty
	ConditionFileIsExecutable
	ConditionUser
	ConditionGroup
	ConditionControlGroupController
	ConditionMemory
	ConditionCPUs
	ConditionCPUFeature
	ConditionOSRelease
	ConditionMemoryPressure
	ConditionCPUPressure
	ConditionIOPressure
	NumConditionKinds
)

// InputKind is the first word of StandardInput= of systemd.exec(5).
type InputKind uint8

// The kinds of standard input.
const (
	InputNull InputKind = iota
	InputTTY
	InputTTYForce
	InputTTYFail
	InputData
	InputFile
	InputSocket
	InputFD
)

// OutputKind is the first word of StandardOutput= and StandardError= of systemd.exec(5).
type OutputKind uint8

// The kinds of standard output and error.
const (
	OutputInherit OutputKind = iota
	OutputNull
	OutputTTY
	OutputJournal
	OutputKmsg
	OutputJournalConsole
	OutputKmsgConsole
	OutputSocket
	OutputFD
	OutputFile
	OutputAppend
	OutputTruncate
)

// ListenKind is which of the Listen*= settings of systemd.socket(5) a listener comes from.
type ListenKind uint8

// The kinds of listeners.
const (
	ListenStream ListenKind = iota
	ListenDatagram
	ListenSequentialPacket
	ListenFIFO
	ListenSpecial
	ListenNetlink
	ListenMessageQueue
	ListenUSBFunction
)

// SocketProtocol is SocketProtocol= of systemd.socket(5).
type SocketProtocol uint8

// The socket protocols. ProtocolDefault is the one of the socket's type.
const (
	ProtocolDefault SocketProtocol = iota
	ProtocolUDPLite
	ProtocolSCTP
	ProtocolMPTCP
)

// BindIPv6Only is BindIPv6Only= of systemd.socket(5).
type BindIPv6Only uint8

// The values of BindIPv6Only=.
const (
	BindDefault BindIPv6Only = iota
	BindBoth
	BindIPv6
)

// Timestamping is Timestamping= of systemd.socket(5).
type Timestamping uint8

// The values of Timestamping=.
const (
	TimestampOff Timestamping = iota
	TimestampMicroseconds
	TimestampNanoseconds
)

// TimerBase is what a timer counts from: which of the On*= settings of systemd.timer(5) it comes from.
type TimerBase uint8

// The timer bases.
const (
	OnActive TimerBase = iota
	OnBoot
	OnStartup
	OnUnitActive
	OnUnitInactive
	OnCalendar
)

// WatchKind is which setting of systemd.path(5) a watched path comes from.
type WatchKind uint8

// The kinds of watches on paths.
const (
	WatchExists WatchKind = iota
	WatchExistsGlob
	WatchChanged
	WatchModified
	WatchDirectoryNotEmpty
)

// ProtectSystem is ProtectSystem= of systemd.exec(5).
type ProtectSystem uint8

// The values of ProtectSystem=.
const (
	ProtectSystemNo ProtectSystem = iota
	ProtectSystemYes
	ProtectSystemFull
	ProtectSystemStrict
)

// ProtectHome is ProtectHome= of systemd.exec(5).
type ProtectHome uint8

// The values of ProtectHome=.
const (
	ProtectHomeNo ProtectHome = iota
	ProtectHomeYes
	ProtectHomeReadOnly
	ProtectHomeTmpfs
)

// ProtectProc is ProtectProc= of systemd.exec(5).
type ProtectProc uint8

// The values of ProtectProc=.
const (
	ProtectProcDefault ProtectProc = iota
	ProtectProcNoaccess
	ProtectProcInvisible
	ProtectProcPtraceable
)

// ProcSubset is ProcSubset= of systemd.exec(5).
type ProcSubset uint8

// The values of ProcSubset=.
const (
	ProcSubsetAll ProcSubset = iota
	ProcSubsetPID
)

// PrivateTmp is PrivateTmp= of systemd.exec(5).
type PrivateTmp uint8

// The values of PrivateTmp=.
const (
	PrivateTmpNo PrivateTmp = iota
	PrivateTmpConnected
	PrivateTmpDisconnected
)

// PrivateUsers is PrivateUsers= of systemd.exec(5).
type PrivateUsers uint8

// The values of PrivateUsers=.
const (
	PrivateUsersNo PrivateUsers = iota
	PrivateUsersSelf
	PrivateUsersIdentity
)

// ProtectControlGroups is ProtectControlGroups= of systemd.exec(5).
type ProtectControlGroups uint8

// The values of ProtectControlGroups=.
const (
	ProtectCgroupsNo ProtectControlGroups = iota
	ProtectCgroupsYes
	ProtectCgroupsPrivate
	ProtectCgroupsStrict
)

// KeyringMode is KeyringMode= of systemd.exec(5).
type KeyringMode uint8

// The keyring modes. KeyringUnset becomes private in system mode and inherit in user mode.
const (
	KeyringUnset KeyringMode = iota
	KeyringInherit
	KeyringPrivate
	KeyringShared
)

// Preserve is RuntimeDirectoryPreserve= of systemd.exec(5).
type Preserve uint8

// The values of RuntimeDirectoryPreserve=.
const (
	PreserveNo Preserve = iota
	PreserveYes
	PreserveRestart
)

// UtmpMode is UtmpMode= of systemd.exec(5).
type UtmpMode uint8

// The values of UtmpMode=.
const (
	UtmpInit UtmpMode = iota
	UtmpLogin
	UtmpUser
)

// IOSchedulingClass is IOSchedulingClass= of systemd.exec(5). Subtract 1 for the kernel's number.
type IOSchedulingClass uint8

// The I/O scheduling classes.
const (
	IOClassUnset IOSchedulingClass = iota
	IOClassNone
	IOClassRealtime
	IOClassBestEffort
	IOClassIdle
)

// CPUSchedulingPolicy is CPUSchedulingPolicy= of systemd.exec(5).
type CPUSchedulingPolicy uint8

// The CPU scheduling policies.
const (
	SchedUnset CPUSchedulingPolicy = iota
	SchedOther
	SchedBatch
	SchedIdle
	SchedFIFO
	SchedRR
)

// NUMAPolicy is NUMAPolicy= of systemd.exec(5). Subtract 1 for the kernel's number.
type NUMAPolicy uint8

// The NUMA policies.
const (
	NUMAUnset NUMAPolicy = iota
	NUMADefault
	NUMAPreferred
	NUMABind
	NUMAInterleave
	NUMALocal
)

// MountFlags is MountFlags= of systemd.exec(5): the propagation of mounts.
type MountFlags uint8

// The values of MountFlags=.
const (
	PropagationUnset MountFlags = iota
	PropagationShared
	PropagationSlave
	PropagationPrivate
)

// SyslogFacility is SyslogFacility= of systemd.exec(5), numbered as syslog(3) does.
type SyslogFacility uint8

// The facilities that code needs by name.
const (
	FacilityKern   SyslogFacility = 0
	FacilityDaemon SyslogFacility = 3
)

// LogLevel is SyslogLevel= and LogLevelMax= of systemd.exec(5): 0 is emerg, 7 is debug.
type LogLevel uint8

// The log levels that code needs by name. LogLevelUnset sets no bound.
const (
	LogEmerg LogLevel = iota
	LogAlert
	LogCrit
	LogErr
	LogWarning
	LogNotice
	LogInfo
	LogDebug
	LogLevelUnset
)

// DevicePolicy is DevicePolicy= of systemd.resource-control(5).
type DevicePolicy uint8

// The device policies.
const (
	DevicesAuto DevicePolicy = iota
	DevicesClosed
	DevicesStrict
)

// ManagedOOM is ManagedOOMSwap= and ManagedOOMMemoryPressure= of systemd.resource-control(5).
type ManagedOOM uint8

// The values of ManagedOOM*=.
const (
	ManagedOOMAuto ManagedOOM = iota
	ManagedOOMKill
)

// ManagedOOMPreference is ManagedOOMPreference= of systemd.resource-control(5).
type ManagedOOMPreference uint8

// The values of ManagedOOMPreference=.
const (
	OOMPreferenceNone ManagedOOMPreference = iota
	OOMPreferenceAvoid
	OOMPreferenceOmit
)

// PressureWatch is MemoryPressureWatch= of systemd.resource-control(5).
type PressureWatch uint8

// The values of MemoryPressureWatch=.
const (
	PressureAuto PressureWatch = iota
	PressureOn
	PressureOff
	PressureSkip
)
