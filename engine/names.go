package engine

var jobTypeNames = [NumJobTypes]string{
	"start", "verify-active", "stop", "reload", "restart", "nop", "try-restart", "try-reload", "reload-or-start",
}

var jobStateNames = [...]string{"waiting", "running"}

var resultNames = [NumResults]string{
	"done", "canceled", "timeout", "failed", "dependency", "skipped", "invalid", "assert", "unsupported", "collected", "once",
}

var activeNames = [...]string{"inactive", "active", "reloading", "failed", "activating", "deactivating", "maintenance", "refreshing"}

var verbNames = [NumVerbs]string{
	"start", "stop", "reload", "restart", "try-restart", "reload-or-restart", "reload-or-try-restart", "verify-active",
}

var modeNames = [NumModes]string{
	"replace", "fail", "replace-irreversibly", "isolate", "flush", "ignore-dependencies", "ignore-requirements", "triggering",
	"restart-dependencies",
}

var phaseNames = [NumPhases]string{
	"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecStopPre",
}

func (t JobType) String() string     { return jobTypeNames[t] }
func (s JobState) String() string    { return jobStateNames[s] }
func (r Result) String() string      { return resultNames[r] }
func (s ActiveState) String() string { return activeNames[s] }
func (v Verb) String() string        { return verbNames[v] }
func (m Mode) String() string        { return modeNames[m] }
func (p Phase) String() string       { return phaseNames[p] }

// ParseVerb returns the verb of that name.
func ParseVerb(s string) (Verb, bool) { return named[Verb](verbNames[:], s) }

// ParseMode returns the job mode of that name.
func ParseMode(s string) (Mode, bool) { return named[Mode](modeNames[:], s) }

// ParseJobType returns the job type of that name.
func ParseJobType(s string) (JobType, bool) { return named[JobType](jobTypeNames[:], s) }

func named[T ~uint8](names []string, s string) (T, bool) {
	for i, n := range names {
		if n == s {
			return T(i), true
		}
	}
	return 0, false
}
