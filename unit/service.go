package unit

// Service is the [Service] section of systemd.service(5), without the blocks Exec, Kill and Resources.
type Service struct {
	// Type says when the service counts as started. Default: simple with ExecStart=, oneshot without, dbus with BusName=.
	Type ServiceType `unit:"Type"`
	// ExitType says whether the service ends with its main process or with the last process of its cgroup. Default: main.
	ExitType ExitType `unit:"ExitType"`
	// RemainAfterExit keeps the service active after all its processes exited. Default: no.
	RemainAfterExit bool `unit:"RemainAfterExit"`
	// GuessMainPID lets the manager guess the main process of a forking service without PIDFile=. Default: yes.
	GuessMainPID bool `unit:"GuessMainPID" default:"yes"`
	// PIDFile is the file to which a forking service writes its main process; a relative path is below /run.
	PIDFile string `unit:"PIDFile" as:"runpath"`
	// BusName is the D-Bus name by which a Type=dbus service shows that it is ready.
	BusName string `unit:"BusName" as:"busname"`
	// ExecCondition runs before ExecStartPre=; exit status 1 to 254 skips the unit, 255 and signals fail it.
	ExecCondition []Command `unit:"ExecCondition"`
	// ExecStartPre runs before ExecStart=, one after another.
	ExecStartPre []Command `unit:"ExecStartPre"`
	// ExecStart is the command of the main process; only Type=oneshot may have more than one, or none.
	ExecStart []Command `unit:"ExecStart"`
	// ExecStartPost runs when ExecStart= has started the service.
	ExecStartPost []Command `unit:"ExecStartPost"`
	// ExecReload makes the service read its configuration again.
	ExecReload []Command `unit:"ExecReload"`
	// ExecStop stops the service; what is left then gets the kill signal.
	ExecStop []Command `unit:"ExecStop"`
	// ExecStopPost runs after the service stopped, also when it failed to start.
	ExecStopPost []Command `unit:"ExecStopPost"`
	// RestartDelay is the wait before a restart. Default: 100ms.
	RestartDelay Timespan `unit:"RestartSec" default:"100ms"`
	// RestartSteps is in how many steps the restart delay grows to RestartMaxDelaySec=; 0 keeps it constant. Default: 0.
	RestartSteps uint32 `unit:"RestartSteps" since:"254"`
	// RestartMaxDelay is the longest restart delay. Default: infinity.
	RestartMaxDelay Timespan `unit:"RestartMaxDelaySec" default:"infinity" since:"254"`
	// TimeoutStart bounds the start. Default: 90s, but infinity for Type=oneshot. TimeoutSec= sets it and TimeoutStopSec=.
	TimeoutStart Timespan `unit:"TimeoutStartSec" default:"90s" as:"timeout"`
	// TimeoutStop bounds each ExecStop=, and the wait after the kill signal. Default: 90s.
	TimeoutStop Timespan `unit:"TimeoutStopSec" default:"90s" as:"timeout"`
	// TimeoutAbort bounds the wait after the watchdog's abort signal. Default: TimeoutStopSec=.
	TimeoutAbort Timespan `unit:"TimeoutAbortSec" default:"90s" as:"timeout"`
	// TimeoutStartFailureMode is what happens when the start takes too long. Default: terminate.
	TimeoutStartFailureMode TimeoutFailureMode `unit:"TimeoutStartFailureMode"`
	// TimeoutStopFailureMode is what happens when the stop takes too long. Default: terminate.
	TimeoutStopFailureMode TimeoutFailureMode `unit:"TimeoutStopFailureMode"`
	// RuntimeMax is how long the service may be active. Default: infinity.
	RuntimeMax Timespan `unit:"RuntimeMaxSec" default:"infinity"`
	// RuntimeRandomizedExtra lengthens RuntimeMaxSec= by a random time up to this. Default: 0.
	RuntimeRandomizedExtra Timespan `unit:"RuntimeRandomizedExtraSec"`
	// Watchdog is the longest time between two WATCHDOG=1 messages; 0 turns the watchdog off. Default: 0.
	Watchdog Timespan `unit:"WatchdogSec"`
	// Restart says after which ends the service is restarted. Default: no.
	Restart Restart `unit:"Restart"`
	// RestartMode says whether a restart goes through the inactive or failed state. Default: normal.
	RestartMode RestartMode `unit:"RestartMode" since:"254"`
	// SuccessExitStatus is a list of exit statuses and signals that count as success besides 0, SIGHUP, SIGINT, SIGTERM and SIGPIPE.
	SuccessExitStatus StatusSet `unit:"SuccessExitStatus"`
	// RestartPreventExitStatus is a list of exit statuses and signals after which the service is never restarted.
	RestartPreventExitStatus StatusSet `unit:"RestartPreventExitStatus"`
	// RestartForceExitStatus is a list of exit statuses and signals after which the service is always restarted.
	RestartForceExitStatus StatusSet `unit:"RestartForceExitStatus"`
	// RootDirectoryStartOnly applies RootDirectory= to ExecStart= only. Default: no.
	RootDirectoryStartOnly bool `unit:"RootDirectoryStartOnly" status:"ignored"`
	// NonBlocking sets O_NONBLOCK on all descriptors passed by socket activation. Default: no.
	NonBlocking bool `unit:"NonBlocking"`
	// NotifyAccess says which processes may send status messages. Default: none, but main for Type=notify and with WatchdogSec=.
	NotifyAccess NotifyAccess `unit:"NotifyAccess"`
	// Sockets is a list of socket units whose sockets the service inherits. Default: the one of the same name.
	Sockets []Located `unit:"Sockets" as:"names" dbus:"-"`
	// FileDescriptorStoreMax is how many descriptors the service may store in the manager. Default: 0.
	FileDescriptorStoreMax uint32 `unit:"FileDescriptorStoreMax"`
	// FileDescriptorStorePreserve says when the stored descriptors outlive the service: restart, no or yes. Default: restart.
	FileDescriptorStorePreserve KeepDescriptors `unit:"FileDescriptorStorePreserve" since:"254" status:"ignored"`
	// USBFunctionDescriptors is a file with USB FunctionFS descriptors.
	USBFunctionDescriptors string `unit:"USBFunctionDescriptors" as:"path" status:"ignored"`
	// USBFunctionStrings is a file with USB FunctionFS strings.
	USBFunctionStrings string `unit:"USBFunctionStrings" as:"path" status:"ignored"`
	// OOMPolicy says what happens when a process of the service is killed for lack of memory. Default: stop.
	OOMPolicy OOMPolicy `unit:"OOMPolicy"`
	// OpenFile is a list of files or sockets to open and pass on: path:name:options.
	OpenFile []OpenFile `unit:"OpenFile" since:"253" dbus:",a(sst)" status:"ignored"`
	// ReloadSignal is the signal that reloads a Type=notify-reload service. Default: SIGHUP.
	ReloadSignal Signal `unit:"ReloadSignal" default:"SIGHUP" since:"253"`
}

