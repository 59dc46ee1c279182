# Restart=on-failure restarts after a failure, not after success
load a.service Restart=on-failure
start a.service
exit a.service main status=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)

pass 100ms
----
job 2 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 2 a.service/start done

exit a.service main status=0
----
kill a.service TERM group
a.service running → stop-sigterm
a.service stop-sigterm → dead


# Restart=always restarts after success, and a stop ends it
load a.service Restart=always RestartSec=2s
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
a.service stop-sigterm → auto-restart

stop a.service
----
job 2 a.service/stop
job 2 a.service/stop done
a.service auto-restart → dead

pass 10s
----


# The start limit ends restarts
load a.service Restart=always RestartSec=1s StartLimitBurst=2 StartLimitIntervalSec=1min
start a.service
exit a.service main status=1
pass 1s
exit a.service main status=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)
job 2 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 2 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)

pass 1s
----
job 3 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
a.service auto-restart-queued → failed (start-limit-hit)
job 3 a.service/start failed

reset-failed a.service
start a.service
----
a.service failed → dead
job 4 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 4 a.service/start done


# Restart=on-abnormal minds signals and not statuses
load a.service Restart=on-abnormal
start a.service
exit a.service main status=1
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)

start a.service
exit a.service main signal=9
----
job 2 a.service/start
spawn a.service ExecStart
a.service failed → start
a.service start → running
job 2 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (signal)
a.service stop-sigterm → auto-restart (signal)


# RestartPreventExitStatus and RestartForceExitStatus go before Restart
load a.service Restart=on-failure RestartPreventExitStatus=5
load b.service RestartForceExitStatus=5
start a.service
exit a.service main status=5
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)

start b.service
exit b.service main status=5
----
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 2 b.service/start done
kill b.service TERM group
b.service running → stop-sigterm (exit-code)
b.service stop-sigterm → auto-restart (exit-code)


# The delay grows in steps
load a.service Restart=always RestartSec=1s RestartSteps=2 RestartMaxDelaySec=4s StartLimitIntervalSec=0
start a.service
exit a.service main status=1
pass 1s
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)
job 2 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 2 a.service/start done

exit a.service main status=1
pass 1s
----
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)

pass 1s
----
job 3 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 3 a.service/start done

exit a.service main status=1
pass 3900ms
----
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)

pass 200ms
----
job 4 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 4 a.service/start done


# A start while a restart is awaited waits for it
load a.service Restart=always RestartSec=5s
start a.service
exit a.service main status=1
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)
job 2 a.service/start

pass 5s
----
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 2 a.service/start done


# What requires a service is restarted with it
load a.service Restart=always
load b.service Requires=a.service After=a.service
start b.service
----
job 1 b.service/start
job 2 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 1 b.service/start done

exit a.service main signal=9
pass 100ms
----
kill a.service TERM group
a.service running → stop-sigterm (signal)
a.service stop-sigterm → auto-restart (signal)
job 3 a.service/restart
job 4 b.service/restart
a.service auto-restart → auto-restart-queued (signal)
kill b.service TERM main group
b.service running → stop-sigterm

exit b.service main signal=15
----
kill b.service TERM group
b.service stop-sigterm → final-sigterm
b.service final-sigterm → dead
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 3 a.service/start done
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 4 b.service/start done


# A restart on request stops, then starts
load a.service
start a.service
restart a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/restart
kill a.service TERM main group
a.service running → stop-sigterm

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
a.service final-sigterm → dead
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done


# try-restart leaves what does not run alone
load a.service
try-restart a.service
----
job 1 a.service/nop
job 1 a.service/nop done


# The state is cut while a restart is awaited
load a.service Restart=always RestartSec=5s
start a.service
exit a.service main status=1
cut
pass 5s
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)
job 2 a.service/restart
a.service auto-restart → auto-restart-queued (exit-code)
spawn a.service ExecStart
a.service auto-restart-queued → start
a.service start → running
job 2 a.service/start done


# Why a service waits for its restart
load a.service Restart=always RestartSec=5s
start a.service
exit a.service main status=1
why a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm (exit-code)
a.service stop-sigterm → auto-restart (exit-code)
a.service is waiting (auto-restart)
  a.service ended and will be started again by its restart policy
  restarted by its own policy: Restart=always after result exit-code
  last process ended
  main process ended, code=exited, status=1/FAILURE
  job start of a.service
  requested: start a.service by uid 0, pid 42
  → start or stop a.service to end the wait
