package host

import (
	"os"
	"strconv"

	"davit/unit"
)

// Specifiers fills in what the percent specifiers of systemd.unit(5) stand for under a layout, for the user that this
// process runs as.
func (m *Machine) Specifiers(l Layout) unit.Specifiers {
	release, info := m.OSRelease(), m.MachineInfo()
	uid, gid := os.Geteuid(), os.Getegid()
	s := unit.Specifiers{
		Architecture: Architecture(), BootID: m.BootID(), MachineID: m.MachineID(), KernelRelease: KernelRelease(),
		Hostname: m.Hostname(), PrettyHostname: info["PRETTY_HOSTNAME"],
		ImageVersion: release["IMAGE_VERSION"], BuildID: release["BUILD_ID"], ImageID: release["IMAGE_ID"], OSID: release["ID"],
		VersionID: release["VERSION_ID"], VariantID: release["VARIANT_ID"],
		CacheDir: l.CacheRoot, ConfigDir: l.ConfigRoot, LogsDir: l.LogsRoot, StateDir: l.StateRoot, RuntimeDir: l.RunRoot,
		SharedDir: l.SharedRoot, CredentialsRoot: l.Creds,
		TmpDir: temporary("/tmp"), VarTmpDir: temporary("/var/tmp"),
		UID: strconv.Itoa(uid), GID: strconv.Itoa(gid),
	}
	if l.Mode == System {
		s.User, s.UID, s.Group, s.GID, s.Home, s.Shell = "root", "0", "root", "0", "/root", "/bin/sh"
		return s
	}
	account, err := m.Accounts.User(s.UID)
	if err != nil || account.Name == "" {
		account = Account{Name: or(os.Getenv("USER"), s.UID), Home: or(os.Getenv("HOME"), "/"), Shell: "/bin/sh"}
	}
	s.User, s.Home, s.Shell = account.Name, or(os.Getenv("HOME"), account.Home), account.Shell
	s.Group = or(m.Accounts.GroupName(gid), s.GID)
	return s
}

// temporary is where temporary files go: TMPDIR, TEMP or TMP when they name an absolute path (file-hierarchy(7)).
func temporary(standard string) string {
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} {
		if dir := os.Getenv(name); dir != "" && dir[0] == '/' {
			return dir
		}
	}
	return standard
}
