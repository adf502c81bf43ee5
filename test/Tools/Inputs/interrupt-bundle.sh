#!/usr/bin/env bash
# interrupt-bundle.sh BUNDLE: interrupts the runner once the first of several
# workloads is measured, and lets it go on: what was measured is kept as it was.
# Where the machine is too noisy for the fairness check there is nothing to see.
bundle=$1
fail() {
  echo "$1" >&2
  cat run.err >&2
  exit 1
}
for attempt in 1 2 3 4 5; do
  "$bundle/bin/sevenfold-runner" "$bundle" 2>run.err &
  runner=$!
  until [ -e "$bundle/results.json" ] || ! kill -0 "$runner" 2>/dev/null; do
    sleep 0.02
  done
  kill -INT "$runner" 2>/dev/null
  wait "$runner"
  code=$?
  grep -q 'the run is void' run.err || break
done
grep -q 'the run is void' run.err && exit 0
[ "$code" -eq 1 ] || fail "expected exit code 1 but got $code"
grep -qE 'interrupted: [0-9] of 3 workloads are in' run.err || fail "no word of it"
sevenfold db import "$bundle" --db t.db >part.txt || fail "import of a part"
grep -qE '[12] of 3 workloads were measured' part.txt || fail "$(cat part.txt)"
sevenfold db export part.jsonl --db t.db
ls "$bundle" | grep -q new && fail "something half-written is left"

for attempt in 1 2 3 4 5; do
  "$bundle/bin/sevenfold-runner" "$bundle" 2>run.err
  code=$?
  grep -q 'the run is void' run.err || break
done
grep -q 'the run is void' run.err && exit 0
[ "$code" -eq 0 ] || fail "the second run exits with $code"
grep -qE 'going on after [12] workloads' run.err || fail "it began anew"
sevenfold db import "$bundle" --db t.db >whole.txt || fail "import of the whole"
grep -q '3 of 3 workloads were measured' whole.txt || fail "$(cat whole.txt)"
# The records of the first part are among those of the whole.
sevenfold db export whole.jsonl --db t.db
sort part.jsonl >part.sorted
sort whole.jsonl >whole.sorted
[ -z "$(comm -23 part.sorted whole.sorted)" ] || fail "a record has changed"
known=$(wc -l <part.jsonl)
grep -q ", $known known already" whole.txt || fail "$(cat whole.txt)"
