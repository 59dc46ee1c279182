package dbus

func usageOf(of func(*Usage) uint64) func(*object, *encoder) {
	return func(o *object, e *encoder) { e.uint64(of(o.usage())) }
}

func controlGroup(o *object, e *encoder)   { e.string(o.usage().Path) }
func controlGroupID(o *object, e *encoder) { e.uint64(o.usage().ID) }
