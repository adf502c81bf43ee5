#!/usr/bin/env bash
# How fast walks on flip graphs are, and how soon they get where they should:
# benchmarks/results/search.json. About 40 minutes on two cores.
#
#   search.sh [CASE..]   all cases, or those whose names begin so
#
# Settings: SEVENFOLD_BIN, SEVENFOLD_RESULTS as in measure.sh.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/search-cases.sh"

walk() { # CASE SEEDS TARGET BUDGET THREADS ARGUMENTS..
  local name=$1 seeds=$2 target=$3 budget=$4 threads=$5 seed
  shift 5
  for ((seed = 0; seed < seeds; ++seed)); do
    search_case "$name" "$seed" "$target" "$budget" "$threads" "$@"
  done
}

# Speed: an impossible target, so that the whole budget is spent.
walk speed-z2 3 34 10s 1 --dims 4,4,4 --ring Z2
walk speed-z 3 34 10s 1 --dims 4,4,4 --ring Z
walk 3x3x3 5 23 30s 2 --dims 3,3,3 --ring Z2
walk 4x4x4-classical 3 49 120s 2 --dims 4,4,4 --ring Z2
walk 4x4x5-classical 3 64 240s 2 --dims 4,4,5 --ring Z2
walk 4x4x4-symmetric 3 49 30s 2 --dims 4,4,4 --ring Z2 --start symmetric
walk 4x4x4-composed 1 49 5s 2 --dims 4,4,4 --ring Z2 --start composed
walk 5x5x5-symmetric 3 98 1200s 2 --dims 5,5,5 --ring Z2 --start symmetric

write_results search
