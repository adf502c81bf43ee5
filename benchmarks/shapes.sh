#!/usr/bin/env bash
# The shapes of a list (default shapes40.txt), tuned and timed against every
# vendor library found: benchmarks/results/<list>.json and a summary. About two
# hours; can be stopped and goes on where it was; measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

list=${1:-$repository/benchmarks/shapes40.txt}
name=$(basename "$list" .txt)
folder=$work/$name
mkdir -p "$folder"
files=()
while read -r workload label; do
  case $workload in '' | '#'*) continue ;; esac
  IFS=x: read -r m k n type _ <<<"$workload"
  # Room for the A/A check, the providers, some candidates and a confirmation:
  # 50 s and 110 calls at 450 Gflop/s.
  seconds=$((50 + m * k / 1000 * n / 1000 * 2 * 11 / 45000))
  [ "$type" = f64 ] && seconds=$((seconds * 2))
  file=$folder/${workload//:/-}.json
  measure "$workload" "$seconds" "$label" "$file" </dev/null
  files+=("$file")
done <"$list"
collect "$results/$name.json" "${files[@]}"
"$repository/benchmarks/summary.sh" "$results/$name.json"
