# A reload runs its commands
load a.service ExecReload=/r ExecReload=/q
start a.service
reload a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/reload
spawn a.service ExecReload
a.service running → reload

exit a.service control status=0
----
spawn a.service ExecReload (2)

exit a.service control status=0
----
a.service reload → running
job 2 a.service/reload done


# A reload that fails leaves the service running
load a.service ExecReload=/r
start a.service
reload a.service
exit a.service control status=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/reload
spawn a.service ExecReload
a.service running → reload
a.service reload → running
job 2 a.service/reload failed


# A service without ExecReload cannot be reloaded
load a.service
start a.service
reload a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
refused: job type reload is not applicable for unit a.service

reload-or-restart a.service
----
job 2 a.service/restart
kill a.service TERM main group
a.service running → stop-sigterm


# notify-reload gets a signal and answers twice
load a.service Type=notify-reload
start a.service
notify a.service READY=1
reload a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/reload
kill a.service HUP main
a.service running → reload-signal

notify a.service RELOADING=1 MONOTONIC_USEC=99999999
----
a.service reload-signal → reload-notify

notify a.service READY=1
----
a.service reload-notify → running
job 2 a.service/reload done


# The main process ends during a reload
load a.service ExecReload=/r
start a.service
reload a.service
exit a.service main status=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/reload
spawn a.service ExecReload
a.service running → reload

exit a.service control status=0
----
kill a.service TERM group
a.service reload → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)
job 2 a.service/reload failed
