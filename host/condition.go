package host

import (
	"fmt"
	"slices"
	"strings"
)

// Machine answers what conditions and specifiers ask about the machine, and about the manager's own process. Root is
// prefixed to every path, for tests and offline trees.
type Machine struct {
	Root     string
	Accounts Accounts
	// FirstBoot says that /etc was unpopulated when this boot began, and that its start-up is not over.
	FirstBoot bool
	// Controllers are the cgroup controllers that the manager can use; Unified says that only cgroup v2 is mounted.
	Controllers []string
	Unified     bool
	// CredentialDirectory holds what was passed to the manager, empty for nothing.
	CredentialDirectory string
	// Environ is the manager's own environment block.
	Environ []string
	// SlicePath returns the cgroup directory of a slice, for the pressure conditions.
	SlicePath func(slice string) string

	givenID string // machine id where no file has one
}

// test is one kind of condition: whether it holds for the parameter, and why not. An error means that the question
// could not be answered, which counts as failed, as in systemd.
type test func(m *Machine, param string) (bool, error)

// tests maps the name of a directive, without Condition or Assert, to its test (systemd.unit(5), "CONDITIONS AND
// ASSERTS").
var tests = map[string]test{
	"ACPower":                isACPower,
	"Architecture":           isArchitecture,
	"Capability":             hasCapability,
	"ControlGroupController": hasControllers,
	"CPUFeature":             hasCPUFeature,
	"CPUPressure":            pressure("cpu"),
	"CPUs":                   hasCPUs,
	"Credential":             hasCredential,
	"DirectoryNotEmpty":      isDirectoryNotEmpty,
	"Environment":            hasEnvironment,
	"FileIsExecutable":       isFileExecutable,
	"FileNotEmpty":           isFileNotEmpty,
	"Firmware":               isFirmware,
	"FirstBoot":              isFirstBoot,
	"Group":                  isGroup,
	"Host":                   isHost,
	"IOPressure":             pressure("io"),
	"KernelCommandLine":      hasKernelCommandLine,
	"KernelModuleLoaded":     isModuleLoaded,
	"KernelVersion":          isKernelVersion,
	"Memory":                 hasMemory,
	"MemoryPressure":         pressure("memory"),
	"NeedsUpdate":            needsUpdate,
	"OSRelease":              matchesOSRelease,
	"PathExists":             pathExists,
	"PathExistsGlob":         pathExistsGlob,
	"PathIsDirectory":        isDirectory,
	"PathIsEncrypted":        isEncrypted,
	"PathIsMountPoint":       isMountPoint,
	"PathIsReadWrite":        isReadWrite,
	"PathIsSymbolicLink":     isSymbolicLink,
	"PathIsSocket":           isSocket,
	"Security":               hasSecurity,
	"User":                   isUser,
	"Version":                isVersion,
	"Virtualization":         isVirtualization,
}

// Test tests one condition by its kind ("PathExists") and parameter. The text says why the question could not be answered,
// which counts as no. The negation of the condition is the caller's.
func (m *Machine) Test(kind, param string) (bool, string) {
	holds, ok := tests[kind]
	if !ok {
		return false, fmt.Sprintf("condition %s is unknown", kind)
	}
	yes, err := holds(m, param)
	if err != nil {
		return false, fmt.Sprintf("cannot test %s=%s: %v", kind, param, err)
	}
	return yes, ""
}

// Conditions lists the kinds that Test knows, sorted.
func Conditions() []string {
	kinds := make([]string, 0, len(tests))
	for kind := range tests {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// boolean parses the booleans of systemd.syntax(7).
func boolean(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}
