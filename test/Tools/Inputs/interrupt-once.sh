#!/usr/bin/env bash
# interrupt-once.sh FILE COMMAND..: runs it, interrupts it as Ctrl-C does once FILE
# is there, and expects exit code 1.
file=$1
shift
"$@" &
program=$!
for ((i = 0; i < 3000; ++i)); do
  [ -e "$file" ] && break
  sleep 0.01
done
kill -INT "$program"
wait "$program"
code=$?
[ $code -eq 1 ] || { echo "expected exit code 1 but got $code" >&2; exit 1; }
