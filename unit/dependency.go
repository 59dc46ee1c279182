package unit

import "reflect"

// dependencies declares the dependency directives of [Unit]. Their values are in Unit.Dependencies, in the order of the files; an
// empty assignment does not reset them.
type dependencies struct {
	// Requires starts these units with this one, and stops this one when one of them fails to start or is stopped.
	Requires []string `unit:"Requires"`
	// Requisite fails the start when one of these units is not active already.
	Requisite []string `unit:"Requisite"`
	// Wants starts these units with this one, whatever comes of it.
	Wants []string `unit:"Wants"`
	// BindsTo is like Requires=, and also stops this unit when one of these becomes inactive for any reason.
	BindsTo []string `unit:"BindsTo"`
	// PartOf stops and restarts this unit with these.
	PartOf []string `unit:"PartOf"`
	// Upholds starts these units whenever they are inactive while this one is active.
	Upholds []string `unit:"Upholds"`
	// Conflicts stops these units when this one starts, and this one when one of them starts.
	Conflicts []string `unit:"Conflicts"`
	// Before starts this unit before these, and stops it after them.
	Before []string `unit:"Before"`
	// After starts this unit after these, and stops it before them.
	After []string `unit:"After"`
	// OnFailure starts these units when this one fails.
	OnFailure []string `unit:"OnFailure"`
	// OnSuccess starts these units when this one becomes inactive without a failure.
	OnSuccess []string `unit:"OnSuccess"`
	// PropagatesReloadTo reloads these units with this one.
	PropagatesReloadTo []string `unit:"PropagatesReloadTo"`
	// ReloadPropagatedFrom reloads this unit with these.
	ReloadPropagatedFrom []string `unit:"ReloadPropagatedFrom"`
	// PropagatesStopTo stops these units with this one.
	PropagatesStopTo []string `unit:"PropagatesStopTo"`
	// StopPropagatedFrom stops this unit with these.
	StopPropagatedFrom []string `unit:"StopPropagatedFrom"`
	// JoinsNamespaceOf shares the private network, IPC and temporary directories of these units.
	JoinsNamespaceOf []string `unit:"JoinsNamespaceOf" status:"ignored"`
}

// addDependencies adds the dependency directives to the table. The fields stand in the order of the kinds.
func addDependencies(t map[string]map[string]*Directive) {
	typ := reflect.TypeFor[dependencies]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		addRow(t, Directive{
			Section: sectionUnit, Key: f.Name, Type: f.Type, Status: f.Tag.Get("status"), block: noBlock, kind: i,
		})
	}
}
