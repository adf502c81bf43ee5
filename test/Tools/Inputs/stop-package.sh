#!/usr/bin/env bash
# stop-package.sh PACKAGE: runs its run.sh, stops it as soon as its tuning times
# something, and exits as expected of a stopped run: it must end by itself with 1.
set -uo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bash "$1/run.sh" 2>"$log" &
run=$!
for _ in $(seq 600); do
  grep -q 'racing' "$log" && break
  kill -0 "$run" 2>/dev/null || break
  sleep 0.1
done
# Not INT, which shells ignore in what they start in the background.
kill -TERM "$run"
wait "$run"
code=$?
cat "$log" >&2
[ "$code" -eq 1 ]
