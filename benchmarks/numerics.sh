#!/usr/bin/env bash
# What promises about numbers cost: one level of Strassen's scheme as it is, with a
# look for what is not finite (`--non-finite recompute`) and with scaled rows
# (`"scaling": "rows"`), in turns in one process; and all of them, beside the
# library, on subnormal numbers. Into results/numerics.json and a table. measure.sh
# has settings.
#
# Usage: numerics.sh [PROVIDER]         (onednn for f32, openblas for f64)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
folder=$work/numerics
mkdir -p "$folder"
rows=()

# libraries WORKLOAD PROVIDER: those to compare.
libraries() {
  "$repository/benchmarks/matmul-model.sh" "$1" >"$folder/matmul.mlir"
  local level='{"scheme":"2x2x2-r7","execution":"breadth"}' name
  local kernel="\"kernel\":{\"provider\":\"$2\"}"
  echo "{\"levels\":[$level],$kernel}" >"$folder/plan.json"
  cp "$folder/plan.json" "$folder/recompute.json"
  echo "{\"levels\":[$level],$kernel,\"scaling\":\"rows\"}" >"$folder/rows.json"
  echo "{\"levels\":[],$kernel}" >"$folder/library.json"
  for name in plan recompute rows library; do
    local options=()
    [ "$name" = recompute ] && options=(--non-finite recompute)
    "$bin/sevenfold" compile "$folder/matmul.mlir" --plan "$folder/$name.json" \
      --threads "$threads" "${options[@]}" -o "$folder/$name.so" 2>"$folder/log" || {
      cat "$folder/log" >&2
      return 1
    }
  done
}

# timed WORKLOAD PROVIDER SCALE: one row.
timed() {
  local row=$folder/row-$1-$3.json
  rows+=("$row")
  [ -s "$row" ] && return
  libraries "$1" "$2"
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" matmul \
    "$folder"/{plan,recompute,rows,library}.so --scale "$3" --rounds "$rounds" |
    jq --arg workload "$1" --arg provider "$2" --argjson scale "$3" \
      '{workload: $workload, provider: $provider, scale: $scale, timed: .}' >"$row.part"
  mv "$row.part" "$row"
}

for k in 256 1024 2048 4096; do
  timed "2048x${k}x2048:f32" "${1:-onednn}" 1
  timed "2048x${k}x2048:f64" "${1:-openblas}" 1
done
timed 2048x2048x2048:f32 "${1:-onednn}" 1e-40
timed 2048x2048x2048:f64 "${1:-openblas}" 1e-310
collect "$results/numerics.json" "${rows[@]}"
jq -r '.workloads[] | "\(.workload) by \(.provider), A times \(.scale): \([.timed.libraries[]
  | "\(.library) \(.over_first * 1000 | round / 1000) (\(.low * 1000 | round / 1000) to \(
  .high * 1000 | round / 1000))"] | join(", "))"' "$results/numerics.json"
