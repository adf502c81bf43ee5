#!/usr/bin/env bash
# The MLP block of Llama-7B on 2048 tokens as one function, against the same
# function on the best provider: with weights as arguments, as constants, and as
# constants with folded sums, and with sums not shared between gate and up.
# benchmarks/results/llama-mlp.json. About an hour; measure.sh has settings, and
#
#   SEVENFOLD_MODEL       the model (test/models/llama-7b-mlp.mlir)
#   SEVENFOLD_FOLD_LIMIT  most bytes of folded sums (4GiB)
#
# Constants are drawn when compiling; the libraries with them take up to 1.6 GB
# each in the folder for temporary files.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"

model=${SEVENFOLD_MODEL:-$repository/test/models/llama-7b-mlp.mlir}
limit=${SEVENFOLD_FOLD_LIMIT:-4GiB}
folder=$work/llama-mlp
mkdir -p "$folder"
constants=(--weight 1=normal --weight 2=normal --weight 3=normal)

# whole FILE LABEL OPTION..: times the function; one object.
whole() {
  local file=$1 label=$2
  shift 2
  [ -s "$file" ] && return
  echo "== $label" >&2
  "$bin/sevenfold" bench "$model" --function mlp --db "$database" \
    --threads "$threads" --pairs "$rounds" --json "$@" |
    jq --arg what "$label" \
      '{what: $what, report: .[0]} | .report.workload |= sub(".*/"; "")' \
      >"$file.part"
  mv "$file.part" "$file"
}

if [ ! -e "$folder/tuned" ]; then
  "$bin/sevenfold" tune "$model" --db "$database" --threads "$threads" \
    --budget "$((1800 * percent / 100))s" >&2
  touch "$folder/tuned"
fi
whole "$folder/1.json" "weights are arguments"
whole "$folder/2.json" "weights are arguments, sums not shared" --share-sums off
whole "$folder/3.json" "weights are constants" "${constants[@]}"
whole "$folder/4.json" "weights are constants, sums folded" "${constants[@]}" \
  --fold-weights "$limit"
collect "$results/llama-mlp.json" "$folder"/{1,2,3,4}.json
jq -r '.workloads[] |
  "\(.what): \(.report.speedup) (\(.report.speedup_low) to " +
  "\(.report.speedup_high)) over \(.report.baseline.provider)"' \
  "$results/llama-mlp.json"
