# A required unit fails while its dependant waits
load a.service Requires=b.service After=b.service
load b.service Type=oneshot
start a.service
----
job 1 a.service/start
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start

exit b.service main status=1
----
kill b.service TERM group
b.service start → stop-sigterm (exit-code)
b.service stop-sigterm → failed (exit-code)
job 2 b.service/start failed
job 1 a.service/start dependency

why a.service
----
a.service is blocked (dead)
  its last job, start, ended with dependency: b.service, which it needs (Requires=), did not start
  requested: start a.service by uid 0, pid 42
  → mend what it needs, then start a.service


# A wanted unit that fails is no hindrance
load a.service Wants=b.service After=b.service
load b.service Type=oneshot
start a.service
----
job 1 a.service/start
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start

exit b.service main status=1
----
kill b.service TERM group
b.service start → stop-sigterm (exit-code)
b.service stop-sigterm → failed (exit-code)
job 2 b.service/start failed
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done


# After alone only orders what is started together
load a.service After=b.service
load b.service Type=oneshot
load c.target Wants=a.service Wants=b.service
start c.target
----
job 1 c.target/start
job 2 a.service/start
job 3 b.service/start
spawn b.service ExecStart
b.service dead → start

exit b.service main status=0
----
kill b.service TERM group
b.service start → stop-sigterm
b.service stop-sigterm → dead
job 3 b.service/start done
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
c.target dead → active
job 1 c.target/start done


# Stops go in reverse order
load a.service
load b.service After=a.service
load c.target Wants=a.service Wants=b.service
start c.target
----
job 1 c.target/start
job 2 a.service/start
job 3 b.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 3 b.service/start done
c.target dead → active
job 1 c.target/start done

load d.target Conflicts=a.service Conflicts=b.service
start d.target
----
job 4 d.target/start
job 5 a.service/stop
job 6 b.service/stop
d.target dead → active
job 4 d.target/start done
kill b.service TERM main group
b.service running → stop-sigterm

exit b.service main signal=15
----
kill b.service TERM group
b.service stop-sigterm → final-sigterm
b.service final-sigterm → dead
job 6 b.service/stop done
kill a.service TERM main group
a.service running → stop-sigterm

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
a.service final-sigterm → dead
job 5 a.service/stop done


# Conflicts stops the other
load a.service Conflicts=b.service
load b.service
start b.service
----
job 1 b.service/start
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 1 b.service/start done

start a.service
----
job 2 a.service/start
job 3 b.service/stop
spawn a.service ExecStart
kill b.service TERM main group
a.service dead → start
b.service running → stop-sigterm
a.service start → running
job 2 a.service/start done

exit b.service main signal=15
----
kill b.service TERM group
b.service stop-sigterm → final-sigterm
b.service final-sigterm → dead
job 3 b.service/stop done


# Requisite does not start, and fails what needs it
load a.service Requisite=b.service After=b.service
load b.service
start a.service
----
job 1 a.service/start
job 2 b.service/verify-active
job 2 b.service/verify-active skipped
job 1 a.service/start dependency


# BindsTo follows the other down
load a.service BindsTo=b.service After=b.service
load b.service
start a.service
----
job 1 a.service/start
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 2 b.service/start done
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

exit b.service main status=0
----
kill b.service TERM group
job 3 a.service/stop
b.service running → stop-sigterm
b.service stop-sigterm → dead
kill a.service TERM main group
a.service running → stop-sigterm

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
job 3 a.service/stop done
a.service final-sigterm → dead


# PartOf stops with the other, and does not start with it
load a.service PartOf=b.service
load b.service
start a.service
start b.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 2 b.service/start done

stop b.service
----
job 3 b.service/stop
job 4 a.service/stop
kill b.service TERM main group
kill a.service TERM main group
a.service running → stop-sigterm
b.service running → stop-sigterm

