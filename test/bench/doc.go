// Package bench measures davit and systemd against the floor: a C program that does the least that starting, stopping and
// restarting services takes. "make bench" runs it; everything that a table compares comes from one run on one machine.
package bench
