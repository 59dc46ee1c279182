// Package journal keeps the logs: it writes and reads files in systemd's journal file format, receives what services
// and the manager say, and answers queries.
//
// Four parts share the format and nothing else:
//
//   - Writer appends entries to one file. Every store is ordered so that a concurrent reader and a kill at any
//     instruction see all entries appended before; OpenWriter mends the last, unfinished one.
//   - Main is the daemon, a role of the davit binary and a process of its own, so that a burst of logs never delays
//     supervision. It is one epoll loop in one goroutine.
//   - Link is the manager's end of the daemon. It never blocks and has no goroutine.
//   - Reader answers queries over directories of files, those of systemd-journald included.
//
// What a process has written to a stream that the manager attached is accepted once the kernel has it: it is stored
// exactly once, over any number of kill -9 of the daemon, in the order in which it was written. Datagrams and the
// manager's own lines are stored at least once: a kill between storing and consuming one repeats it. What cannot be stored, because the disk is full, is counted, and
// the count is an entry of its own where the gap is.
package journal
