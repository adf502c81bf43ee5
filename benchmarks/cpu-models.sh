#!/usr/bin/env bash
# What products of our own gain in a model, timed by a second process beside oneDNN:
# weights whose panels are packed when compiling, and a bias and an activation that
# are done on panels while they are in the cache: benchmarks/results/cpu-models.json
# and a table; some 5 minutes. measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

libraries=$work/libraries
mkdir -p "$libraries"
plan() { # NAME LEVELS PROVIDER
  echo "{\"levels\":[$2],\"kernel\":{\"provider\":\"$3\"}}" >"$libraries/$1.json"
}
plan classical "" codegen
plan fused '{"scheme":"2x2x2-r7","execution":"fused"}' codegen
plan onednn "" onednn

# library NAME MODEL PLAN ARGUMENT..: compiles MODEL by PLAN.
library() {
  local name=$1 model=$2 plan=$3
  shift 3
  "$bin/sevenfold" compile "$model" --plan "$libraries/$plan.json" "$@" \
    -o "$libraries/$name.so" 2>"$libraries/log" || {
    cat "$libraries/log" >&2
    return 1
  }
}

# row WHAT LIBRARY..: times the libraries, the first against the others.
row() {
  local what=$1 names=()
  shift
  for name in "$@"; do names+=("$libraries/$name.so"); done
  echo "== $what" >&2
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" matmul "${names[@]}" \
    --rounds "$rounds" | jq --arg what "$what" '{what: $what, timed: .}' \
    >"$work/models-row-$((++rowNumber)).json"
}

# bias M K N RESULT: a matmul, to which a bias is added, and its positive part.
bias() {
  local c="tensor<$1x$3xf32>"
  cat <<MLIR
#whole = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>
func.func @matmul(%a: tensor<$1x$2xf32>, %b: tensor<$2x$3xf32>,
                  %bias: tensor<$3xf32>) -> $c {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : $c
  %start = linalg.fill ins(%zero : f32) outs(%empty : $c) -> $c
  %c = linalg.matmul ins(%a, %b : tensor<$1x$2xf32>, tensor<$2x$3xf32>)
      outs(%start : $c) -> $c
  %r = linalg.generic {indexing_maps = [#whole, #row, #whole],
                       iterator_types = ["parallel", "parallel"]}
      ins(%c, %bias : $c, tensor<$3xf32>) outs(%empty : $c) {
  ^bb0(%x: f32, %y: f32, %old: f32):
    %sum = arith.addf %x, %y : f32
    %positive = arith.maximumf %sum, %zero : f32
    linalg.yield %positive : f32
  } -> $c
  return $4 : $c
}
MLIR
}

rowNumber=0
for m in 16 64 512 2048; do
  model=$libraries/weights.mlir
  "$repository/benchmarks/matmul-model.sh" "${m}x4096x4096:f32" >"$model"
  weight=(--weight 1=normal)
  library packed "$model" classical "${weight[@]}" --fold-weights 2GiB
  library fused-packed "$model" fused "${weight[@]}" --fold-weights 2GiB
  library plain "$model" classical "${weight[@]}"
  library fused "$model" fused "${weight[@]}"
  library onednn "$model" onednn "${weight[@]}"
  row "${m}x4096x4096:f32, weights" packed fused-packed plain fused onednn
done
for k in 512 2048; do
  bias 2048 $k 2048 %r >"$libraries/bias.mlir"
  bias 2048 $k 2048 %c >"$libraries/none.mlir"
  library bias "$libraries/bias.mlir" classical
  library none "$libraries/none.mlir" classical
  library onednn-bias "$libraries/bias.mlir" onednn
  library onednn-none "$libraries/none.mlir" onednn
  row "2048x${k}x2048:f32, bias and activation" bias none onednn-bias onednn-none
done
collect "$results/cpu-models.json" "$work"/models-row-[1-$rowNumber].json
# Medians, and how many times as fast as each the first is.
jq -r '.workloads[] | .what, (.timed.libraries[] | "  \(.library)  \(
    .median_s * 1e5 | round / 100) ms  \(.over_first * 1000 | round / 1000) (\(
    .low * 1000 | round / 1000) to \(.high * 1000 | round / 1000))")' \
  "$results/cpu-models.json"
