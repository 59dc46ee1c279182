package dbus

import "davit/engine"

// Stamp names a moment in the life of the machine and its manager.
type Stamp uint8

// The moments of org.freedesktop.systemd1.Manager.
const (
	StampFirmware Stamp = iota
	StampLoader
	StampKernel
	StampInitRD
	StampUserspace
	StampFinish
	StampSecurityStart
	StampSecurityFinish
	StampGeneratorsStart
	StampGeneratorsFinish
	StampUnitsLoadStart
	StampUnitsLoadFinish
	StampUnitsLoad
	StampInitRDSecurityStart
	StampInitRDSecurityFinish
	StampInitRDGeneratorsStart
	StampInitRDGeneratorsFinish
	StampInitRDUnitsLoadStart
	StampInitRDUnitsLoadFinish
	StampWatchdogLastPing
	NumStamps
)

// Values are the manager's own properties, under their D-Bus names. Times are microseconds.
type Values struct {
	Version        string // starts with the number of the systemd version whose API this is, as clients parse it
	Features       string
	Virtualization string
	Architecture   string
	Tainted        string
	Stamps         [NumStamps]engine.Clock
	LogLevel       string
	LogTarget      string
	Environment    []string
	ConfirmSpawn   bool
	ShowStatus     bool
	UnitPath       []string
	ControlGroup   string
	SystemState    string
	ExitCode       byte
	NNames         uint32 // unit names in use; 0: counted
	NInstalledJobs uint32 // since the start
	NFailedJobs    uint32
	MemoryTotal    uint64 // bytes of the machine, for shares of it
	TasksTotal     uint64
	MachineID      string // 32 hex digits, for Peer.GetMachineId

	DefaultStandardOutput, DefaultStandardError       string
	WatchdogDevice, RuntimeWatchdogPreGovernor        string
	RuntimeWatchdogUSec, RuntimeWatchdogPreUSec       uint64
	RebootWatchdogUSec, KExecWatchdogUSec             uint64
	ServiceWatchdogs                                  bool
	DefaultTimerAccuracyUSec, DefaultTimeoutStartUSec uint64
	DefaultTimeoutStopUSec, DefaultTimeoutAbortUSec   uint64
	DefaultDeviceTimeoutUSec, DefaultRestartUSec      uint64
	DefaultStartLimitIntervalUSec                     uint64
	DefaultStartLimitBurst                            uint32
	DefaultCPUAccounting, DefaultBlockIOAccounting    bool
	DefaultMemoryAccounting, DefaultTasksAccounting   bool
	DefaultLimits                                     map[string][2]uint64 // by name ("NOFILE"): hard, soft; absent is unlimited
	DefaultTasksMax, TimerSlackNSec                   uint64
	DefaultOOMPolicy, CtrlAltDelBurstAction           string
	DefaultOOMScoreAdjust                             int32
}
