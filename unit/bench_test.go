package unit

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

const sampleService = `[Unit]
Description=Sample service number %d
Documentation=man:sample(8)
After=network.target remote-fs.target nss-lookup.target
Wants=network-online.target

[Service]
Type=notify
PIDFile=/run/sample-%[1]d.pid
ExecStartPre=/usr/sbin/sample -t -q -g 'daemon on; master_process on;'
ExecStart=/usr/sbin/sample -g 'daemon on; master_process on;' --number %[1]d
ExecReload=/bin/kill -s HUP $MAINPID
Restart=on-failure
RestartSec=5s
User=nobody
Group=nogroup
LimitNOFILE=65536
Environment=LANG=C "OPTIONS=-a -b"
ProtectSystem=full
PrivateTmp=true
KillMode=mixed

[Install]
WantedBy=multi-user.target
`

// many makes a tree with n services.
func many(t testing.TB, n int) string {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "etc/systemd/system"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		path := filepath.Join(dir, fmt.Sprintf("etc/systemd/system/sample-%d.service", i))
		if err := os.WriteFile(path, fmt.Appendf(nil, sampleService, i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// BenchmarkLoad reads 5,000 services from scratch.
func BenchmarkLoad(b *testing.B) {
	const n = 5000
	dir := many(b, n)
	b.ReportAllocs()
	var units []*Unit
	for b.Loop() {
		v, err := Scan(os.DirFS(dir), Options{Paths: SystemPaths("")})
		if err != nil {
			b.Fatal(err)
		}
		units = units[:0]
		for i := range n {
			units = append(units, v.Load(fmt.Sprintf("sample-%d.service", i)))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/unit")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	clear(units)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(before.HeapAlloc-after.HeapAlloc)/n, "B/unit")
}

// BenchmarkReload looks again at 5,000 services of which one changed.
func BenchmarkReload(b *testing.B) {
	const n = 5000
	dir := many(b, n)
	opt := Options{Paths: SystemPaths("")}
	v, err := Scan(os.DirFS(dir), opt)
	if err != nil {
		b.Fatal(err)
	}
	names := make([]string, n)
	units := make([]*Unit, n)
	for i := range n {
		names[i] = fmt.Sprintf("sample-%d.service", i)
		units[i] = v.Load(names[i])
	}
	b.ReportAllocs()
	for b.Loop() {
		path := filepath.Join(dir, "etc/systemd/system", names[7])
		if err := os.WriteFile(path, fmt.Appendf(nil, sampleService+"# %d\n", 7, b.N), 0o644); err != nil {
			b.Fatal(err)
		}
		opt.Memory = v.Memory()
		if v, err = Scan(os.DirFS(dir), opt); err != nil {
			b.Fatal(err)
		}
		for i := range n {
			units[i] = v.Load(names[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/unit")
}