// Scope is the [Scope] section of systemd.scope(5), without the blocks Kill and Resources.
type Scope struct {
	// RuntimeMax is how long the scope may be active. Default: infinity.
	RuntimeMax Timespan `unit:"RuntimeMaxSec" default:"infinity" status:"ignored"`
	// RuntimeRandomizedExtra lengthens RuntimeMaxSec= by a random time up to this. Default: 0.
	RuntimeRandomizedExtra Timespan `unit:"RuntimeRandomizedExtraSec" status:"ignored"`
	// TimeoutStop bounds the wait after the kill signal. Default: 90s.
	TimeoutStop Timespan `unit:"TimeoutStopSec" default:"90s" as:"timeout" status:"ignored"`
	// OOMPolicy says what happens when a process of the scope is killed for lack of memory. Default: stop.
	OOMPolicy OOMPolicy `unit:"OOMPolicy" status:"ignored"`
}

// Slice is the [Slice] section of systemd.slice(5). All its settings are in the block Resources.
type Slice struct{}

// Kill is systemd.kill(5): how processes are stopped.
type Kill struct {
	// KillMode says which processes get the signals: control-group, mixed, process or none. Default: control-group.
	KillMode KillMode `unit:"KillMode"`
	// KillSignal is the first signal that asks the processes to end. Default: SIGTERM.
	KillSignal Signal `unit:"KillSignal" default:"SIGTERM"`
	// RestartKillSignal is the signal used when the service is restarted. Default: KillSignal=.
	RestartKillSignal Signal `unit:"RestartKillSignal" default:"SIGTERM"`
	// SendSIGHUP sends SIGHUP right after the kill signal, as shells want. Default: no.
	SendSIGHUP bool `unit:"SendSIGHUP"`
	// SendSIGKILL sends the final kill signal to what is left after the timeout. Default: yes.
	SendSIGKILL bool `unit:"SendSIGKILL" default:"yes"`
	// FinalKillSignal is what SendSIGKILL= sends. Default: SIGKILL.
	FinalKillSignal Signal `unit:"FinalKillSignal" default:"SIGKILL"`
	// WatchdogSignal is the signal sent when the watchdog's time is over. Default: SIGABRT.
	WatchdogSignal Signal `unit:"WatchdogSignal" default:"SIGABRT"`
}
