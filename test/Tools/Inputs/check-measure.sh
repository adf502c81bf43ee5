#!/usr/bin/env bash
# check-measure.sh OPTION..: sevenfold db check --measure of a database with one
# usable plan. Which of the three outcomes it is depends on the machine, the exit
# code on the outcome.
sevenfold db check --measure "$@" >measured.txt 2>measured.err
code=$?
fail() {
  echo "exit code $code: $1" >&2
  cat measured.txt measured.err >&2
  exit 1
}
if grep -q 'the run is void' measured.err; then
  [ "$code" -eq 1 ] || fail "expected 1 for a void run"
  exit 0
fi
grep -q '1 of 1: 256x256x256:f32 by 2x2x2-r7' measured.err || fail "no progress"
[ "$(wc -l <measured.txt)" -eq 1 ] || fail "expected one line"
grep -qE '(holds|no longer|too noisy) +recorded 1.100x, now [0-9.]+x \([0-9.]+ to [0-9.]+\) in [0-9]+ pairs' \
  measured.txt || fail "no outcome"
expected=0
grep -q 'no longer' measured.txt && expected=1
[ "$code" -eq "$expected" ] || fail "expected $expected"
