package bench

import (
	"fmt"
	"strings"
)

// The numbers of services of the measurements.
func many() int  { return size(1000) }
func more() int  { return size(5000) }
func chain() int { return size(200) }

// layers times width oneshot services, each layer after the one before it.
const layers = 10

func width() int { return size(100) }

// units returns every unit file of the benchmark. Nothing in them but what a plain service has: output goes to the
// journal, each service has its cgroup.
func units(p programs) map[string]string {
	all := map[string]string{}
	group := func(name string, n int) {
		var wants strings.Builder
		for i := range n {
			unit := fmt.Sprintf("%s-%d.service", name, i)
			fmt.Fprintf(&wants, "Wants=%s\n", unit)
			all[unit] = fmt.Sprintf("[Service]\nExecStart=%s\nSlice=%s.slice\n", p.service, name)
		}
		all[name+".target"] = "[Unit]\n" + wants.String()
		all[name+".slice"] = "[Unit]\nDescription=What is stopped at once\n"
	}
	group("many", many())
	group("more", more())
	for i := range chain() {
		before := ""
		if i > 0 {
			before = fmt.Sprintf("[Unit]\nRequires=chain-%d.service\nAfter=chain-%d.service\n", i-1, i-1)
		}
		all[fmt.Sprintf("chain-%d.service", i)] = fmt.Sprintf("%s[Service]\nType=oneshot\nExecStart=%s exit\n", before, p.service)
	}
	for layer := range layers {
		var wants strings.Builder
		after := ""
		if layer > 0 {
			after = fmt.Sprintf("[Unit]\nAfter=layer-%d.target\n", layer-1)
			fmt.Fprintf(&wants, "Wants=layer-%d.target\nAfter=layer-%d.target\n", layer-1, layer-1)
		}
		for i := range width() {
			unit := fmt.Sprintf("layer-%d-%d.service", layer, i)
			fmt.Fprintf(&wants, "Wants=%s\n", unit)
			all[unit] = fmt.Sprintf("%s[Service]\nType=oneshot\nExecStart=%s exit\n", after, p.service)
		}
		all[fmt.Sprintf("layer-%d.target", layer)] = "[Unit]\n" + wants.String()
	}
	all["again.service"] = fmt.Sprintf("[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=%s hello %s\nRestart=always\nRestartSec=0\n", p.service, p.hello)
	return all
}
