//go:build linux && (amd64 || arm64)

package process

import "unsafe"

// hasInterpreter says that this architecture has the assembly that the direct performer needs.
const hasInterpreter = true

//go:noescape
func clone3(args unsafe.Pointer, size uintptr, header, first unsafe.Pointer) int64

//go:noescape
func clone(flags, stack uintptr, pidfd, tid, header, first unsafe.Pointer) int64

//go:linkname enterSyscall runtime.entersyscall
func enterSyscall()

//go:linkname exitSyscall runtime.exitsyscall
func exitSyscall()

// cloneVersion3 makes a child by clone3(2). The scheduler knows about it: the call can wait for the lock that protects the
// membership of cgroups, for milliseconds.
//
//go:nosplit
func cloneVersion3(args unsafe.Pointer, size uintptr, header, first unsafe.Pointer) int64 {
	enterSyscall()
	r := clone3(args, size, header, first)
	exitSyscall()
	return r
}

// cloneVersion1 makes a child by clone(2).
//
//go:nosplit
func cloneVersion1(flags, stack uintptr, pidfd, tid, header, first unsafe.Pointer) int64 {
	enterSyscall()
	r := clone(flags, stack, pidfd, tid, header, first)
	exitSyscall()
	return r
}
