#!/usr/bin/env bash
# Whole functions tuned for SECONDS by each strategy, from an empty database:
# plan-game and evolution play the function as one space, halving tunes product by
# product and then the function. What each confirms, and a second process that
# times what each compiles to beside the libraries, into
# results/function-game.json and a table. Can be stopped and goes on where it was;
# measure.sh has settings.
#
# Usage: function-game.sh [SECONDS [MODEL..]]   (120, the three below)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
seconds=$((${1:-120} * percent / 100))
shift $(($# > 0))
models=("$@")
[ $# -gt 0 ] || models=("$repository"/benchmarks/models/tinyllama-mlp.mlir
  "$repository"/benchmarks/models/bert-large-layer.mlir
  "$repository"/test/models/vit-l-block.mlir)
strategies=(plan-game evolution halving)
folder=$work/function-game-$seconds-$threads
mkdir -p "$folder"

# played MODEL STRATEGY: tunes from an empty database, and compiles.
played() {
  local model=$1 strategy=$2 name
  name=$(basename "$model" .mlir)-$strategy
  [ -s "$folder/$name.json" ] && return
  echo "== $name, $seconds s" >&2
  rm -f "$folder/$name".db*
  "$bin/sevenfold" tune "$model" --strategy "$strategy" \
    --db "$folder/$name.db" --threads "$threads" --budget "${seconds}s" \
    --json >"$folder/tuned.json" 2>"$folder/$name.log" || {
    cat "$folder/$name.log" >&2 # void or undecided: counted as such below
  }
  "$bin/sevenfold" compile "$model" --db "$folder/$name.db" \
    -o "$folder/$name.so" 2>"$folder/compile.log"
  jq -s --arg model "$(basename "$model")" --arg strategy "$strategy" \
    --argjson measured "$(grep -c ': [0-9.]*x ' "$folder/$name.log" || true)" \
    '{model: $model, strategy: $strategy, measured: $measured,
      tuned: ([.[0][]? | select(.workload | contains("@"))][0] // null |
        if . then .workload |= sub(".*/"; "") else . end)}' \
    "$folder/tuned.json" >"$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name.json"
  jq -r '"\(.model) \(.strategy): \(.tuned.speedup // "not measured")"' \
    "$folder/$name.json" >&2
}

# timed MODEL: a second process times what the strategies compiled to, and the
# function by every library, which comes first.
timedSideBySide() {
  local model=$1 name function libraries=() provider strategy
  name=$(basename "$model" .mlir)
  [ -s "$folder/$name-timed.json" ] && return
  function=$(grep -o 'func.func @[a-z]*' "$model" | tail -1 | sed 's/.*@//')
  for provider in onednn openblas blis; do
    echo "{\"levels\":[],\"kernel\":{\"provider\":\"$provider\"}}" \
      >"$folder/plan.json"
    "$bin/sevenfold" compile "$model" --plan "$folder/plan.json" \
      -o "$folder/$name-$provider.so" 2>"$folder/compile.log" || continue
    libraries+=("$folder/$name-$provider.so")
  done
  for strategy in "${strategies[@]}"; do
    libraries+=("$folder/$name-$strategy.so")
  done
  echo "timing ${libraries[*]##*/}" >&2
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" "$function" \
    "${libraries[@]}" --rounds "$rounds" |
    jq --arg model "$name.mlir" '{model: $model, timed: .}' \
      >"$folder/$name-timed.part"
  mv "$folder/$name-timed.part" "$folder/$name-timed.json"
}

rows=() turn=0
for model in "${models[@]}"; do
  for ((i = 0; i < ${#strategies[@]}; ++i)); do
    strategy=${strategies[(i + turn) % ${#strategies[@]}]}
    played "$model" "$strategy"
    rows+=("$folder/$(basename "$model" .mlir)-$strategy.json")
  done
  timedSideBySide "$model"
  rows+=("$folder/$(basename "$model" .mlir)-timed.json")
  turn=$((turn + 1))
done
collect "$results/function-game.json" "${rows[@]}"
jq -r '.workloads[] | if .strategy then
    "\(.model) \(.strategy): \(.tuned.speedup // "not measured") (\(
      .tuned.speedup_low) to \(.tuned.speedup_high)) over \(
      .tuned.baseline.provider)"
  else "\(.model), second process:", (.timed.libraries[] |
    "  \(.library) \(.median_s * 1e5 | round / 100) ms") end' \
  "$results/function-game.json"
