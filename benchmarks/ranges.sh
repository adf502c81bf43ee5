#!/usr/bin/env bash
# The MLP block of a Llama with a number of tokens that is known at a call only:
# tuned for 64 to 8192 of them, compiled once, and timed by a second process at
# numbers drawn at random, beside the same block on the library that tuning found
# fastest; into results/ranges.json and a table. Can be stopped and goes on where it
# was; measure.sh has settings.
#
# Usage: ranges.sh [HIDDEN [INNER [COUNT]]]      (2048 5632 20: TinyLlama-1.1B's)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
hidden=${1:-2048} inner=${2:-5632} count=${3:-20}
folder=$work/ranges-$hidden-$inner-$threads
mkdir -p "$folder"

cat >"$folder/block.mlir" <<EOF
#identity = affine_map<(d0, d1) -> (d0, d1)>
!tokens = tensor<?x${hidden}xf32>
!inner = tensor<?x${inner}xf32>
!in = tensor<${hidden}x${inner}xf32>
!out = tensor<${inner}x${hidden}xf32>
func.func @mlp(%x: !tokens, %gate: !in, %up: !in, %down: !out) -> !tokens {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %m = tensor.dim %x, %c0 : !tokens
  %empty = tensor.empty(%m) : !inner
  %cleared = linalg.fill ins(%zero : f32) outs(%empty : !inner) -> !inner
  %gated = linalg.matmul ins(%x, %gate : !tokens, !in)
      outs(%cleared : !inner) -> !inner
  %upper = linalg.matmul ins(%x, %up : !tokens, !in)
      outs(%cleared : !inner) -> !inner
  %act = linalg.generic {
      indexing_maps = [#identity, #identity, #identity],
      iterator_types = ["parallel", "parallel"]}
      ins(%gated, %upper : !inner, !inner) outs(%empty : !inner) {
  ^bb0(%g: f32, %u: f32, %out: f32):
    %negated = arith.negf %g : f32
    %power = math.exp %negated : f32
    %denominator = arith.addf %power, %one : f32
    %silu = arith.divf %g, %denominator : f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> !inner
  %result = tensor.empty(%m) : !tokens
  %start = linalg.fill ins(%zero : f32) outs(%result : !tokens) -> !tokens
  %y = linalg.matmul ins(%act, %down : !inner, !out)
      outs(%start : !tokens) -> !tokens
  return %y : !tokens
}
EOF
if [ ! -s "$folder/tuned.json" ]; then
  "$bin/sevenfold" tune "$folder/block.mlir" --range 0.0=64:8192 \
    --db "$folder/tuning.db" --threads "$threads" \
    --budget "$((600 * percent / 100))s" --json >"$folder/tuned.part"
  mv "$folder/tuned.part" "$folder/tuned.json"
fi
library=$(jq -r '[.[].baseline.provider] | group_by(.) | max_by(length)[0]' \
  "$folder/tuned.json")
echo "{\"levels\":[],\"kernel\":{\"provider\":\"$library\"}}" >"$folder/plain.json"
"$bin/sevenfold" compile "$folder/block.mlir" --range 0.0=64:8192 \
  --db "$folder/tuning.db" --threads "$threads" -o "$folder/ours.so" 2>"$folder/log"
cat "$folder/log" >&2
"$bin/sevenfold" compile "$folder/block.mlir" --plan "$folder/plain.json" \
  --threads "$threads" -o "$folder/plain.so" 2>/dev/null

files=()
RANDOM=1
for ((i = 0; i < count; ++i)); do
  tokens=$((64 + (RANDOM * 32768 + RANDOM) % 8129))
  file=$folder/at-$tokens.json
  files+=("$file")
  [ -s "$file" ] && continue
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" mlp "$folder/ours.so" \
    "$folder/plain.so" --sizes "$tokens" --rounds "$rounds" >"$folder/timed.json"
  jq --argjson tokens "$tokens" --arg library "$library" \
    '{tokens: $tokens, library: $library, timed: .}' \
    "$folder/timed.json" >"$file.part"
  mv "$file.part" "$file"
  jq -r '"\(.tokens): \(.timed.libraries[1].over_first)"' "$file" >&2
done
collect "$results/ranges.json" "${files[@]}"
jq -r '[.workloads[] | .timed.libraries[1] + {tokens}] as $rows |
  ($rows | sort_by(.tokens)[] | "\(.tokens) tokens  \(.over_first * 1000 | round /
    1000) (\(.low * 1000 | round / 1000) to \(.high * 1000 | round / 1000))"),
  "geometric mean above 2048 tokens \([$rows[] | select(.tokens > 2048) |
    .over_first | log] | add / length | exp * 1000 | round / 1000), slower beyond \(
    "")doubt: \([$rows[] | select(.high < 1)] | length)"' "$results/ranges.json"
