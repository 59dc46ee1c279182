// Package process turns the exec settings of a unit into a running process.
//
// The settings compile to an ordered list of prepared system calls ([Compile], [Steps]): plain data, in which no name is left to
// look up and no memory to allocate. Two performers run the same list. The direct one ([Spawner.Start]) copies it into memory
// outside Go's heap and lets a few lines of assembly run it in a child that shares the manager's memory until it calls exec. The
// executor ([ExecutorMain]) is this program, called by another name, that reads the list from a descriptor: for the lists that must
// not run in shared memory, and where there is no assembly.
//
// Nothing here blocks: Start returns as soon as the child exists. What became of its list is known later, by [Spawner.Failure], which
// names the step that failed and has systemd's exit status for it (systemd.exec(5), "PROCESS EXIT CODES").
//
// A Spawner belongs to one goroutine. The other parts (environment, command lines, reaping, tracking) are functions and plain values.
package process
