#!/usr/bin/env bash
# Products of our own on the host, plain and with fused levels, compiled and timed
# by a second process beside every vendor library found:
# benchmarks/results/cpu-gemm.json and a table. Without arguments the rows below,
# some 15 minutes; `cpu-gemm.sh --shapes` the plain product of the forty shapes, an
# hour or so, into cpu-gemm-shapes.json, and `cpu-gemm.sh --thin` that of some of few
# rows or columns, 2 minutes, into cpu-gemm-thin.json. Can be stopped and goes on where it was;
# measure.sh has settings, SEVENFOLD_LIBRARY_PATH names folders of libraries.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
export LD_LIBRARY_PATH=${SEVENFOLD_LIBRARY_PATH:-}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# level SCHEME EXECUTION: one level of a plan, as JSON.
level() {
  echo "{\"scheme\":\"$1\",\"execution\":\"$2\"}"
}
# plan LEVELS: by products of our own.
plan() {
  echo "{\"levels\":[$1],\"kernel\":{\"provider\":\"codegen\"}}"
}

classical=$(plan "")
strassen=$(plan "$(level 2x2x2-r7 fused)")
outer=$(level 2x2x2-r7-winograd breadth)
two=$(plan "$outer,$(level 2x2x2-r7 fused)")

name=cpu-gemm
rows=()
if [ "${1:-}" = --shapes ]; then
  name=cpu-gemm-shapes
  while read -r workload label; do
    case $workload in '' | '#'*) continue ;; esac
    rows+=("$workload $classical $label")
  done <"$repository/benchmarks/shapes40.txt"
elif [ "${1:-}" = --thin ]; then
  name=cpu-gemm-thin
  # A thread that fell asleep takes longer to wake up than these take.
  export OMP_WAIT_POLICY=active
  for workload in {1,3,7,16,64,256}x4096x4096 4096x4096x{16,64,256}; do
    rows+=("$workload:f32 $classical plain")
  done
else
  for workload in {1024x1024x1024,2048x2048x2048,4096x4096x4096}:{f32,f64}; do
    rows+=("$workload $classical plain")
  done
  for workload in {1536x1536x1536,2048x2048x2048}:f32 4096x4096x4096:{f32,f64}; do
    rows+=("$workload $strassen one fused level")
  done
  for workload in {4096x4096x4096,8192x8192x8192}:{f32,f64}; do
    rows+=("$workload $two a fused level below one in breadth")
  done
fi

folder=$work/$name-$threads
mkdir -p "$folder"
files=()
for row in "${rows[@]}"; do
  read -r workload plan label <<<"$row"
  file=$folder/$(md5sum <<<"$workload $plan" | cut -c1-12).json
  files+=("$file")
  [ -s "$file" ] && continue
  echo "== $workload, $label" >&2
  type=${workload#*:}
  mapfile -t providers < <("$bin/sevenfold" device --json |
    jq -r --arg type "${type%%:*}" '.[0].providers[] | select(.[$type]) | .name')
  timed "$workload" "$plan" "${providers[@]}"
  jq -n --arg workload "$workload" --arg what "$label" --argjson plan "$plan" \
    --slurpfile timed "$work/timed.json" \
    '{workload: $workload, what: $what, plan: $plan, timed: $timed[0]}' \
    >"$file.part"
  mv "$file.part" "$file"
done
collect "$results/$name.json" "${files[@]}"
# How much faster than the library it gains least on, and the geometric mean.
jq -r '[.workloads[] | . as $row | .timed.libraries[1:] | min_by(.over_first) |
    {row: $row, best: .}] as $rows |
  ($rows[] | "\(.row.workload)  \(.row.what)  \(.best.library) \(
    .best.median_s * 1e5 | round / 100) ms  \(.best.over_first * 1000 | round /
    1000) (\(.best.low * 1000 | round / 1000) to \(.best.high * 1000 | round /
    1000))  \(.row.timed.libraries[1].difference_from_last)"),
  "geometric mean \([$rows[].best.over_first | log] | add / length | exp *
    1000 | round / 1000)"' "$results/$name.json"
