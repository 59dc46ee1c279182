package unit

// Socket is the [Socket] section of systemd.socket(5), without the blocks Exec, Kill and Resources.
type Socket struct {
	// Listen is what to listen on, in the order of the file. An empty assignment to any of them forgets all.
	Listen []Listener `unit:"ListenStream,ListenDatagram,ListenSequentialPacket,ListenFIFO,ListenSpecial,ListenNetlink,ListenMessageQueue,ListenUSBFunction" dbus:"Listen,a(ss)"`
	// SocketProtocol is udplite, sctp or mptcp. Default: the protocol of the socket's type.
	SocketProtocol SocketProtocol `unit:"SocketProtocol" dbus:",i"`
	// BindIPv6Only is the IPV6_V6ONLY option: default, both or ipv6-only. Default: default.
	BindIPv6Only BindIPv6Only `unit:"BindIPv6Only"`
	// Backlog is the number of connections that may wait to be accepted. Default: 4294967295, the kernel bounds it.
	Backlog uint32 `unit:"Backlog" default:"4294967295"`
	// BindToDevice is the network interface to bind to (SO_BINDTODEVICE).
	BindToDevice string `unit:"BindToDevice" as:"interface"`
	// SocketUser owns the socket's file. Default: the manager's user.
	SocketUser string `unit:"SocketUser" as:"user"`
	// SocketGroup is the group of the socket's file. Default: the group of SocketUser=.
	SocketGroup string `unit:"SocketGroup" as:"user"`
	// SocketMode is the mode of the socket's file. Default: 0666.
	SocketMode Mode `unit:"SocketMode" default:"0666"`
	// DirectoryMode is the mode of directories made for the socket's file. Default: 0755.
	DirectoryMode Mode `unit:"DirectoryMode" default:"0755"`
	// Accept starts one service instance per connection and passes only that. Default: no.
	Accept bool `unit:"Accept"`
	// Writable opens ListenSpecial= for writing too. Default: no.
	Writable bool `unit:"Writable"`
	// FlushPending empties the socket's buffer before it listens again. Default: no.
	FlushPending bool `unit:"FlushPending"`
	// MaxConnections bounds the service instances running at a time with Accept=yes. Default: 64.
	MaxConnections uint32 `unit:"MaxConnections" default:"64"`
	// MaxConnectionsPerSource is like MaxConnections=, per source address; 0 sets no limit. Default: MaxConnections=.
	MaxConnectionsPerSource uint32 `unit:"MaxConnectionsPerSource"`
	// KeepAlive is SO_KEEPALIVE. Default: no.
	KeepAlive bool `unit:"KeepAlive"`
	// KeepAliveTime is TCP_KEEPIDLE. Default: 0, the kernel's 2h.
	KeepAliveTime Timespan `unit:"KeepAliveTimeSec"`
	// KeepAliveInterval is TCP_KEEPINTVL. Default: 0, the kernel's 75s.
	KeepAliveInterval Timespan `unit:"KeepAliveIntervalSec"`
	// KeepAliveProbes is TCP_KEEPCNT. Default: 0, the kernel's 9.
	KeepAliveProbes uint32 `unit:"KeepAliveProbes"`
	// NoDelay is TCP_NODELAY. Default: no.
	NoDelay bool `unit:"NoDelay"`
	// Priority is SO_PRIORITY. Default: unset.
	Priority OptInt `unit:"Priority" as:"0..2147483647"`
	// DeferAccept is TCP_DEFER_ACCEPT. Default: 0, off.
	DeferAccept Timespan `unit:"DeferAcceptSec"`
	// ReceiveBuffer is SO_RCVBUF in bytes. Default: 0, the kernel's.
	ReceiveBuffer uint64 `unit:"ReceiveBuffer" as:"bytes"`
	// SendBuffer is SO_SNDBUF in bytes. Default: 0, the kernel's.
	SendBuffer uint64 `unit:"SendBuffer" as:"bytes"`
	// IPTOS is the type of service: low-delay, throughput, reliability, low-cost or a number. Default: unset.
	IPTOS OptInt `unit:"IPTOS" as:"tos"`
	// IPTTL is the time to live or hop limit, 1 to 255. Default: unset.
	IPTTL OptInt `unit:"IPTTL" as:"1..255"`
	// Mark is SO_MARK. Default: unset.
	Mark OptInt `unit:"Mark"`
	// ReusePort is SO_REUSEPORT. Default: no.
	ReusePort bool `unit:"ReusePort"`
	// SmackLabel is the extended attribute security.SMACK64.
	SmackLabel string `unit:"SmackLabel" status:"ignored"`
	// SmackLabelIPIn is the extended attribute security.SMACK64IPIN.
	SmackLabelIPIn string `unit:"SmackLabelIPIn" status:"ignored"`
	// SmackLabelIPOut is the extended attribute security.SMACK64IPOUT.
	SmackLabelIPOut string `unit:"SmackLabelIPOut" status:"ignored"`
	// SELinuxContextFromNet takes the label for the service from the peer. Default: no.
	SELinuxContextFromNet bool `unit:"SELinuxContextFromNet" status:"ignored"`
	// PipeSize is the size of a FIFO's buffer in bytes. Default: 0, the kernel's.
	PipeSize uint64 `unit:"PipeSize" as:"bytes"`
	// MessageQueueMaxMessages is mq_maxmsg. Default: 0, the kernel's.
	MessageQueueMaxMessages int64 `unit:"MessageQueueMaxMessages"`
	// MessageQueueMessageSize is mq_msgsize. Default: 0, the kernel's.
	MessageQueueMessageSize int64 `unit:"MessageQueueMessageSize"`
	// FreeBind is IP_FREEBIND: bind to addresses that are not there yet. Default: no.
	FreeBind bool `unit:"FreeBind"`
	// Transparent is IP_TRANSPARENT. Default: no.
	Transparent bool `unit:"Transparent"`
	// Broadcast is SO_BROADCAST. Default: no.
	Broadcast bool `unit:"Broadcast"`
	// PassCredentials is SO_PASSCRED. Default: no.
	PassCredentials bool `unit:"PassCredentials"`
	// PassFileDescriptorsToExec passes the sockets to Exec*= commands of the socket unit. Default: no.
	PassFileDescriptorsToExec bool `unit:"PassFileDescriptorsToExec" since:"256" status:"ignored"`
	// PassSecurity is SO_PASSSEC. Default: no.
	PassSecurity bool `unit:"PassSecurity"`
	// PassPacketInfo is IP_PKTINFO and its sisters. Default: no.
	PassPacketInfo bool `unit:"PassPacketInfo"`
	// Timestamping is SO_TIMESTAMP or SO_TIMESTAMPNS: off, us or ns. Default: off.
	Timestamping Timestamping `unit:"Timestamping"`
	// TCPCongestion is the congestion algorithm.
	TCPCongestion string `unit:"TCPCongestion"`
	// ExecStartPre runs before the sockets are made.
	ExecStartPre []Command `unit:"ExecStartPre"`
	// ExecStartPost runs after the sockets were made.
	ExecStartPost []Command `unit:"ExecStartPost"`
	// ExecStopPre runs before the sockets are closed.
	ExecStopPre []Command `unit:"ExecStopPre"`
	// ExecStopPost runs after the sockets were closed.
	ExecStopPost []Command `unit:"ExecStopPost"`
	// Timeout bounds each Exec*= command. Default: 90s.
	Timeout Timespan `unit:"TimeoutSec" default:"90s" as:"timeout"`
	// Service is the service to start. Default: the one of the same name; not allowed with Accept=yes.
	Service Located `unit:"Service" as:"name" dbus:"-"`
	// RemoveOnStop removes files made by the socket unit when it stops. Default: no.
	RemoveOnStop bool `unit:"RemoveOnStop"`
	// Symlinks is a list of links to make to the one socket file or FIFO.
	Symlinks []string `unit:"Symlinks" as:"paths"`
	// FileDescriptorName is the name of the sockets in LISTEN_FDNAMES. Default: the socket unit's name; "connection" with Accept=yes.
	FileDescriptorName string `unit:"FileDescriptorName" as:"fdname"`
	// TriggerLimitInterval is the window in which at most TriggerLimitBurst= activations are allowed. Default: 2s.
	TriggerLimitInterval Timespan `unit:"TriggerLimitIntervalSec" default:"infinity"`
	// TriggerLimitBurst is how many activations are allowed in TriggerLimitIntervalSec=. Default: 20, but 200 with Accept=yes.
	TriggerLimitBurst uint32 `unit:"TriggerLimitBurst" default:"4294967295"`
	// PollLimitInterval is the window in which at most PollLimitBurst= wake-ups per socket are looked at. Default: 2s.
	PollLimitInterval Timespan `unit:"PollLimitIntervalSec" default:"infinity" since:"255" status:"ignored"`
	// PollLimitBurst is how many wake-ups are looked at in PollLimitIntervalSec=. Default: 15, but 150 with Accept=yes.
	PollLimitBurst uint32 `unit:"PollLimitBurst" default:"4294967295" since:"255" status:"ignored"`
}

