#!/usr/bin/env bash
# Tuning strategies live: each tunes each of ten products that are in no table of
# tables/, for SECONDS, from an empty database, in an order that changes from
# product to product; what each confirms, into results/strategies.json and a table.
# Can be stopped and goes on where it was; measure.sh has settings.
#
# Usage: strategies.sh [SECONDS [STRATEGY..]]   (30 plan-game halving evolution random)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
seconds=$((${1:-30} * percent / 100))
shift $(($# > 0))
strategies=("$@")
[ $# -gt 0 ] || strategies=(plan-game halving evolution random)
shapes=(3584x3584x3584:f32 2048x2048x8192:f32 4096x2048x2048:f32 2304x3072x2304:f32
  3000x3000x3000:f32 1500x4500x3000:f32 5120x1280x5120:f32 3584x3584x3584:f64
  2304x3072x2304:f64 3000x3000x3000:f64)
folder=$work/strategies-$seconds-$threads
mkdir -p "$folder"

rows=() turn=0
for shape in "${shapes[@]}"; do
  for ((i = 0; i < ${#strategies[@]}; ++i)); do
    strategy=${strategies[(i + turn) % ${#strategies[@]}]}
    row=$folder/$shape-$strategy.json
    rows+=("$row")
    [ -s "$row" ] && continue
    rm -f "$folder"/fresh.db*
    "$bin/sevenfold" tune --matmul "$shape" --strategy "$strategy" \
      --db "$folder/fresh.db" --threads "$threads" --budget "${seconds}s" \
      --json >"$folder/tuned.json" 2>"$folder/log" || {
      cat "$folder/log" >&2 # void or undecided: counted as such below
    }
    jq -s --arg strategy "$strategy" --arg workload "$shape" \
      '{workload: $workload, strategy: $strategy, tuned: (.[0][0]? // null)}' \
      "$folder/tuned.json" >"$row.part"
    mv "$row.part" "$row"
    jq -r '"\(.workload) \(.strategy): \(.tuned.speedup // "void")"' "$row" >&2
  done
  turn=$((turn + 1))
done
collect "$results/strategies.json" "${rows[@]}"
jq -r '.workloads | group_by(.strategy)[] | . as $rows |
  [$rows[] | select(.tuned) | .tuned.speedup] as $speedups |
  "\($rows[0].strategy): geometric mean \($speedups | map(log) | add / length | exp *
    1000 | round / 1000), \([$speedups[] | select(. > 1)] | length) of \($rows |
    length) won, \([$rows[] | select(.tuned | not)] | length) void"' \
  "$results/strategies.json"
