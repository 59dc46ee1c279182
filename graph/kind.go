package graph

import "davit/unit"

// Kind is a dependency as one of its two ends sees it: the directives of systemd.unit(5) and their inverses, under the names
// of the D-Bus properties.
type Kind uint8

// Every dependency kind; each is followed by its inverse.
const (
	Requires Kind = iota
	RequiredBy
	Requisite
	RequisiteOf
	Wants
	WantedBy
	BindsTo
	BoundBy
	PartOf
	ConsistsOf
	Upholds
	UpheldBy
	Conflicts
	ConflictedBy
	Before
	After
	OnFailure
	OnFailureOf
	OnSuccess
	OnSuccessOf
	Triggers
	TriggeredBy
	PropagatesReloadTo
	ReloadPropagatedFrom
	PropagatesStopTo
	StopPropagatedFrom
	JoinsNamespaceOf
	NamespaceJoinedBy
	InSlice
	SliceOf
	NumKinds
)

var kindNames = [NumKinds]string{
	"Requires", "RequiredBy", "Requisite", "RequisiteOf", "Wants", "WantedBy", "BindsTo", "BoundBy", "PartOf", "ConsistsOf",
	"Upholds", "UpheldBy", "Conflicts", "ConflictedBy", "Before", "After", "OnFailure", "OnFailureOf", "OnSuccess",
	"OnSuccessOf", "Triggers", "TriggeredBy", "PropagatesReloadTo", "ReloadPropagatedFrom", "PropagatesStopTo",
	"StopPropagatedFrom", "JoinsNamespaceOf", "NamespaceJoinedBy", "Slice", "SliceOf",
}

func (k Kind) String() string { return kindNames[k] }

// Inverse returns how the other end sees k.
func (k Kind) Inverse() Kind { return k ^ 1 }

// KindOf returns the kind that a directive states.
func KindOf(d unit.DependencyKind) Kind { return directives[d] }

var directives = [unit.NumDependencyKinds]Kind{
	unit.Requires:             Requires,
	unit.Requisite:            Requisite,
	unit.Wants:                Wants,
	unit.BindsTo:              BindsTo,
	unit.PartOf:               PartOf,
	unit.Upholds:              Upholds,
	unit.Conflicts:            Conflicts,
	unit.Before:               Before,
	unit.After:                After,
	unit.OnFailure:            OnFailure,
	unit.OnSuccess:            OnSuccess,
	unit.PropagatesReloadTo:   PropagatesReloadTo,
	unit.ReloadPropagatedFrom: ReloadPropagatedFrom,
	unit.PropagatesStopTo:     PropagatesStopTo,
	unit.StopPropagatedFrom:   StopPropagatedFrom,
	unit.JoinsNamespaceOf:     JoinsNamespaceOf,
	unit.Triggers:             Triggers,
	unit.InSlice:              InSlice,
}