// Timer is the [Timer] section of systemd.timer(5).
type Timer struct {
	// Timers is when to elapse, in the order of the file. An empty assignment to any of them forgets all.
	Timers []TimerSpec `unit:"OnActiveSec,OnBootSec,OnStartupSec,OnUnitActiveSec,OnUnitInactiveSec,OnCalendar" dbus:"-" status:"ignored"`
	// Accuracy is how late the timer may elapse, to save wake-ups. Default: 1min.
	Accuracy Timespan `unit:"AccuracySec" default:"1min" status:"ignored"`
	// RandomizedDelay delays by a random time up to this. Default: 0.
	RandomizedDelay Timespan `unit:"RandomizedDelaySec" status:"ignored"`
	// FixedRandomDelay makes the random delay the same every time. Default: no.
	FixedRandomDelay bool `unit:"FixedRandomDelay" status:"ignored"`
	// DeferReactivation skips an elapse that would follow the last run at once. Default: no.
	DeferReactivation bool `unit:"DeferReactivation" since:"257" status:"ignored"`
	// OnClockChange elapses when the wall clock jumps. Default: no.
	OnClockChange bool `unit:"OnClockChange" status:"ignored"`
	// OnTimezoneChange elapses when the time zone changes. Default: no.
	OnTimezoneChange bool `unit:"OnTimezoneChange" status:"ignored"`
	// Unit is what to start. Default: the service of the same name.
	Unit Located `unit:"Unit" as:"name" dbus:"Unit,s" status:"ignored"`
	// Persistent keeps the last time on disk, and catches up on missed calendar times. Default: no.
	Persistent bool `unit:"Persistent" status:"ignored"`
	// WakeSystem wakes the machine from suspend. Default: no.
	WakeSystem bool `unit:"WakeSystem" status:"ignored"`
	// RemainAfterElapse keeps the timer loaded after it elapsed for good. Default: yes.
	RemainAfterElapse bool `unit:"RemainAfterElapse" default:"yes" status:"ignored"`
}

