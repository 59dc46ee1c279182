# Traffic starts the service, and its end opens the socket again
load a.socket ListenStream=/s
load a.service
start a.socket
----
job 1 a.socket/start
open a.socket
a.socket dead → start-chown
a.socket start-chown → listening
job 1 a.socket/start done
watch a.socket true

traffic a.socket
----
watch a.socket false
job 2 a.service/start
a.socket listening → running
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done

exit a.service main status=0
----
kill a.service TERM group
a.service running → stop-sigterm
watch a.socket true
a.service stop-sigterm → dead
a.socket running → listening


# Starting the service takes the socket along
load a.socket ListenStream=/s
load a.service Sockets=a.socket
start a.service
----
job 1 a.service/start
job 2 a.socket/start
open a.socket
a.socket dead → start-chown
a.socket start-chown → listening
job 2 a.socket/start done
watch a.socket true
spawn a.service ExecStart
watch a.socket false
a.service dead → start
a.socket listening → running
a.service start → running
job 1 a.service/start done

stop a.socket
----
job 3 a.socket/stop
close a.socket
a.socket running → dead
job 3 a.socket/stop done


# A socket is refused while its service runs without it
load a.socket ListenStream=/s
load a.service
start a.service
start a.socket
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.socket/start
job 2 a.socket/start failed


# A service that is started too often ends its socket
load a.socket ListenStream=/s
load a.service StartLimitBurst=1
start a.socket
traffic a.socket
exit a.service main status=1
----
job 1 a.socket/start
open a.socket
a.socket dead → start-chown
a.socket start-chown → listening
job 1 a.socket/start done
watch a.socket true
watch a.socket false
job 2 a.service/start
a.socket listening → running
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
watch a.socket true
a.service stop-sigterm → failed (exit-code)
a.socket running → listening

traffic a.socket
----
watch a.socket false
job 3 a.service/start
a.socket listening → running
job 3 a.service/start failed
close a.socket
a.socket running → failed (service-start-limit-hit)


# Each connection gets a service of its own
load a.socket ListenStream=/s Accept=yes MaxConnections=1
load a@0-x.service
load a@1-z.service
start a.socket
connect a.socket x
----
job 1 a.socket/start
open a.socket
a.socket dead → start-chown
a.socket start-chown → listening
job 1 a.socket/start done
watch a.socket true
job 2 a@0-x.service/start
job 3 system-a.slice/start
system-a.slice dead → active
job 3 system-a.slice/start done
spawn a@0-x.service ExecStart
a@0-x.service dead → start
a@0-x.service start → running
job 2 a@0-x.service/start done

connect a.socket y
----
close connection

exit a@0-x.service main status=0
----
kill a@0-x.service TERM group
a@0-x.service running → stop-sigterm
close connection
a@0-x.service stop-sigterm → dead

connect a.socket z
----
job 4 a@1-z.service/start
spawn a@1-z.service ExecStart
a@1-z.service dead → start
a@1-z.service start → running
job 4 a@1-z.service/start done


# The socket stays open while its service restarts
load a.socket ListenStream=/s
load a.service Restart=always
start a.socket
traffic a.socket
exit a.service main signal=9
----
job 1 a.socket/start
open a.socket
a.socket dead → start-chown
a.socket start-chown → listening
job 1 a.socket/start done
watch a.socket true
watch a.socket false
job 2 a.service/start
a.socket listening → running
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (signal)
watch a.socket true
a.service stop-sigterm → auto-restart (signal)
a.socket running → listening

pass 100ms
----
job 3 a.service/restart
a.service auto-restart → auto-restart-queued (signal)
spawn a.service ExecStart
watch a.socket false
a.service auto-restart-queued → start
a.socket listening → running
a.service start → running
job 3 a.service/start done
