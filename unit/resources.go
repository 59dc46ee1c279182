package unit

// Resources is systemd.resource-control(5): limits and weights of the unit's cgroup.
type Resources struct {
	// CPUAccounting counts CPU use. Default: yes where it costs nothing.
	CPUAccounting Tristate `unit:"CPUAccounting" status:"ignored"`
	// CPUWeight is the share of CPU time among siblings, 1 to 10000, or idle. Default: unset, the kernel's 100.
	CPUWeight Weight `unit:"CPUWeight" as:"idle"`
	// StartupCPUWeight is CPUWeight= during start-up and shutdown. Default: unset.
	StartupCPUWeight Weight `unit:"StartupCPUWeight" as:"idle" status:"ignored"`
	// CPUQuota bounds CPU time, in percent of one CPU. Default: none.
	CPUQuota Quota `unit:"CPUQuota" dbus:"CPUQuotaPerSecUSec,t"`
	// CPUQuotaPeriod is the period over which the quota is measured, 1ms to 1s. Default: 100ms.
	CPUQuotaPeriod Timespan `unit:"CPUQuotaPeriodSec"`
	// AllowedCPUs is the CPUs that may be used. Default: all.
	AllowedCPUs CPUSet `unit:"AllowedCPUs" status:"ignored"`
	// StartupAllowedCPUs is AllowedCPUs= during start-up and shutdown. Default: unset.
	StartupAllowedCPUs CPUSet `unit:"StartupAllowedCPUs" status:"ignored"`
	// AllowedMemoryNodes is the memory nodes that may be used. Default: all.
	AllowedMemoryNodes CPUSet `unit:"AllowedMemoryNodes" status:"ignored"`
	// StartupAllowedMemoryNodes is AllowedMemoryNodes= during start-up and shutdown. Default: unset.
	StartupAllowedMemoryNodes CPUSet `unit:"StartupAllowedMemoryNodes" status:"ignored"`
	// MemoryAccounting counts memory use. Default: yes.
	MemoryAccounting Tristate `unit:"MemoryAccounting"`
	// MemoryMin is memory that is never reclaimed. Default: 0.
	MemoryMin Amount `unit:"MemoryMin" as:"memory"`
	// DefaultMemoryMin is the MemoryMin= of child units. Default: 0.
	DefaultMemoryMin Amount `unit:"DefaultMemoryMin" as:"memory" status:"ignored"`
	// MemoryLow is memory that is reclaimed only when nothing unprotected is left. Default: 0.
	MemoryLow Amount `unit:"MemoryLow" as:"memory"`
	// DefaultMemoryLow is the MemoryLow= of child units. Default: 0.
	DefaultMemoryLow Amount `unit:"DefaultMemoryLow" as:"memory" status:"ignored"`
	// StartupMemoryLow is MemoryLow= during start-up and shutdown. Default: unset.
	StartupMemoryLow Amount `unit:"StartupMemoryLow" as:"memory" since:"253" status:"ignored"`
	// DefaultStartupMemoryLow is the StartupMemoryLow= of child units. Default: unset.
	DefaultStartupMemoryLow Amount `unit:"DefaultStartupMemoryLow" as:"memory" since:"253" status:"ignored"`
	// MemoryHigh is the use above which the unit is slowed down and memory is reclaimed. Default: infinity.
	MemoryHigh Amount `unit:"MemoryHigh" as:"memorylimit"`
	// StartupMemoryHigh is MemoryHigh= during start-up and shutdown. Default: unset.
	StartupMemoryHigh Amount `unit:"StartupMemoryHigh" as:"memorylimit" since:"253" status:"ignored"`
	// MemoryMax is the use above which the kernel kills. Default: infinity.
	MemoryMax Amount `unit:"MemoryMax" also:"MemoryLimit" as:"memorylimit"`
	// StartupMemoryMax is MemoryMax= during start-up and shutdown. Default: unset.
	StartupMemoryMax Amount `unit:"StartupMemoryMax" as:"memorylimit" since:"253" status:"ignored"`
	// MemorySwapMax is the limit on swap. Default: infinity.
	MemorySwapMax Amount `unit:"MemorySwapMax" as:"memory"`
	// StartupMemorySwapMax is MemorySwapMax= during start-up and shutdown. Default: unset.
	StartupMemorySwapMax Amount `unit:"StartupMemorySwapMax" as:"memory" since:"253" status:"ignored"`
	// MemoryZSwapMax is the limit on compressed swap. Default: infinity.
	MemoryZSwapMax Amount `unit:"MemoryZSwapMax" as:"memory" since:"253" status:"ignored"`
	// StartupMemoryZSwapMax is MemoryZSwapMax= during start-up and shutdown. Default: unset.
	StartupMemoryZSwapMax Amount `unit:"StartupMemoryZSwapMax" as:"memory" since:"253" status:"ignored"`
	// MemoryZSwapWriteback lets compressed swap go to disk. Default: yes.
	MemoryZSwapWriteback bool `unit:"MemoryZSwapWriteback" default:"yes" since:"256" status:"ignored"`
	// TasksAccounting counts tasks. Default: yes.
	TasksAccounting Tristate `unit:"TasksAccounting"`
	// TasksMax bounds the number of tasks: a number, a percentage or infinity. Default: the manager's, 15%; none for slices.
	TasksMax Amount `unit:"TasksMax" as:"tasks"`
	// IOAccounting counts block I/O. Default: no.
	IOAccounting Tristate `unit:"IOAccounting"`
	// IOWeight is the share of I/O among siblings, 1 to 10000. Default: unset, the kernel's 100.
	IOWeight Weight `unit:"IOWeight"`
	// StartupIOWeight is IOWeight= during start-up and shutdown. Default: unset.
	StartupIOWeight Weight `unit:"StartupIOWeight" status:"ignored"`
	// IODeviceWeight is IOWeight= for one device: path and weight.
	IODeviceWeight []DeviceValue `unit:"IODeviceWeight" as:"weight" status:"ignored"`
	// IOReadBandwidthMax bounds reading from one device, in bytes per second.
	IOReadBandwidthMax []DeviceValue `unit:"IOReadBandwidthMax" as:"bandwidth" status:"ignored"`
	// IOWriteBandwidthMax bounds writing to one device, in bytes per second.
	IOWriteBandwidthMax []DeviceValue `unit:"IOWriteBandwidthMax" as:"bandwidth" status:"ignored"`
	// IOReadIOPSMax bounds reading from one device, in operations per second.
	IOReadIOPSMax []DeviceValue `unit:"IOReadIOPSMax" as:"bandwidth" status:"ignored"`
	// IOWriteIOPSMax bounds writing to one device, in operations per second.
	IOWriteIOPSMax []DeviceValue `unit:"IOWriteIOPSMax" as:"bandwidth" status:"ignored"`
	// IODeviceLatencyTarget is the average latency wanted for one device.
	IODeviceLatencyTarget []DeviceValue `unit:"IODeviceLatencyTargetSec" as:"latency" status:"ignored"`
	// IPAccounting counts network traffic. Default: no.
	IPAccounting Tristate `unit:"IPAccounting" status:"ignored"`
	// IPAddressAllow is the addresses that may be talked to.
	IPAddressAllow AddressSet `unit:"IPAddressAllow" dbus:",a(iayu)" status:"ignored"`
	// IPAddressDeny is the addresses that may not be talked to.
	IPAddressDeny AddressSet `unit:"IPAddressDeny" dbus:",a(iayu)" status:"ignored"`
	// IPIngressFilterPath is pinned BPF programs for incoming packets.
	IPIngressFilterPath []string `unit:"IPIngressFilterPath" as:"pathlist" status:"ignored"`
	// IPEgressFilterPath is pinned BPF programs for outgoing packets.
	IPEgressFilterPath []string `unit:"IPEgressFilterPath" as:"pathlist" status:"ignored"`
	// BPFProgram is pinned BPF programs: type:path.
	BPFProgram []Pair `unit:"BPFProgram" as:"colon" status:"ignored"`
	// SocketBindAllow is what may be bound: [family:][protocol:][ports].
	SocketBindAllow []BindRule `unit:"SocketBindAllow" status:"ignored"`
	// SocketBindDeny is what may not be bound.
	SocketBindDeny []BindRule `unit:"SocketBindDeny" status:"ignored"`
	// RestrictNetworkInterfaces is the network interfaces that may (or, with "~", may not) be used.
	RestrictNetworkInterfaces Filter `unit:"RestrictNetworkInterfaces" status:"ignored"`
	// NFTSet adds the unit's cgroup or user to NFT sets: source:family:table:set.
	NFTSet []NFTSet `unit:"NFTSet" since:"255" dbus:",a(iiss)" status:"ignored"`
	// DeviceAllow is device nodes that may be used: path and a combination of r, w and m.
	DeviceAllow []Pair `unit:"DeviceAllow" as:"device" status:"ignored"`
	// DevicePolicy is auto, closed or strict. Default: auto.
	DevicePolicy DevicePolicy `unit:"DevicePolicy" status:"ignored"`
	// Slice is the slice unit to place the unit in. Default: system.slice, user sessions app.slice, the parent for slices.
	Slice Located `unit:"Slice" as:"slice" dbus:"Slice,s"`
	// Delegate hands the control of the cgroup's subtree to the unit's processes: a boolean or a list of controllers. Default: no.
	Delegate Delegate `unit:"Delegate" status:"ignored"`
	// DelegateSubgroup is the cgroup below the unit's in which its processes are placed.
	DelegateSubgroup string `unit:"DelegateSubgroup" since:"254" status:"ignored"`
	// DisableControllers is controllers that must not be enabled below the unit.
	DisableControllers []string `unit:"DisableControllers" as:"words" status:"ignored"`
	// ManagedOOMSwap lets systemd-oomd act on swap use: auto or kill. Default: auto.
	ManagedOOMSwap ManagedOOM `unit:"ManagedOOMSwap" status:"ignored"`
	// ManagedOOMMemoryPressure lets systemd-oomd act on memory pressure: auto or kill. Default: auto.
	ManagedOOMMemoryPressure ManagedOOM `unit:"ManagedOOMMemoryPressure" status:"ignored"`
	// ManagedOOMMemoryPressureLimit overrides oomd's pressure limit, in percent. Default: 0%, oomd's.
	ManagedOOMMemoryPressureLimit uint32 `unit:"ManagedOOMMemoryPressureLimit" as:"permyriad" status:"ignored"`
	// ManagedOOMMemoryPressureDuration overrides how long the pressure must last. Default: unset, oomd's.
	ManagedOOMMemoryPressureDuration Timespan `unit:"ManagedOOMMemoryPressureDurationSec" since:"257" status:"ignored"`
	// ManagedOOMPreference is none, avoid or omit. Default: none.
	ManagedOOMPreference ManagedOOMPreference `unit:"ManagedOOMPreference" status:"ignored"`
	// MemoryPressureWatch says whether the service is told of memory pressure: auto, on, off or skip. Default: auto.
	MemoryPressureWatch PressureWatch `unit:"MemoryPressureWatch" since:"254" status:"ignored"`
	// MemoryPressureThreshold is the stall time per 2s that counts as pressure. Default: 200ms.
	MemoryPressureThreshold Timespan `unit:"MemoryPressureThresholdSec" default:"200ms" since:"254" status:"ignored"`
	// CoredumpReceive sends core dumps of the unit's cgroup to the unit's own receiver. Default: no.
	CoredumpReceive bool `unit:"CoredumpReceive" since:"255" status:"ignored"`
	// BlockIOAccounting is the cgroup v1 form of IOAccounting=. Default: no.
	BlockIOAccounting Tristate `unit:"BlockIOAccounting" status:"ignored"`
	// BlockIOWeight is the cgroup v1 form of IOWeight=, 10 to 1000. Default: unset.
	BlockIOWeight Weight `unit:"BlockIOWeight" status:"ignored"`
	// StartupBlockIOWeight is the cgroup v1 form of StartupIOWeight=. Default: unset.
	StartupBlockIOWeight Weight `unit:"StartupBlockIOWeight" status:"ignored"`
	// BlockIODeviceWeight is the cgroup v1 form of IODeviceWeight=.
	BlockIODeviceWeight []DeviceValue `unit:"BlockIODeviceWeight" as:"weight" status:"ignored"`
	// BlockIOReadBandwidth is the cgroup v1 form of IOReadBandwidthMax=.
	BlockIOReadBandwidth []DeviceValue `unit:"BlockIOReadBandwidth" as:"bandwidth" status:"ignored"`
	// BlockIOWriteBandwidth is the cgroup v1 form of IOWriteBandwidthMax=.
	BlockIOWriteBandwidth []DeviceValue `unit:"BlockIOWriteBandwidth" as:"bandwidth" status:"ignored"`
	// CPUShares is the cgroup v1 form of CPUWeight=, 2 to 262144. Default: unset.
	CPUShares uint64 `unit:"CPUShares" status:"ignored"`
	// StartupCPUShares is the cgroup v1 form of StartupCPUWeight=. Default: unset.
	StartupCPUShares uint64 `unit:"StartupCPUShares" status:"ignored"`
}
