# A simple service starts as soon as its process exists
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit a.service main status=0
----
kill a.service TERM group
a.service running → stop-sigterm
a.service stop-sigterm → dead


# An exec service starts when its process has called exec
load a.service Type=exec
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exec a.service
----
a.service start → running
job 1 a.service/start done


# An exec service whose program cannot be run fails
load a.service Type=exec
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service main status=203
----
kill a.service TERM group
a.service start → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)
job 1 a.service/start failed


# A notify service starts when it says so
load a.service Type=notify
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

notify a.service STATUS=working
----

notify a.service READY=1
----
a.service start → running
job 1 a.service/start done


# A notify service that ends before it is ready breaks the protocol
load a.service Type=notify
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service main status=0
----
kill a.service TERM group
a.service start → stop-sigterm (protocol)
a.service stop-sigterm → failed (protocol)
job 1 a.service/start failed


# Readiness from a stranger does not count
load a.service Type=notify
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

notify a.service READY=1 from=other
----


# A forking service starts when its first process has ended
load a.service Type=forking
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service control status=0
----
a.service start → running
job 1 a.service/start done

exit a.service main status=0
----
kill a.service TERM group
a.service running → stop-sigterm
a.service stop-sigterm → dead


# A forking service that leaves nothing behind fails
lonely
load a.service Type=forking
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service control status=0
----
a.service start → failed (protocol)
job 1 a.service/start failed


# A oneshot is started when it has ended
load a.service Type=oneshot
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service main status=0
----
kill a.service TERM group
a.service start → stop-sigterm
job 1 a.service/start done
a.service stop-sigterm → dead


# A oneshot that remains stays active
load a.service Type=oneshot RemainAfterExit=yes ExecStop=/y
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service main status=0
----
a.service start → exited
job 1 a.service/start done

stop a.service
----
job 2 a.service/stop
spawn a.service ExecStop
a.service exited → stop

exit a.service control status=0
----
kill a.service TERM group
a.service stop → stop-sigterm
job 2 a.service/stop done
a.service stop-sigterm → dead


# The command lines of a oneshot run one after another, and the first failure ends them
load a.service Type=oneshot ExecStart=/x ExecStart=/y ExecStart=/z
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service main status=0
----
spawn a.service ExecStart (2)

exit a.service main status=1
----
kill a.service TERM group
a.service start → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)
job 1 a.service/start failed


# A failure behind a dash is ignored
load a.service Type=oneshot ExecStart=-/x ExecStart=/y
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

exit a.service main status=1
----
spawn a.service ExecStart (2)

exit a.service main status=0
----
kill a.service TERM group
a.service start → stop-sigterm
job 1 a.service/start done
a.service stop-sigterm → dead


# All phases of a start, in order
load a.service ExecCondition=/c ExecStartPre=/p ExecStartPost=/q
start a.service
----
job 1 a.service/start
spawn a.service ExecCondition
a.service dead → condition

exit a.service control status=0
----
spawn a.service ExecStartPre
a.service condition → start-pre

exit a.service control status=0
----
spawn a.service ExecStart
a.service start-pre → start
spawn a.service ExecStartPost
a.service start → start-post

exit a.service control status=0
----
a.service start-post → running
job 1 a.service/start done


# A condition command that says no skips the start
load a.service ExecCondition=/c
start a.service
----
job 1 a.service/start
spawn a.service ExecCondition
a.service dead → condition

exit a.service control status=1
----
kill a.service TERM group
a.service condition → stop-sigterm (exec-condition)
job 1 a.service/start done
a.service stop-sigterm → dead


# A condition command that breaks fails the start
load a.service ExecCondition=/c
start a.service
----
job 1 a.service/start
spawn a.service ExecCondition
a.service dead → condition

exit a.service control status=255
----
kill a.service TERM group
a.service condition → stop-sigterm (exit-code)
a.service stop-sigterm → failed (exit-code)
job 1 a.service/start failed


# A failing ExecStartPre stops before the main process
load a.service ExecStartPre=/p ExecStopPost=/s
start a.service
----
job 1 a.service/start
spawn a.service ExecStartPre
a.service dead → start-pre

exit a.service control status=3
----
kill a.service TERM group
a.service start-pre → stop-sigterm (exit-code)
spawn a.service ExecStopPost
a.service stop-sigterm → stop-post (exit-code)

exit a.service control status=0
----
kill a.service TERM group
a.service stop-post → final-sigterm (exit-code)
a.service final-sigterm → failed (exit-code)
job 1 a.service/start failed


# A failing ExecStartPost takes the main process down
load a.service ExecStartPost=/q
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
spawn a.service ExecStartPost
a.service start → start-post

exit a.service control status=1
----
kill a.service TERM main group
a.service start-post → stop-sigterm (exit-code)

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm (exit-code)
a.service final-sigterm → failed (exit-code)
job 1 a.service/start failed


# A start that takes too long is killed
load a.service Type=notify TimeoutStartSec=5s TimeoutStopSec=3s
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

pass 5s
----
kill a.service TERM main group
a.service start → stop-sigterm (timeout)

pass 3s
----
kill a.service KILL main group
a.service stop-sigterm → stop-sigkill (timeout)

exit a.service main signal=9
----
kill a.service TERM group
a.service stop-sigkill → final-sigterm (timeout)
a.service final-sigterm → failed (timeout)
job 1 a.service/start failed


# A process that cannot be made fails the start
hold
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

fail-spawn
----
a.service start → failed (exit-code)
job 1 a.service/start failed


# A stop while the process is still being made kills it when it comes
hold
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

stop a.service
----
job 1 a.service/start canceled
job 2 a.service/stop
a.service start → stop-sigterm

release
----
kill a.service TERM main

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
job 2 a.service/stop done
a.service final-sigterm → dead


# A condition that does not hold skips the unit, and an assert fails it
load a.service ConditionPathExists=/false
load b.service AssertPathExists=/false
load c.service ConditionPathExists=!/false ConditionPathExists=|/false ConditionPathExists=|/true
start a.service
----
job 1 a.service/start
job 1 a.service/start done

why a.service
----
a.service is skipped (dead)
  its last job, start, ended with done: ConditionPathExists=/false is not met (/a.service:2)
  requested: start a.service by uid 0, pid 42
  → make the condition true, then start a.service

start b.service
----
job 2 b.service/start
job 2 b.service/start assert

start c.service
----
job 3 c.service/start
spawn c.service ExecStart
c.service dead → start
c.service start → running
job 3 c.service/start done


# A unit that does not exist cannot be started
start a.service
----
refused: unit a.service not found


# Starting what runs does nothing
load a.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

start a.service
----
job 2 a.service/start
job 2 a.service/start done
