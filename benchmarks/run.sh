#!/usr/bin/env bash
# Every benchmark, on a machine that does nothing else: about three
# hours. Results go to benchmarks/results, the tables into docs/Results.md.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

# As in measured programs: idle threads do not spin on the others' cores.
export OMP_WAIT_POLICY=passive
OMP_NUM_THREADS=$threads "$bin/combine-bandwidth" \
  >"$results/combine-bandwidth.json"
jq -r '.[] | "\(.combine): \(.of_memcpy * 100 | round) % of memcpy, " +
  "\(.median_s * 1e4 | round / 10) ms"' "$results/combine-bandwidth.json"
"$bin/compile-time" --benchmark_out="$results/compile-time.json" \
  --benchmark_out_format=json
"$bin/database-lookup" >"$results/database-lookup.json"
jq -r '.results[] | "\(.layer): a question in " +
  "\(.median_s * 1e6 | round) us, \(.percentile99_s * 1e6 | round) us for 99 %"' \
  "$results/database-lookup.json"
"$repository/benchmarks/headline.sh"
"$repository/benchmarks/shapes.sh"
"$repository/benchmarks/summary.sh" --page "$results/headline.json" \
  "$results/shapes40.json"
