#!/usr/bin/env bash
# tune.sh ARGUMENT..: sevenfold tune, again where the machine was too noisy for
# its fairness check: that is an answer, but not the one tests look at. Where it
# stays so for long, the test is skipped with what was recorded before.
for attempt in 1 2 3 4; do
  sevenfold tune "$@" >tune.out 2>tune.err
  code=$?
  grep -q 'the run is void' tune.err || break
done
cat tune.out
cat tune.err >&2
[ "$code" -eq 0 ] || grep -q 'the run is void' tune.err
