package unit

// Exec is systemd.exec(5): the environment in which processes run.
type Exec struct {
	// ExecSearchPath is where executables without a slash are searched. Default: the manager's path.
	ExecSearchPath []string `unit:"ExecSearchPath" as:"colonpaths"`
	// WorkingDirectory is the working directory; "~" is the home of User=, "-" lets it be missing. Default: / in system mode, else the home.
	WorkingDirectory WorkingDirectory `unit:"WorkingDirectory"`
	// RootDirectory is the root directory of the processes.
	RootDirectory string `unit:"RootDirectory" as:"rootpath" status:"ignored"`
	// RootImage is a disk image or device to use as the root directory.
	RootImage string `unit:"RootImage" as:"rootpath" status:"ignored"`
	// RootImageOptions is mount options per partition of RootImage=.
	RootImageOptions []Pair `unit:"RootImageOptions" as:"options" status:"ignored"`
	// RootEphemeral runs on a copy of the root that is thrown away. Default: no.
	RootEphemeral bool `unit:"RootEphemeral" since:"254" status:"ignored"`
	// RootHash is the Verity root hash of RootImage=, in hexadecimal or as a path.
	RootHash RootHash `unit:"RootHash" as:"hex" dbus:",ay" status:"ignored"`
	// RootHashSignature is the signature of RootHash=, in base64 or as a path.
	RootHashSignature RootHash `unit:"RootHashSignature" as:"base64" dbus:",ay" status:"ignored"`
	// RootVerity is the Verity data of RootImage=.
	RootVerity string `unit:"RootVerity" as:"rootpath" status:"ignored"`
	// RootImagePolicy is the image policy of RootImage=.
	RootImagePolicy string `unit:"RootImagePolicy" since:"254" status:"ignored"`
	// MountImagePolicy is the image policy of MountImages=.
	MountImagePolicy string `unit:"MountImagePolicy" since:"254" status:"ignored"`
	// ExtensionImagePolicy is the image policy of ExtensionImages=.
	ExtensionImagePolicy string `unit:"ExtensionImagePolicy" since:"254" status:"ignored"`
	// MountAPIVFS mounts /proc, /sys, /dev and /run in the root directory. Default: no; yes with RootImage=.
	MountAPIVFS Tristate `unit:"MountAPIVFS" status:"ignored"`
	// BindLogSockets makes the journal's sockets reachable in the root directory. Default: yes with a private root.
	BindLogSockets Tristate `unit:"BindLogSockets" since:"257" status:"ignored"`
	// ProtectProc hides processes of others in /proc: noaccess, invisible, ptraceable or default. Default: default.
	ProtectProc ProtectProc `unit:"ProtectProc"`
	// ProcSubset is what /proc shows: all or pid. Default: all.
	ProcSubset ProcSubset `unit:"ProcSubset"`
	// BindPaths is bind mounts: source[:destination[:options]].
	BindPaths []Bind `unit:"BindPaths"`
	// BindReadOnlyPaths is read-only bind mounts.
	BindReadOnlyPaths []Bind `unit:"BindReadOnlyPaths"`
	// MountImages is disk images to mount: image:destination[:options].
	MountImages []Image `unit:"MountImages" as:"mount" dbus:",a(ssba(ss))" status:"ignored"`
	// ExtensionImages is disk images to overlay on /usr and /opt.
	ExtensionImages []Image `unit:"ExtensionImages" as:"extension" dbus:",a(sba(ss))" status:"ignored"`
	// ExtensionDirectories is directories to overlay on /usr and /opt.
	ExtensionDirectories []string `unit:"ExtensionDirectories" as:"paths-" status:"ignored"`

	// User is the user to run as, by name or number. Default: root in system mode, else the manager's.
	User string `unit:"User" as:"user"`
	// Group is the group to run as. Default: the user's.
	Group string `unit:"Group" as:"user"`
	// DynamicUser makes a user for the time the service runs. Default: no.
	DynamicUser bool `unit:"DynamicUser" status:"ignored"`
	// SupplementaryGroups is further groups of the processes.
	SupplementaryGroups []string `unit:"SupplementaryGroups" as:"users"`
	// SetLoginEnvironment sets HOME, LOGNAME and SHELL. Default: yes with User=.
	SetLoginEnvironment Tristate `unit:"SetLoginEnvironment" since:"255"`
	// PAMName opens a PAM session of that name.
	PAMName string `unit:"PAMName" status:"ignored"`

	// CapabilityBoundingSet is the capabilities that processes can ever have; "~" removes. Default: all.
	CapabilityBoundingSet Capabilities `unit:"CapabilityBoundingSet"`
	// AmbientCapabilities is the capabilities that survive a change of user and an exec. Default: none.
	AmbientCapabilities Capabilities `unit:"AmbientCapabilities"`
	// NoNewPrivileges keeps set-user-id programs from gaining privileges. Default: no.
	NoNewPrivileges bool `unit:"NoNewPrivileges"`
	// SecureBits is keep-caps, keep-caps-locked, no-setuid-fixup, no-setuid-fixup-locked, noroot and noroot-locked.
	SecureBits SecureBits `unit:"SecureBits"`

	// SELinuxContext is the SELinux context of the processes.
	SELinuxContext Label `unit:"SELinuxContext" status:"ignored"`
	// AppArmorProfile is the AppArmor profile to switch to.
	AppArmorProfile Label `unit:"AppArmorProfile" status:"ignored"`
	// SmackProcessLabel is the SMACK64 label of the processes.
	SmackProcessLabel Label `unit:"SmackProcessLabel" status:"ignored"`

	// LimitCPU is RLIMIT_CPU in seconds.
	LimitCPU Rlimit `unit:"LimitCPU" as:"seconds"`
	// LimitFSIZE is RLIMIT_FSIZE in bytes.
	LimitFSIZE Rlimit `unit:"LimitFSIZE" as:"bytes"`
	// LimitDATA is RLIMIT_DATA in bytes.
	LimitDATA Rlimit `unit:"LimitDATA" as:"bytes"`
	// LimitSTACK is RLIMIT_STACK in bytes.
	LimitSTACK Rlimit `unit:"LimitSTACK" as:"bytes"`
	// LimitCORE is RLIMIT_CORE in bytes.
	LimitCORE Rlimit `unit:"LimitCORE" as:"bytes"`
	// LimitRSS is RLIMIT_RSS in bytes; Linux ignores it.
	LimitRSS Rlimit `unit:"LimitRSS" as:"bytes"`
	// LimitNOFILE is RLIMIT_NOFILE.
	LimitNOFILE Rlimit `unit:"LimitNOFILE"`
	// LimitAS is RLIMIT_AS in bytes.
	LimitAS Rlimit `unit:"LimitAS" as:"bytes"`
	// LimitNPROC is RLIMIT_NPROC.
	LimitNPROC Rlimit `unit:"LimitNPROC"`
	// LimitMEMLOCK is RLIMIT_MEMLOCK in bytes.
	LimitMEMLOCK Rlimit `unit:"LimitMEMLOCK" as:"bytes"`
	// LimitLOCKS is RLIMIT_LOCKS.
	LimitLOCKS Rlimit `unit:"LimitLOCKS"`
	// LimitSIGPENDING is RLIMIT_SIGPENDING.
	LimitSIGPENDING Rlimit `unit:"LimitSIGPENDING"`
	// LimitMSGQUEUE is RLIMIT_MSGQUEUE in bytes.
	LimitMSGQUEUE Rlimit `unit:"LimitMSGQUEUE" as:"bytes"`
	// LimitNICE is RLIMIT_NICE: a nice level with a sign, or 20 minus it without.
	LimitNICE Rlimit `unit:"LimitNICE" as:"nice"`
	// LimitRTPRIO is RLIMIT_RTPRIO.
	LimitRTPRIO Rlimit `unit:"LimitRTPRIO"`
	// LimitRTTIME is RLIMIT_RTTIME in microseconds.
	LimitRTTIME Rlimit `unit:"LimitRTTIME" as:"microseconds"`
	// UMask is the file mode creation mask. Default: 0022 in system mode, else the manager's.
	UMask Mode `unit:"UMask" default:"0022"`
	// CoredumpFilter is which memory goes into core dumps, as core(5) says. Default: the kernel's.
	CoredumpFilter CoredumpFilter `unit:"CoredumpFilter"`
	// KeyringMode is inherit, private or shared. Default: private in system mode, else inherit.
	KeyringMode KeyringMode `unit:"KeyringMode"`
	// OOMScoreAdjust is -1000 to 1000. Default: the manager's.
	OOMScoreAdjust OptInt `unit:"OOMScoreAdjust" as:"-1000..1000"`
	// TimerSlackNSec is the timer slack of the processes. Default: the manager's.
	TimerSlackNSec Nanoseconds `unit:"TimerSlackNSec" dbus:"TimerSlackNSec,t"`
	// Personality is what uname(2) reports, such as x86 or arm64.
	Personality string `unit:"Personality" as:"personality"`
	// IgnoreSIGPIPE ignores SIGPIPE in the processes. Default: yes.
	IgnoreSIGPIPE bool `unit:"IgnoreSIGPIPE" default:"yes"`

	// Nice is the nice level, -20 to 19. Default: the manager's.
	Nice OptInt `unit:"Nice" as:"-20..19"`
	// CPUSchedulingPolicy is other, batch, idle, fifo or rr. Default: the manager's.
	CPUSchedulingPolicy CPUSchedulingPolicy `unit:"CPUSchedulingPolicy" dbus:",i"`
	// CPUSchedulingPriority is 1 to 99 for fifo and rr. Default: unset.
	CPUSchedulingPriority OptInt `unit:"CPUSchedulingPriority" as:"0..99"`
	// CPUSchedulingResetOnFork resets elevated scheduling in children. Default: no.
	CPUSchedulingResetOnFork bool `unit:"CPUSchedulingResetOnFork"`
	// CPUAffinity is the CPUs to run on, or numa.
	CPUAffinity CPUSet `unit:"CPUAffinity" as:"affinity"`
	// NUMAPolicy is default, preferred, bind, interleave or local. Default: the manager's.
	NUMAPolicy NUMAPolicy `unit:"NUMAPolicy" dbus:",i"`
	// NUMAMask is the memory nodes of NUMAPolicy=, or all.
	NUMAMask CPUSet `unit:"NUMAMask" as:"numa"`
	// IOSchedulingClass is realtime, best-effort or idle. Default: the kernel's.
	IOSchedulingClass IOSchedulingClass `unit:"IOSchedulingClass" dbus:",i"`
	// IOSchedulingPriority is 0 (highest) to 7. Default: unset.
	IOSchedulingPriority OptInt `unit:"IOSchedulingPriority" as:"0..7"`

	// ProtectSystem makes the file system read-only: yes, full or strict. Default: no.
	ProtectSystem ProtectSystem `unit:"ProtectSystem"`
	// ProtectHome hides the homes: yes, read-only or tmpfs. Default: no.
	ProtectHome ProtectHome `unit:"ProtectHome"`
	// RuntimeDirectory is directories below /run, made for the unit and removed when it stops.
	RuntimeDirectory []Directory `unit:"RuntimeDirectory" dbus:",as"`
	// StateDirectory is directories below /var/lib.
	StateDirectory []Directory `unit:"StateDirectory" dbus:",as"`
	// CacheDirectory is directories below /var/cache.
	CacheDirectory []Directory `unit:"CacheDirectory" dbus:",as"`
	// LogsDirectory is directories below /var/log.
	LogsDirectory []Directory `unit:"LogsDirectory" dbus:",as"`
	// ConfigurationDirectory is directories below /etc.
	ConfigurationDirectory []Directory `unit:"ConfigurationDirectory" as:"plain" dbus:",as"`
	// RuntimeDirectoryMode is the mode of RuntimeDirectory=. Default: 0755.
	RuntimeDirectoryMode Mode `unit:"RuntimeDirectoryMode" default:"0755"`
	// StateDirectoryMode is the mode of StateDirectory=. Default: 0755.
	StateDirectoryMode Mode `unit:"StateDirectoryMode" default:"0755"`
	// CacheDirectoryMode is the mode of CacheDirectory=. Default: 0755.
	CacheDirectoryMode Mode `unit:"CacheDirectoryMode" default:"0755"`
	// LogsDirectoryMode is the mode of LogsDirectory=. Default: 0755.
	LogsDirectoryMode Mode `unit:"LogsDirectoryMode" default:"0755"`
	// ConfigurationDirectoryMode is the mode of ConfigurationDirectory=. Default: 0755.
	ConfigurationDirectoryMode Mode `unit:"ConfigurationDirectoryMode" default:"0755"`
	// RuntimeDirectoryPreserve keeps RuntimeDirectory= after a stop: no, yes or restart. Default: no.
	RuntimeDirectoryPreserve Preserve `unit:"RuntimeDirectoryPreserve"`
	// TimeoutClean bounds the cleaning of the directories. Default: infinity.
	TimeoutClean Timespan `unit:"TimeoutCleanSec" default:"infinity" as:"timeout" status:"ignored"`
	// ReadWritePaths is paths that stay writable. "-" lets one be missing, "+" is relative to the root directory.
	ReadWritePaths []string `unit:"ReadWritePaths" also:"ReadWriteDirectories" as:"paths+"`
	// ReadOnlyPaths is paths that become read-only.
	ReadOnlyPaths []string `unit:"ReadOnlyPaths" also:"ReadOnlyDirectories" as:"paths+"`
	// InaccessiblePaths is paths that become inaccessible.
	InaccessiblePaths []string `unit:"InaccessiblePaths" also:"InaccessibleDirectories" as:"paths+"`
	// ExecPaths is paths from which programs may be run.
	ExecPaths []string `unit:"ExecPaths" as:"paths+"`
	// NoExecPaths is paths from which no programs may be run.
	NoExecPaths []string `unit:"NoExecPaths" as:"paths+"`
	// TemporaryFileSystem is mount points for empty file systems: path[:options].
	TemporaryFileSystem []Pair `unit:"TemporaryFileSystem" as:"colon"`
	// PrivateTmp gives the unit its own /tmp and /var/tmp: a boolean or disconnected. Default: no.
	PrivateTmp PrivateTmp `unit:"PrivateTmp" dbus:",b"`
	// PrivateDevices gives the unit a /dev with pseudo devices only. Default: no.
	PrivateDevices bool `unit:"PrivateDevices"`
	// PrivateNetwork gives the unit a network of its own with only a loopback device. Default: no.
	PrivateNetwork bool `unit:"PrivateNetwork"`
	// NetworkNamespacePath is a network namespace to join.
	NetworkNamespacePath string `unit:"NetworkNamespacePath" as:"path"`
	// PrivateIPC gives the unit an IPC namespace of its own. Default: no.
	PrivateIPC bool `unit:"PrivateIPC"`
	// IPCNamespacePath is an IPC namespace to join.
	IPCNamespacePath string `unit:"IPCNamespacePath" as:"path"`
	// PrivatePIDs gives the unit a PID namespace of its own. Default: no.
	PrivatePIDs bool `unit:"PrivatePIDs" since:"257" dbus:",s" status:"ignored"`
	// MemoryKSM lets the kernel merge equal pages. Default: the kernel's.
	MemoryKSM Tristate `unit:"MemoryKSM" since:"254" status:"ignored"`
	// PrivateUsers gives the unit a user namespace of its own: a boolean, self or identity. Default: no.
	PrivateUsers PrivateUsers `unit:"PrivateUsers" dbus:",b" status:"ignored"`
	// ProtectHostname keeps the unit from changing the host name. Default: no.
	ProtectHostname bool `unit:"ProtectHostname"`
	// ProtectClock keeps the unit from setting clocks. Default: no.
	ProtectClock bool `unit:"ProtectClock"`
	// ProtectKernelTunables makes /proc/sys, /sys and others read-only. Default: no.
	ProtectKernelTunables bool `unit:"ProtectKernelTunables"`
	// ProtectKernelModules keeps the unit from loading kernel modules. Default: no.
	ProtectKernelModules bool `unit:"ProtectKernelModules"`
	// ProtectKernelLogs keeps the unit from the kernel log. Default: no.
	ProtectKernelLogs bool `unit:"ProtectKernelLogs"`
	// ProtectControlGroups makes /sys/fs/cgroup read-only: a boolean, private or strict. Default: no.
	ProtectControlGroups ProtectControlGroups `unit:"ProtectControlGroups" dbus:",b"`
	// RestrictAddressFamilies is the socket address families that may (or, with "~", may not) be used; none is none.
	RestrictAddressFamilies Filter `unit:"RestrictAddressFamilies" as:"families"`
	// RestrictFileSystems is the file system types that may (or, with "~", may not) be accessed.
	RestrictFileSystems Filter `unit:"RestrictFileSystems" status:"ignored"`
	// RestrictNamespaces is the namespace types that may be made: a boolean or a list. Default: no.
	RestrictNamespaces Namespaces `unit:"RestrictNamespaces" default:"no"`
	// LockPersonality locks the personality(2). Default: no.
	LockPersonality bool `unit:"LockPersonality"`
	// MemoryDenyWriteExecute forbids memory that is writable and executable. Default: no.
	MemoryDenyWriteExecute bool `unit:"MemoryDenyWriteExecute"`
	// RestrictRealtime forbids realtime scheduling. Default: no.
	RestrictRealtime bool `unit:"RestrictRealtime"`
	// RestrictSUIDSGID forbids making set-user-id and set-group-id files. Default: no.
	RestrictSUIDSGID bool `unit:"RestrictSUIDSGID"`
	// RemoveIPC removes IPC objects of the user when the unit stops. Default: no.
	RemoveIPC bool `unit:"RemoveIPC" status:"ignored"`
	// PrivateMounts gives the unit a mount namespace of its own. Default: no.
	PrivateMounts Tristate `unit:"PrivateMounts"`
	// MountFlags is the mount propagation: shared, slave or private. Default: shared.
	MountFlags MountFlags `unit:"MountFlags" dbus:",t"`
	// SystemCallFilter is the system calls and @groups that may (or, with "~", may not) be made; ":errno" per entry.
	SystemCallFilter Filter `unit:"SystemCallFilter" as:"syscalls"`
	// SystemCallErrorNumber is the error of filtered system calls, or kill. Default: kill.
	SystemCallErrorNumber OptInt `unit:"SystemCallErrorNumber" as:"errno"`
	// SystemCallArchitectures is the architectures whose system calls may be made. Default: all.
	SystemCallArchitectures []string `unit:"SystemCallArchitectures" as:"words"`
	// SystemCallLog is the system calls to log.
	SystemCallLog Filter `unit:"SystemCallLog" as:"syscalls"`

	// Environment is variables NAME=value.
	Environment []string `unit:"Environment" as:"environment"`
	// EnvironmentFile is files with variables; "-" lets one be missing.
	EnvironmentFile []EnvironmentFile `unit:"EnvironmentFile" dbus:"EnvironmentFiles,a(sb)"`
	// PassEnvironment is names of variables taken from the manager's environment.
	PassEnvironment []string `unit:"PassEnvironment" as:"variables"`
	// UnsetEnvironment is names or assignments to be removed at last.
	UnsetEnvironment []string `unit:"UnsetEnvironment" as:"assignments"`

	// StandardInput is null, tty, tty-force, tty-fail, data, file:path, socket or fd:name. Default: null.
	StandardInput Input `unit:"StandardInput"`
	// StandardOutput is inherit, null, tty, journal, kmsg, journal+console, kmsg+console, file:path, append:path, truncate:path, socket or fd:name. Default: journal.
	StandardOutput Output `unit:"StandardOutput" default:"journal"`
	// StandardError is like StandardOutput=. Default: inherit.
	StandardError Output `unit:"StandardError"`
	// StandardInputText is text for StandardInput=data, with C escapes; each assignment is a line. StandardInputData= adds base64.
	StandardInputText []byte `unit:"StandardInputText,StandardInputData" as:"input" dbus:"StandardInputData,ay"`
	// LogLevelMax drops messages less important than this. Default: unset.
	LogLevelMax LogLevel `unit:"LogLevelMax" default:"" dbus:",i"`
	// LogExtraFields is additional fields FIELD=value of every message.
	LogExtraFields []string `unit:"LogExtraFields" as:"fields" dbus:",aay"`
	// LogRateLimitInterval is the window of LogRateLimitBurst=. Default: 0, the journal's.
	LogRateLimitInterval Timespan `unit:"LogRateLimitIntervalSec"`
	// LogRateLimitBurst is how many messages are taken in LogRateLimitIntervalSec=. Default: 0, the journal's.
	LogRateLimitBurst uint32 `unit:"LogRateLimitBurst"`
	// LogFilterPatterns is regular expressions of messages to take, or, with "~", to drop.
	LogFilterPatterns []string `unit:"LogFilterPatterns" since:"253" as:"patterns" dbus:",a(bs)" status:"ignored"`
	// LogNamespace is the journal namespace.
	LogNamespace string `unit:"LogNamespace" status:"ignored"`
	// SyslogIdentifier is the process name in messages. Default: the name of the executable.
	SyslogIdentifier string `unit:"SyslogIdentifier"`
	// SyslogFacility is the facility of messages. Default: daemon.
	SyslogFacility SyslogFacility `unit:"SyslogFacility" default:"daemon" dbus:",i"`
	// SyslogLevel is the level of messages without a prefix. Default: info.
	SyslogLevel LogLevel `unit:"SyslogLevel" default:"info" dbus:",i"`
	// SyslogLevelPrefix reads "<N>" at the start of a line as its level. Default: yes.
	SyslogLevelPrefix bool `unit:"SyslogLevelPrefix" default:"yes"`
	// TTYPath is the terminal of the tty modes. Default: /dev/console.
	TTYPath string `unit:"TTYPath" as:"path"`
	// TTYReset resets the terminal before and after. Default: no.
	TTYReset bool `unit:"TTYReset"`
	// TTYVHangup hangs up the terminal before and after. Default: no.
	TTYVHangup bool `unit:"TTYVHangup" status:"ignored"`
	// TTYRows is the height of the terminal. Default: unset.
	TTYRows uint16 `unit:"TTYRows" status:"ignored"`
	// TTYColumns is the width of the terminal. Default: unset.
	TTYColumns uint16 `unit:"TTYColumns" status:"ignored"`
	// TTYVTDisallocate frees the virtual console before and after. Default: no.
	TTYVTDisallocate bool `unit:"TTYVTDisallocate" status:"ignored"`

	// LoadCredential is credentials to load: ID[:path].
	LoadCredential []Pair `unit:"LoadCredential" as:"colon" status:"ignored"`
	// LoadCredentialEncrypted is encrypted credentials to load.
	LoadCredentialEncrypted []Pair `unit:"LoadCredentialEncrypted" as:"colon" status:"ignored"`
	// ImportCredential is credentials to take over from the manager, by a glob.
	ImportCredential []string `unit:"ImportCredential" since:"254" as:"globs" status:"ignored"`
	// SetCredential is credentials with their value: ID:value.
	SetCredential []Credential `unit:"SetCredential" dbus:",a(say)" status:"ignored"`
	// SetCredentialEncrypted is encrypted credentials with their value, in base64.
	SetCredentialEncrypted []Credential `unit:"SetCredentialEncrypted" as:"base64" dbus:",a(say)" status:"ignored"`
	// UtmpIdentifier is the identifier of the utmp record.
	UtmpIdentifier string `unit:"UtmpIdentifier" status:"ignored"`
	// UtmpMode is init, login or user. Default: init.
	UtmpMode UtmpMode `unit:"UtmpMode" status:"ignored"`
}
