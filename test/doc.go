// Package test holds what a package's own tests cannot show: the shape of the whole repository, and davit at work in
// containers and in a virtual machine. It contains no product code, and no product package imports it.
//
// The container tests need root, Linux namespaces and Debian's mirror; without them they skip. Every skip that is allowed
// stands in the file skips with its reason, and the program in tally fails a run that skips anything else.
package test
