#!/usr/bin/env bash
# The shapes of a list (default shapes40.txt), each tuned, compiled, and timed by
# a second process against every vendor library found:
# benchmarks/results/<list>.json and a summary. About two hours and a half for the
# forty; can be stopped and goes on where it was; measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

list=${1:-$repository/benchmarks/shapes40.txt}
name=$(basename "$list" .txt)
folder=$work/$name
mkdir -p "$folder"
peak=$("$bin/sevenfold" device --json --threads "$threads" | jq '.[0].peak_f32 / 1e9 | floor')
files=()
while read -r workload label; do
  case $workload in '' | '#'*) continue ;; esac
  IFS=x: read -r m k n type _ <<<"$workload"
  # Room for the A/A check and for builds, and for 100 runs at the processor's
  # peak: 55 of them to compare the libraries and to confirm, the rest to race.
  seconds=$((40 + m * k / 1000 * n / 1000 * 2 / 1000 * 100 / peak))
  [ "$type" = f64 ] && seconds=$((seconds * 2))
  file=$folder/${workload//:/-}.json
  measure "$workload" "$seconds" "$label" "$file" </dev/null
  files+=("$file")
done <"$list"
collect "$results/$name.json" "${files[@]}"
"$repository/benchmarks/summary.sh" "$results/$name.json"
