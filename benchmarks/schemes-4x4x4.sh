#!/usr/bin/env bash
# The scheme <4,4,4;49> that a search for measured time chooses, beside Strassen
# squared, Winograd squared and, where SEVENFOLD_REFERENCE_SCHEMES names the
# folder they lie in, the two that AlphaTensor made for a GPU and a TPU, in one
# interleaved run: benchmarks/results/schemes-4x4x4.json.
#
# Settings: SEVENFOLD_BIN, SEVENFOLD_WORK, SEVENFOLD_RESULTS, SEVENFOLD_THREADS
# and SEVENFOLD_PAIRS as in measure.sh; SEVENFOLD_WORKLOAD (8192x8192x8192:f32);
# SEVENFOLD_SEARCH, how long is searched (30m). A chosen scheme that lies in
# SEVENFOLD_WORK is not searched for again.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
workload=${SEVENFOLD_WORKLOAD:-8192x8192x8192:f32}
search=${SEVENFOLD_SEARCH:-30m}

chosen=$work/4x4x4-r49-${workload%:*}-${workload#*:}.json
if [ ! -e "$chosen" ]; then
  "$bin/sevenfold" search --dims 4,4,4 --target-rank 49 --measure-on host \
    --workload "$workload" --budget "$search" --threads "$threads" \
    -o "$chosen.part" --json >"$chosen.report"
  mv "$chosen.part" "$chosen"
fi

# Both ways to square: sums formed at once, and one level within the other.
schemes=("$chosen"
  '2x2x2-r7*2x2x2-r7' '2x2x2-r7:2x2x2-r7'
  '2x2x2-r7-winograd*2x2x2-r7-winograd' '2x2x2-r7-winograd:2x2x2-r7-winograd')
if [ -n "${SEVENFOLD_REFERENCE_SCHEMES:-}" ]; then
  for name in gpuv100 tpuv2; do
    schemes+=("$SEVENFOLD_REFERENCE_SCHEMES/4x4x4-r49-alphatensor-$name.json")
  done
fi
"$bin/sevenfold" search measure "${schemes[@]}" --measure-on host \
  --workload "$workload" --threads "$threads" --pairs "$pairs" --json \
  >"$work/schemes-4x4x4.json"
jq --slurpfile search "$chosen.report" --arg work "$work/" \
  --arg reference "${SEVENFOLD_REFERENCE_SCHEMES:-}/" \
  --arg commit "$(git -C "$repository" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
  '.commit = $commit | .search = $search[0][0]
   | .search.file |= ltrimstr($work)
   | .schemes[].scheme |= (ltrimstr($work) | ltrimstr($reference))' \
  "$work/schemes-4x4x4.json" >"$results/schemes-4x4x4.json"
jq -r '"\(.workload), rank correlation of predicted and measured time: \(.rank_correlation)",
  (.schemes[] | "\(.median_s) s  \(.scheme)" +
    if .speedup then ": the chosen one is \(.speedup) (\(.speedup_low) to \(.speedup_high)) times as fast"
    else "" end)' "$results/schemes-4x4x4.json"
