//go:build linux && (amd64 || arm64)

package inherited

// prlimit reads a limit of the calling process: prlimit64(0, resource, NULL, old).
//
//go:noescape
func prlimit(resource uintptr, old *rlimit) int64

// readOpenFiles asks the kernel.
func readOpenFiles() rlimit {
	const nofile = 7 // RLIMIT_NOFILE
	var r rlimit
	if prlimit(nofile, &r) != 0 {
		return rlimit{}
	}
	return r
}
