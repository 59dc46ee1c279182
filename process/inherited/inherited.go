// Package inherited remembers what the process was started with, before Go's runtime and libraries change it.
//
// Package syscall raises the soft limit of open files in its initializer. A service must get the limit that davit itself was
// given, so that has to be read earlier: a package without imports is initialized before syscall, because packages that are
// ready are initialized in the order of their paths (Go specification, "Program initialization"; the test holds it to that).
package inherited

// rlimit is struct rlimit64 of prlimit(2).
type rlimit struct{ soft, hard uint64 }

// openFiles is RLIMIT_NOFILE as inherited.
var openFiles = readOpenFiles()

// OpenFiles returns the limits of open files (RLIMIT_NOFILE) that the process was started with; ok is false where they
// could not be read.
func OpenFiles() (soft, hard uint64, ok bool) {
	return openFiles.soft, openFiles.hard, openFiles.hard > 0
}
