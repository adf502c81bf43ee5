#!/usr/bin/env bash
# How fast the search for schemes is, and how often it gets where it should:
# benchmarks/results/search.json. About 40 minutes on two cores.
#
#   search.sh [CASE..]   all cases, or those whose names begin so
#
# Settings: SEVENFOLD_BIN, SEVENFOLD_RESULTS as in measure.sh.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${SEVENFOLD_BIN:-$repository/build/release/bin}
results=${SEVENFOLD_RESULTS:-$repository/benchmarks/results}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted=("$@")

# run CASE SEEDS TARGET BUDGET THREADS ARGUMENTS..: one object a seed.
run() {
  local name=$1 seeds=$2 target=$3 budget=$4 threads=$5 seed
  shift 5
  if [ "${#wanted[@]}" -gt 0 ]; then
    local chosen=0
    for prefix in "${wanted[@]}"; do
      case $name in "$prefix"*) chosen=1 ;; esac
    done
    [ "$chosen" -eq 1 ] || return 0
  fi
  for ((seed = 0; seed < seeds; ++seed)); do
    "$bin/sevenfold" search "$@" --target-rank "$target" --budget "$budget" \
      --threads "$threads" --seed "$seed" --json 2>/dev/null \
      >"$work/report.json" || [ $? -eq 1 ]
    jq -c --arg case "$name" --arg budget "$budget" --argjson target "$target" \
      --argjson threads "$threads" '.[0] + {case: $case, budget: $budget,
        target_rank: $target, threads: $threads,
        moves_per_cpu_s: (.[0].moves / .[0].cpu_s)}' "$work/report.json" |
      tee -a "$work/all.jsonl" |
      jq -r '"\(.case), seed \(.seed): rank \(.rank), \(.wall_s * 10 | round /
        10) s, \(.moves_per_cpu_s / 1e5 | round / 10) million moves/s of cpu"'
  done
}

# Speed: an impossible target, so that the whole budget is spent.
run speed-z2 3 34 10s 1 --dims 4,4,4 --ring Z2
run speed-z 3 34 10s 1 --dims 4,4,4 --ring Z
run 3x3x3 5 23 30s 2 --dims 3,3,3 --ring Z2
run 4x4x4-classical 3 49 120s 2 --dims 4,4,4 --ring Z2
run 4x4x5-classical 3 64 240s 2 --dims 4,4,5 --ring Z2
run 4x4x4-symmetric 3 49 30s 2 --dims 4,4,4 --ring Z2 --start symmetric
run 4x4x4-composed 1 49 5s 2 --dims 4,4,4 --ring Z2 --start composed
run 5x5x5-symmetric 3 98 1200s 2 --dims 5,5,5 --ring Z2 --start symmetric

[ -s "$work/all.jsonl" ] || { echo "no case begins so" >&2; exit 2; }
jq -s --arg date "$(date -u +%Y-%m-%dT%H:%MZ)" \
  --arg revision "$(git -C "$repository" rev-parse --short HEAD)" \
  --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
  '{date: $date, revision: $revision, cpu: $cpu, runs: .}' \
  "$work/all.jsonl" >"$results/search.json.part"
mv "$results/search.json.part" "$results/search.json"
