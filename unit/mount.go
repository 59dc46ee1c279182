package unit

// Mount is the [Mount] section of systemd.mount(5), without the blocks Exec, Kill and Resources.
type Mount struct {
	// What is the device, file or other resource to mount.
	What string `unit:"What" as:"resource" status:"ignored"`
	// Where is the mount point; the unit's name must be made from it.
	Where string `unit:"Where" as:"path" status:"ignored"`
	// Type is the file system type.
	Type string `unit:"Type" status:"ignored"`
	// Options is the mount options, separated by commas.
	Options string `unit:"Options" status:"ignored"`
	// SloppyOptions tolerates unknown mount options. Default: no.
	SloppyOptions bool `unit:"SloppyOptions" status:"ignored"`
	// LazyUnmount detaches the file system now and cleans up when it is not busy any more. Default: no.
	LazyUnmount bool `unit:"LazyUnmount" status:"ignored"`
	// ReadWriteOnly fails instead of mounting read-only. Default: no.
	ReadWriteOnly bool `unit:"ReadWriteOnly" status:"ignored"`
	// ForceUnmount forces the unmount of unreachable network file systems. Default: no.
	ForceUnmount bool `unit:"ForceUnmount" status:"ignored"`
	// DirectoryMode is the mode of directories made for the mount point. Default: 0755.
	DirectoryMode Mode `unit:"DirectoryMode" default:"0755" status:"ignored"`
	// Timeout bounds the mount command. Default: 90s.
	Timeout Timespan `unit:"TimeoutSec" default:"90s" as:"timeout" status:"ignored"`
}

// Automount is the [Automount] section of systemd.automount(5).
type Automount struct {
	// Where is the mount point; the unit's name must be made from it.
	Where string `unit:"Where" as:"path" status:"ignored"`
	// ExtraOptions is further options of the autofs mount.
	ExtraOptions string `unit:"ExtraOptions" status:"ignored"`
	// DirectoryMode is the mode of directories made for the mount point. Default: 0755.
	DirectoryMode Mode `unit:"DirectoryMode" default:"0755" status:"ignored"`
	// TimeoutIdle unmounts after this time without use. Default: 0, never.
	TimeoutIdle Timespan `unit:"TimeoutIdleSec" status:"ignored"`
}

// Swap is the [Swap] section of systemd.swap(5), without the blocks Exec, Kill and Resources.
type Swap struct {
	// What is the device or file to swap to; the unit's name must be made from it.
	What string `unit:"What" as:"resource" status:"ignored"`
	// Priority is the swap priority, -1 to 32767. Default: unset.
	Priority OptInt `unit:"Priority" as:"-1..32767" status:"ignored"`
	// Options is the swapon options, separated by commas.
	Options string `unit:"Options" status:"ignored"`
	// Timeout bounds swapon and swapoff. Default: 90s.
	Timeout Timespan `unit:"TimeoutSec" default:"90s" as:"timeout" status:"ignored"`
}
