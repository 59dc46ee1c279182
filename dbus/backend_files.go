package dbus

// Files is what the backend does with unit files. Names may be patterns nowhere; paths of files are allowed where
// systemctl(1) allows them.
type Files interface {
	// UnitFiles lists all unit files.
	UnitFiles() []UnitFile
	// UnitFileState is the state of one, as systemctl is-enabled prints it. A missing file is fs.ErrNotExist.
	UnitFileState(name string) (string, error)
	// UnitFilePreset is "enabled" or "disabled" by the preset files, "" when there is no such file.
	UnitFilePreset(name string) string
	// UnitFileLinks are the links that enablement made for a unit.
	UnitFileLinks(name string, runtime bool) ([]string, error)
	// DefaultTarget is what default.target points to.
	DefaultTarget() (string, error)
	// ChangeFiles enables, disables and so on; carries says whether a file had an [Install] section. Errors may be
	// *engine.Error for their names.
	ChangeFiles(req FileRequest, done func(carries bool, changes []FileChange, err error))
}

// UnitFile is one unit file and its state.
type UnitFile struct{ Path, State string }

// FileRequest asks for a change of links to unit files.
type FileRequest struct {
	Verb    string // enable, disable, reenable, mask, unmask, preset, preset-all, link, revert, add-wants, add-requires, set-default
	Names   []string
	Target  string // of add-wants and add-requires
	Preset  string // full, enable-only, disable-only; "" is full
	Runtime bool   // below /run
	Force   bool   // replace conflicting links
}

// FileChange is one link made or removed, in systemd's words.
type FileChange struct {
	Type   string // symlink, unlink, masked, dangling, ...
	Path   string
	Source string // what the link points to
}
