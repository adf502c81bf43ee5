#!/usr/bin/env bash
# What TensorGame learns, from nothing but its rules:
# benchmarks/results/alphazero.json. About 40 minutes on two cores without the
# cases named "long", which take SEVENFOLD_LONG (default 1h) each.
#
#   alphazero.sh [CASE..]   all cases, or those whose names begin so
#
# Settings: SEVENFOLD_BIN, SEVENFOLD_RESULTS as in measure.sh; SEVENFOLD_THREADS.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/search-cases.sh"
long=${SEVENFOLD_LONG:-1h}
threads=${SEVENFOLD_THREADS:-2}

play() { # CASE SEED TARGET BUDGET ARGUMENTS..
  local name=$1 seed=$2 target=$3 budget=$4
  shift 4
  search_case "$name" "$seed" "$target" "$budget" "$threads" \
    --strategy alphazero "$@"
}

for seed in 0 1 2 3 4; do
  play 2x2x2-z2 "$seed" 7 15m --dims 2,2,2 --ring Z2
done
for seed in 0 1 2 3 4; do
  "$bin/sevenfold" search tensor matmul --sizes 2,2,2 --ring Z2 \
    --random-basis --seed "$seed" -o "$work/hidden.json" >/dev/null
  play 2x2x2-hidden-z2 "$seed" 7 15m --tensor "$work/hidden.json"
done
for seed in 0 1 2 3 4 5 6 7 8 9; do
  "$bin/sevenfold" search tensor planted --sizes 4,4,4 --rank 5 --ring Z2 \
    --seed "$seed" -o "$work/planted.json" >/dev/null
  play planted-rank-5-z2 "$seed" 5 15m --tensor "$work/planted.json"
done
play long-2x2x3-z2 0 11 "$long" --dims 2,2,3 --ring Z2
integers=$repository/python-free-configs/search/alphazero-integers.json
play long-2x2x2-z 0 7 "$long" --dims 2,2,2 --ring Z --config "$integers"
play long-2x2x3-z 0 11 "$long" --dims 2,2,3 --ring Z --config "$integers"
play long-2x3x3-z 0 15 "$long" --dims 2,3,3 --ring Z --config "$integers"

write_results alphazero
