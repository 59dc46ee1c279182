package unit

// The tags of a directive's field:
//
//	unit:"Name[,Name…]"   the directive; several names fill one field
//	also:"Old,Older"      former names, read and never written
//	default:"text"        the default, in unit file syntax, when it is not the zero value
//	as:"path"             how to read a type that has several forms (see codec.go)
//	since:"254"           the systemd version that introduced it, when later than 252
//	dbus:"Name,sig"       the D-Bus property where it is not derived from name and type; "-": none
//	status:"ignored"      read and shown, but not enforced yet

// Common is the [Unit] section of systemd.unit(5) without the dependencies, which are in Unit.Dependencies.
type Common struct {
	// Description is a short human-readable title of the unit.
	Description string `unit:"Description"`
	// Documentation is a list of URIs (http, https, file, info, man) with documentation for the unit.
	Documentation []string `unit:"Documentation" as:"uris"`
	// RequiresMountsFor adds Requires= and After= for all mount units needed to reach these absolute paths.
	RequiresMountsFor []Located `unit:"RequiresMountsFor" as:"paths" dbus:",as"`
	// WantsMountsFor is like RequiresMountsFor=, but adds Wants= instead of Requires=.
	WantsMountsFor []Located `unit:"WantsMountsFor" as:"paths" since:"256" dbus:",as"`
	// OnSuccessJobMode is the job mode for the units in OnSuccess=. Default: fail.
	OnSuccessJobMode JobMode `unit:"OnSuccessJobMode" default:"fail"`
	// OnFailureJobMode is the job mode for the units in OnFailure=. Default: replace.
	OnFailureJobMode JobMode `unit:"OnFailureJobMode" default:"replace"`
	// IgnoreOnIsolate keeps the unit running when another one is isolated. Default: no, but yes for mount, scope and device units.
	IgnoreOnIsolate bool `unit:"IgnoreOnIsolate"`
	// StopWhenUnneeded stops the unit when no active unit requires it any more. Default: no.
	StopWhenUnneeded bool `unit:"StopWhenUnneeded"`
	// RefuseManualStart denies a start by request; only dependencies start it. Default: no.
	RefuseManualStart bool `unit:"RefuseManualStart"`
	// RefuseManualStop denies a stop by request; only dependencies stop it. Default: no.
	RefuseManualStop bool `unit:"RefuseManualStop"`
	// AllowIsolate lets the unit be the argument of isolate. Default: no.
	AllowIsolate bool `unit:"AllowIsolate"`
	// DefaultDependencies adds the implicit dependencies of the unit's type. Default: yes.
	DefaultDependencies bool `unit:"DefaultDependencies" default:"yes"`
	// SurviveFinalKillSignal leaves the unit's processes alone in the final kill at shutdown and soft-reboot. Default: no.
	SurviveFinalKillSignal bool `unit:"SurviveFinalKillSignal" since:"255" status:"ignored"`
	// CollectMode says when the unit may be unloaded: inactive, or inactive-or-failed. Default: inactive.
	CollectMode CollectMode `unit:"CollectMode"`
	// FailureAction is what to do when the unit stops and enters a failed state. Default: none.
	FailureAction EmergencyAction `unit:"FailureAction" as:"action"`
	// SuccessAction is what to do when the unit stops and enters an inactive state. Default: none.
	SuccessAction EmergencyAction `unit:"SuccessAction" as:"action"`
	// FailureActionExitStatus is the exit status passed on by FailureAction=exit. Default: the main process's, else 255.
	FailureActionExitStatus OptInt `unit:"FailureActionExitStatus" as:"0..255"`
	// SuccessActionExitStatus is the exit status passed on by SuccessAction=exit. Default: the main process's, else 0.
	SuccessActionExitStatus OptInt `unit:"SuccessActionExitStatus" as:"0..255"`
	// JobTimeout bounds the time a job for this unit may exist. Default: infinity, but 90s for device units.
	JobTimeout Timespan `unit:"JobTimeoutSec" default:"infinity" as:"timeout"`
	// JobRunningTimeout bounds the time a job for this unit may be running. Default: infinity, but 90s for device units.
	JobRunningTimeout Timespan `unit:"JobRunningTimeoutSec" default:"infinity" as:"timeout"`
	// JobTimeoutAction is what to do when JobTimeoutSec= or JobRunningTimeoutSec= is hit. Default: none.
	JobTimeoutAction EmergencyAction `unit:"JobTimeoutAction" as:"action"`
	// JobTimeoutRebootArgument is the argument of reboot(2) for JobTimeoutAction=reboot.
	JobTimeoutRebootArgument string `unit:"JobTimeoutRebootArgument"`
	// StartLimitInterval is the window in which at most StartLimitBurst= starts are allowed; 0 sets no limit. Default: 10s.
	StartLimitInterval Timespan `unit:"StartLimitIntervalSec" also:"StartLimitInterval" default:"10s"`
	// StartLimitBurst is how many starts are allowed in StartLimitIntervalSec=; 0 sets no limit. Default: 5.
	StartLimitBurst uint32 `unit:"StartLimitBurst" default:"5"`
	// StartLimitAction is what to do when the start limit is hit. Default: none.
	StartLimitAction EmergencyAction `unit:"StartLimitAction" as:"action"`
	// RebootArgument is the argument of reboot(2) for the reboot actions.
	RebootArgument string `unit:"RebootArgument" also:"RebootArg"`
	// SourcePath is the configuration file this unit was generated from.
	SourcePath string `unit:"SourcePath" as:"path"`
	// Conditions must hold, or a start job for the unit is skipped. A leading "|" makes one a triggering condition, a "!" negates.
	// An empty assignment to any of them forgets all.
	Conditions []Condition `unit:"Condition*" dbus:"Conditions,a(sbbsi)"`
	// Asserts are like Conditions, but a start job fails when one does not hold.
	Asserts []Condition `unit:"Assert*" dbus:"Asserts,a(sbbsi)"`
}