// Path is the [Path] section of systemd.path(5).
type Path struct {
	// Watches is what to watch, in the order of the file. An empty assignment to any of them forgets all.
	Watches []Watch `unit:"PathExists,PathExistsGlob,PathChanged,PathModified,DirectoryNotEmpty" dbus:"Paths,a(ss)" status:"ignored"`
	// Unit is what to start. Default: the service of the same name.
	Unit Located `unit:"Unit" as:"name" dbus:"Unit,s" status:"ignored"`
	// MakeDirectory makes the directories to watch. Default: no.
	MakeDirectory bool `unit:"MakeDirectory" status:"ignored"`
	// DirectoryMode is the mode of directories made by MakeDirectory=. Default: 0755.
	DirectoryMode Mode `unit:"DirectoryMode" default:"0755" status:"ignored"`
	// TriggerLimitInterval is the window in which at most TriggerLimitBurst= activations are allowed. Default: 2s.
	TriggerLimitInterval Timespan `unit:"TriggerLimitIntervalSec" default:"infinity" status:"ignored"`
	// TriggerLimitBurst is how many activations are allowed in TriggerLimitIntervalSec=. Default: 200.
	TriggerLimitBurst uint32 `unit:"TriggerLimitBurst" default:"4294967295" status:"ignored"`
}