exit a.service main signal=15
exit b.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
job 4 a.service/stop done
a.service final-sigterm → dead
kill b.service TERM group
b.service stop-sigterm → final-sigterm
job 3 b.service/stop done
b.service final-sigterm → dead


# A stop of what is required stops the dependant first
load a.service Requires=b.service After=b.service
load b.service
start a.service
----
job 1 a.service/start
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 2 b.service/start done
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done

stop b.service
----
job 3 b.service/stop
job 4 a.service/stop
kill a.service TERM main group
a.service running → stop-sigterm

exit a.service main signal=15
----
kill a.service TERM group
a.service stop-sigterm → final-sigterm
job 4 a.service/stop done
a.service final-sigterm → dead
kill b.service TERM main group
b.service running → stop-sigterm

exit b.service main signal=15
----
kill b.service TERM group
b.service stop-sigterm → final-sigterm
job 3 b.service/stop done
b.service final-sigterm → dead


# OnFailure and OnSuccess
load a.service OnFailure=f.service OnSuccess=s.service
load f.service
load s.service
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
job 2 f.service/start
a.service stop-sigterm → failed (exit-code)
spawn f.service ExecStart
f.service dead → start
f.service start → running
job 2 f.service/start done

start a.service
exit a.service main status=0
----
job 3 a.service/start
spawn a.service ExecStart
a.service failed → start
a.service start → running
job 3 a.service/start done
kill a.service TERM group
a.service running → stop-sigterm
job 4 s.service/start
a.service stop-sigterm → dead
spawn s.service ExecStart
s.service dead → start
s.service start → running
job 4 s.service/start done


# Upholds starts again what went down
load a.service Upholds=b.service
load b.service
start a.service
----
job 1 a.service/start
job 2 b.service/start
spawn a.service ExecStart
spawn b.service ExecStart
a.service dead → start
b.service dead → start
a.service start → running
job 1 a.service/start done
b.service start → running
job 2 b.service/start done

exit b.service main status=0
----
kill b.service TERM group
b.service running → stop-sigterm
job 3 b.service/start
b.service stop-sigterm → dead
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 3 b.service/start done


# StopWhenUnneeded
load a.service StopWhenUnneeded=yes
load b.service Wants=a.service
start b.service
----
job 1 b.service/start
job 2 a.service/start
spawn b.service ExecStart
spawn a.service ExecStart
a.service dead → start
b.service dead → start
b.service start → running
job 1 b.service/start done
a.service start → running
job 2 a.service/start done

stop b.service
exit b.service main signal=15
----
job 3 b.service/stop
kill b.service TERM main group
b.service running → stop-sigterm
kill b.service TERM group
b.service stop-sigterm → final-sigterm
job 3 b.service/stop done
b.service final-sigterm → dead
job 4 a.service/stop
kill a.service TERM main group
a.service running → stop-sigterm


# Reload is passed on
load a.service ExecReload=/r PropagatesReloadTo=b.service
load b.service ExecReload=/r
start a.service
start b.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 b.service/start
spawn b.service ExecStart
b.service dead → start
b.service start → running
job 2 b.service/start done

reload a.service
----
job 3 a.service/reload
job 4 b.service/reload
spawn a.service ExecReload
spawn b.service ExecReload
a.service running → reload
b.service running → reload


# An ordering cycle loses what is not needed
load a.service Wants=b.service After=b.service
load b.service After=a.service
start a.service
----
job 1 a.service/start
log b.service: job start deleted to break the ordering cycle: b.service/start waits for a.service/start by After= (/b.service:2); a.service/start waits for b.service/start by After= (/a.service:3)
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done


# An ordering cycle of what is needed is refused
load a.service Requires=b.service After=b.service
load b.service After=a.service
start a.service
----
refused: transaction order is cyclic: b.service/start waits for a.service/start by After= (/b.service:2); a.service/start waits for b.service/start by After= (/a.service:3)


