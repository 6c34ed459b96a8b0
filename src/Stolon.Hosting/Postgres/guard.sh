#!/bin/sh
# The postmaster's parent (S4, Q42): PostgreSQL outlives neither the end of its keeper nor the keeper's silence.
#
#   guard.sh PGDATA LEASE LOG command argument...
#
# Standard input: a pipe that only the keeper holds open. LEASE: a file, replaced by rename, with the second of /proc/uptime
# at which everything ends if nothing more is heard; absent or empty = never. LOG: where PostgreSQL and this script write.
# The working directory is the keeper's, never PGDATA, by which PostgreSQL's processes are known.
# It exits when no process of PGDATA is left, with the postmaster's status.
data=$1 lease=$2 log=$3
shift 3
umask 077
# 3: the keeper. 4: PGDATA, known even when it was renamed or removed.
exec 3<&0 4<"$data" </dev/null >>"$log" 2>&1
# Who stops the whole process group means the keeper, and the keeper stops us in order.
trap '' INT QUIT TERM HUP

# "command eval": where no process can be made, the shell goes on without the nap, instead of ending here.
nap() { command eval 'sleep 0.05 || sleep 1'; }

# SIGKILL, also to those that are stopped, until nothing is left. A zombie has no working directory.
sweep() {
    left=1
    while [ $left = 1 ]; do
        left=0
        for p in /proc/[0-9]*; do
            [ "$p/cwd" -ef /proc/self/fd/4 ] && kill -9 "${p#/proc/}" && left=1
        done 2>/dev/null
        [ $left = 0 ] || nap
    done
}

# Waits up to $1 naps for the postmaster's end.
gone() {
    i=0
    while [ $i -lt "$1" ] && kill -0 $pg; do nap; i=$((i + 1)); done 2>/dev/null
}

# Sets left to the hundredths of a second until the lease ends; fails when there is no end. A lost file changes nothing.
remaining() {
    read -r now rest </proc/uptime
    if [ -r "$lease" ]; then read -r end rest <"$lease" || end=; fi
    [ -n "$end" ] || return 1
    now=${now%.*}${now#*.} then=${end%.*}${end#*.}
    # Without two leading zeros at most: they would mean octal.
    now=${now#0} then=${then#0}
    left=$((${then#0} - ${now#0}))
}

# However this shell ends, and each of those below: not before PostgreSQL. A sweep needs no process of its own.
trap sweep EXIT

# In PGDATA from the first instant on, so that it is seen even if this script is killed meanwhile.
(exec 3<&- && cd "$data" && exec 4<&- && exec "$@") &
pg=$!

# The keeper's end is the pipe's end: fast, then immediate, then SIGKILL, all within a second.
(
    trap sweep EXIT
    while read -r rest <&3; do :; done
    kill -INT $pg
    gone 8
    kill -QUIT $pg
    gone 4
) 2>/dev/null &
watcher=$!

# The keeper's silence is the lease's end. One short sleep a second, and none outlives us.
(
    exec 3<&-
    end= nap=
    trap 'kill -9 $nap; exit' USR1
    trap sweep EXIT
    # A zombie, of a frozen keeper, has no working directory either. Without the watcher nobody would see the keeper's end.
    while [ -e /proc/$$/cwd ] && kill -0 $watcher; do
        pause=1
        if remaining; then
            # Read again before the worst: a renewal may just have come.
            [ $left -gt 0 ] || ! remaining || [ $left -gt 0 ] || exit
            [ $left -ge 100 ] || { [ $left -ge 10 ] || left=0$left; pause=0.$left; }
        fi
        nap=
        command eval 'sleep $pause & nap=$!'
        wait $nap
    done
) 2>/dev/null &
lessor=$!

exec 3<&- 2>/dev/null
wait $pg
status=$?
kill -9 $watcher
kill -USR1 $lessor
kill -CONT $lessor
wait $watcher $lessor
exit $status
