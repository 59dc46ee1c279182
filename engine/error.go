package engine

import "fmt"

// ErrorKind sorts the errors that a request can be refused with; package dbus knows the bus name of each.
type ErrorKind uint8

// Why a request is refused.
const (
	NoSuchUnit ErrorKind = iota
	NoSuchJob
	UnitMasked
	LoadFailed
	BadUnitSetting
	OnlyByDependency
	NoIsolation
	NotApplicable // JobTypeNotApplicable
	Destructive   // TransactionIsDestructive
	JobsConflicting
	Cyclic // TransactionOrderIsCyclic
	ShuttingDown
	InvalidArgument
	NoSuchProcess
	UnitExists
	NotSupported
)

// Error is why a request was refused.
type Error struct {
	Kind ErrorKind
	Unit string
	Text string
}

func (e *Error) Error() string { return e.Text }

func fail(k ErrorKind, u, format string, args ...any) *Error {
	return &Error{Kind: k, Unit: u, Text: fmt.Sprintf(format, args...)}
}