# A contradiction of what is needed is refused
load a.service Requires=b.service Requires=c.service
load b.service Conflicts=c.service
load c.service
start a.service
----
refused: transaction contains conflicting jobs start and stop for a.service: start was requested; a.service is in RequiredBy= of c.service (/a.service:3)


# A required unit that does not exist
load a.service Requires=b.service
start a.service
----
refused: unit b.service not found


# A wanted unit that does not exist
load a.service Wants=b.service
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done


# isolate stops everything else
load a.service
load b.target AllowIsolate=yes
load c.service IgnoreOnIsolate=yes
start a.service
start c.service
isolate b.target
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 c.service/start
spawn c.service ExecStart
c.service dead → start
c.service start → running
job 2 c.service/start done
job 3 b.target/start
job 4 a.service/stop
job 5 basic.target/stop
job 6 sysinit.target/stop
job 7 c.service/stop
job 8 system.slice/stop
b.target dead → active
job 3 b.target/start done
kill a.service TERM main group
kill c.service TERM main group
a.service running → stop-sigterm
c.service running → stop-sigterm


# isolate needs AllowIsolate
load b.target
isolate b.target
----
refused: operation refused, unit b.target may not be isolated (AllowIsolate=)


# Job mode fail does not replace a job
load a.service Type=notify
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

stop a.service mode=fail
----
refused: transaction for a.service/stop is destructive (a.service has 'start' job queued, but 'stop' is included in transaction)

stop a.service
----
job 1 a.service/start canceled
job 2 a.service/stop
kill a.service TERM main group
a.service start → stop-sigterm


# An irreversible job is not replaced
load a.service TimeoutStopSec=infinity
start a.service
stop a.service mode=replace-irreversibly
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 1 a.service/start done
job 2 a.service/stop
kill a.service TERM main group
a.service running → stop-sigterm

start a.service
----
refused: transaction for a.service/start is destructive (a.service has 'stop' job queued, but 'start' is included in transaction)


# RefuseManualStart
load a.service RefuseManualStart=yes
load b.service Wants=a.service
start a.service
----
refused: operation refused, unit a.service may be requested by dependency only (it is configured to refuse manual start/stop)

start b.service
----
job 1 b.service/start
job 2 a.service/start
spawn b.service ExecStart
spawn a.service ExecStart
a.service dead → start
b.service dead → start
b.service start → running
job 1 b.service/start done
a.service start → running
job 2 a.service/start done


# A job timeout
load a.service Type=notify JobTimeoutSec=3s TimeoutStartSec=infinity
start a.service
----
job 1 a.service/start
spawn a.service ExecStart
a.service dead → start

pass 3s
----
job 1 a.service/start timeout


# Plan of a start, in waves
load a.service Requires=b.service After=b.service Wants=c.service
load b.service After=d.service Wants=d.service
load c.service
load d.service
plan start a.service
----
1 c.service/start ← Wants of a.service
1 d.service/start ← Wants of b.service
2 b.service/start ← Requires of a.service
3 a.service/start


# Why a unit runs
load a.service
load b.target Wants=a.service
start b.target
why a.service
----
job 1 b.target/start
job 2 a.service/start
spawn a.service ExecStart
a.service dead → start
a.service start → running
job 2 a.service/start done
b.target dead → active
job 1 b.target/start done
a.service is running (running)
  job start of a.service
  b.target has Wants= on it (/b.target:2)
  requested: start b.target by uid 0, pid 42


# Why a unit waits
load a.service After=b.service
load b.service Type=notify
load c.target Wants=a.service Wants=b.service
start c.target
why a.service
----
job 1 c.target/start
job 2 a.service/start
job 3 b.service/start
spawn b.service ExecStart
b.service dead → start
a.service is waiting (dead)
  a.service/start waits for b.service/start by After= (/a.service:2)
  c.target has Wants= on it (/c.target:3)
  requested: start c.target by uid 0, pid 42
  → b.service/start has to finish; it is in state start