// Install is the [Install] section of systemd.unit(5). It is used by enable and disable only.
type Install struct {
	// Alias is a list of further names under which the unit is installed.
	Alias []string `unit:"Alias" as:"names" dbus:"-"`
	// WantedBy is a list of units that get a link in their .wants/ directory.
	WantedBy []string `unit:"WantedBy" as:"names" dbus:"-"`
	// RequiredBy is a list of units that get a link in their .requires/ directory.
	RequiredBy []string `unit:"RequiredBy" as:"names" dbus:"-"`
	// UpheldBy is a list of units that get a link in their .upholds/ directory.
	UpheldBy []string `unit:"UpheldBy" as:"names" since:"254" dbus:"-"`
	// Also is a list of units that are enabled and disabled together with this one.
	Also []string `unit:"Also" as:"names" dbus:"-"`
	// DefaultInstance is the instance for which a template unit is enabled when none is given.
	DefaultInstance string `unit:"DefaultInstance" dbus:"-"`
}

// Davit is the [X-Davit] section: settings that systemd lacks. systemd ignores sections that start with X-.
type Davit struct {
	// Strict refuses to start the unit where one of its settings cannot be enforced. Default: the manager's --strict.
	Strict Tristate `unit:"Strict" status:"ignored"`
	// Essential ends the manager with the unit's exit status when the unit ends. Default: no.
	Essential bool `unit:"Essential" status:"ignored"`
	// Once starts the service once, without restarts. Default: no.
	Once bool `unit:"Once" status:"ignored"`
	// StopEscalation is what stopping sends, in order: "QUIT 30s, TERM 5s, KILL". Default: as systemd.kill(5).
	StopEscalation []KillStep `unit:"StopEscalation" status:"ignored"`
	// StartAfter is how long the main process must live before the service counts as started. Default: 0.
	StartAfter Timespan `unit:"StartAfterSec" status:"ignored"`
	// StartRetries is how often a start that failed is tried again, apart from later restarts. Default: 0.
	StartRetries uint32 `unit:"StartRetries" status:"ignored"`
	// RestartReset is how long the service must run before the restart delay starts over. Default: 0, never.
	RestartReset Timespan `unit:"RestartResetSec" status:"ignored"`
	// RetryAfter starts a service that hit its start limit again after this time. Default: 0, never.
	RetryAfter Timespan `unit:"RetryAfterSec" status:"ignored"`
	// WaitForDependencies blocks the unit whose requirement failed, and starts it when the requirement recovers. Default: no.
	WaitForDependencies bool `unit:"WaitForDependencies" status:"ignored"`
	// KeepConditions starts the unit when its conditions become true and stops it when they become false. Default: no.
	KeepConditions bool `unit:"KeepConditions" status:"ignored"`
}
