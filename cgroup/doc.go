// Package cgroup is davit's part of the control group tree: one group per unit, below one root that is the manager's own.
//
// Contract. A Tree belongs to the goroutine that detected it; nothing in it is locked and nothing in it waits. A group is
// named by its path relative to the tree's root, as GroupPath makes it ("system.slice/nginx.service"; "" is the root).
// Processes are tracked in the version 2 hierarchy; limits go to whichever hierarchy has the controller, version 2 or 1, and
// cost nothing where no unit asks for them: a service without limits is one mkdir, and no descriptor is kept for it.
// A limit that cannot be applied is a *LimitError, and the group exists nevertheless.
//
// References: the kernel's admin-guide/cgroup-v2 and cgroup-v1 documents, systemd.resource-control(5), cgroups(7).
package cgroup
