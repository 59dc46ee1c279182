// Package dbus serves org.freedesktop.systemd1 and is its client.
//
// The server is a state machine without goroutines: the manager's loop owns it, calls Ready when a descriptor is
// readable or writable, Perform for each effect of the engine and Flush once per turn. Nothing here blocks. Calls of one
// connection are answered in their order; a call that the engine has to decide parks its connection until the engine's
// Reply comes. What a peer sends is validated before anything acts on it, and a malformed message costs its sender the
// connection, nobody else.
//
// The transport is systemd's private socket: no bus daemon, no Hello, destination ignored, every signal sent without
// Subscribe (org.freedesktop.systemd1(5) describes the objects, the D-Bus specification the encoding).
package dbus
