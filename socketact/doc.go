// Package socketact opens what socket units listen on, takes connections, and keeps descriptors for services.
//
// Contract. Open turns the settings of systemd.socket(5) into descriptors that are close-on-exec and do not block. It never
// takes an address away from somebody who answers there: a socket in the file system is connected to first, and only a stale
// one is replaced. Nothing waits, except for what the kernel does at once. Errors name the unit, the address and the directive:
//
//	web.socket: cannot listen on 127.0.0.1:80 (ListenStream=): address already in use
//
// A setting that the kernel refuses for an open socket (Priority=, Mark= without privilege) is a warning, as in systemd; a
// listener that cannot be opened fails the unit, and then none of its listeners stays open.
package socketact
