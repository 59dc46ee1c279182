# A stop sends the signal and waits for the whole cgroup
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

fork a.service
stop a.service
----
job 2 a.service/stop
kill a.service TERM main group
a.service running → stop-sigterm

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm

die a.service
----
job 2 a.service/stop done
a.service final-sigterm → dead


# ExecStop runs before the signal
load a.service ExecStop=/s ExecStopPost=/t
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

stop a.service
----
job 2 a.service/stop
spawn a.service ExecStop
a.service running → stop

exit a.service control status=0
----
kill a.service TERM main group
a.service stop → stop-sigterm

exit a.service main signal=15
----
spawn a.service ExecStopPost
a.service stop-sigterm → stop-post

exit a.service control status=0
----
kill a.service TERM group
a.service stop-post → final-sigterm
job 2 a.service/stop done
a.service final-sigterm → dead


# What does not stop in time is killed
load a.service TimeoutStopSec=2s
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

stop a.service
----
job 2 a.service/stop
kill a.service TERM main group
a.service running → stop-sigterm

pass 2s
----
kill a.service KILL main group
a.service stop-sigterm → stop-sigkill (timeout)

exit a.service main signal=9
----
kill a.service TERM group
a.service stop-sigkill → final-sigterm (timeout)
a.service final-sigterm → failed (timeout)
job 2 a.service/stop done


# KillMode=mixed signals the main process and kills the others
load a.service KillMode=mixed
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

fork a.service
stop a.service
----
job 2 a.service/stop
kill a.service TERM main
a.service running → stop-sigterm

exit a.service main signal=15
----
kill a.service KILL group
a.service stop-sigterm → final-sigkill

die a.service
----
job 2 a.service/stop done
a.service final-sigkill → dead


# KillMode=process leaves the others alone
load a.service KillMode=process
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

fork a.service
stop a.service
----
job 2 a.service/stop
kill a.service TERM main
a.service running → stop-sigterm

exit a.service main signal=15
----
a.service stop-sigterm → dead
job 2 a.service/stop done


# A clean end by a signal that asks for it
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit a.service main signal=15
----
kill a.service TERM group
a.service running → stop-sigterm
a.service stop-sigterm → dead


# An end by SIGKILL is a failure
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit a.service main signal=9
----
kill a.service TERM group
a.service running → stop-sigterm (signal)
a.service stop-sigterm → failed (signal)


# ExecStop also runs when the service ended by itself
load a.service ExecStop=/s
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit a.service main status=1
----
spawn a.service ExecStop
a.service running → stop (exit-code)

exit a.service control status=0
----
kill a.service TERM group
a.service stop → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)


# SuccessExitStatus makes an exit status clean
load a.service "SuccessExitStatus=7 SIGUSR1"
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit a.service main status=7
----
kill a.service TERM group
a.service running → stop-sigterm
a.service stop-sigterm → dead

start a.service
----
job 2 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done

exit a.service main signal=10
----
kill a.service TERM group
a.service running → stop-sigterm
a.service stop-sigterm → dead


# A service killed for want of memory
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit a.service main signal=9
oom a.service
----
kill a.service TERM group
a.service running → stop-sigterm (signal)
a.service stop-sigterm → failed (signal)


# A watchdog that is not fed bites
load a.service Type=notify WatchdogSec=2s
start a.service
notify a.service READY=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

pass 1s
notify a.service WATCHDOG=1
pass 1500ms
----

pass 500ms
----
kill a.service ABRT main group
a.service running → stop-watchdog (watchdog)

exit a.service main core=6
----
kill a.service TERM group
a.service stop-watchdog → final-sigterm (watchdog)
a.service final-sigterm → failed (watchdog)


# RuntimeMaxSec ends a service
load a.service RuntimeMaxSec=10s
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

pass 10s
----
kill a.service TERM main group
a.service running → stop-sigterm (timeout)

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm (timeout)
a.service final-sigterm → failed (timeout)


# STOPPING=1 is heard
load a.service Type=notify
start a.service
notify a.service READY=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

notify a.service STOPPING=1
----
a.service running → stop-sigterm

exit a.service main status=0
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
a.service final-sigterm → dead


# The main process of a forking service ends cleanly by a signal
load a.service Type=forking
start a.service
exit a.service control status=0
stop a.service
exit a.service main signal=15
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/stop
kill a.service TERM main group
a.service running → stop-sigterm
kill a.service TERM group
a.service stop-sigterm → final-sigterm
job 2 a.service/stop done
a.service final-sigterm → dead


# The end of a service does what its action says
load a.service SuccessAction=poweroff FailureAction=reboot
start a.service
exit a.service main status=0
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm
action poweroff
a.service stop-sigterm → dead

start a.service
exit a.service main status=1
----
job 2 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
action reboot
a.service stop-sigterm → failed (exit-code)
