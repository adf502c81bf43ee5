#!/usr/bin/env bash
# From nothing but a Debian 12 machine and this repository to a measured answer:
# builds Sevenfold, tunes the matmuls of a model for this machine, compiles the
# model with what was learned, and times it against the best vendor library.
#
#   tools/quickstart.sh [BUDGET] [MODEL.mlir] [FUNCTION]
#
# BUDGET is the tuning time (default 4m); the comparison takes about two more
# minutes. It begins by saying what it will download, fill and take. Everything
# made lies in build/ (database, library, figures in $SEVENFOLD_QUICKSTART, default
# build/quickstart). What is done is not done again: run it as often as you like,
# and stop it with Ctrl-C at any time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

budget=${1:-4m}
model=${2:-test/models/llama-7b-mlp.mlir}
function=${3:-mlp}
folder=${SEVENFOLD_QUICKSTART:-build/quickstart}
database=$folder/tuning.db
name=$(basename "$model" .mlir)
sevenfold=build/release/bin/sevenfold

step() { printf '\n== %s\n' "$*"; }
trap 'echo; echo "stopped; run it again to go on from here" >&2; exit 130' INT

# What the user has set stays set, in the measurement as in deployment.
if [ -n "${OPENBLAS_CORETYPE:-}" ]; then
  echo "remark: OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE is set: OpenBLAS is" \
    "measured with these kernels, which may not be its best" >&2
fi

# Sizes: apt's and dpkg's of all packages with what they depend on, beside a
# Debian of required and important packages; du's of the files of the targets
# below. Time: what ninja's log of them adds up to on a Zen 2 that others used too.
step "what this takes"
missing=$(tools/install-packages.sh --missing | wc -l)
if [ "$missing" -gt 0 ]; then
  echo "download    up to 540 MB, 3.0 GB installed ($missing packages and what" \
    "they need)"
else
  echo "download    nothing, all packages are there"
fi
free=$(df -h --output=avail . | tail -n 1 | tr -d ' ')
echo "disk        0.7 GB in build/, $free free"
if [ -x "$sevenfold" ]; then
  echo "time        what has changed since the last build;" \
    "tuning $budget, if it is not done; comparing 2 minutes"
else
  echo "time        building up to $((60 / $(nproc) + 1)) minutes on $(nproc)" \
    "cores, tuning $budget, comparing 2 minutes"
fi

step "packages"
tools/install-packages.sh
echo "all there"

step "build"
mkdir -p "$folder"
cmake --preset release >"$folder/configure.log" 2>&1 || {
  cat "$folder/configure.log" >&2
  exit 1
}
cmake --build --preset release \
  --target sevenfold sevenfold-opt sevenfold-runner SevenfoldPlugin

# The matmuls of the model that nothing usable is recorded of.
unknown_matmuls() {
  "$sevenfold" compile "$model" --db "$database" --dump-plan \
    -o "$folder/$name.mlir" 2>/dev/null |
    jq '[.[] | select(.workload != "" and .plan == null and
        (.reason | startswith("no plan was measured faster") | not))] | length'
}

step "tuning the matmuls of $model (budget $budget)"
if [ "$(unknown_matmuls)" -eq 0 ]; then
  echo "already in $database"
else
  "$sevenfold" tune "$model" --db "$database" --budget "$budget"
fi

step "compiling"
"$sevenfold" compile "$model" --db "$database" \
  -o "$folder/$name.so" --header "$folder/$name.h"
echo "wrote $folder/$name.so, its header and its manifest"

step "running it against the untouched model with each vendor library"
"$sevenfold" bench "$model" --function "$function" --db "$database" --json \
  >"$folder/$name.json"
# How far two builds of the model may be apart: the bounds of all its plans.
bound=$("$sevenfold" db export - --db "$database" |
  jq -s '[.[] | select(.verdict == "plan" and .key.workload != null) |
    .error_bound] | add // 0')

# What the tuner measured of the function as a whole, where plans were tried on it:
# "0.996 (0.98 to 1.01)", or nothing.
tried=$("$sevenfold" db export - --db "$database" |
  jq -rs --arg name "$model@$function" '
    def ratio: . * 1e3 | round / 1e3 | tostring;
    [.[] | select(.choice.name? == $name and .verdict == "baseline" and
      (.samples.planned_s | length) > 0)] | sort_by(.provenance.date) | last //
    empty | "\(.speedup | ratio) (\(.speedup_low | ratio) to " +
      "\(.speedup_high | ratio))"')

step "result"
jq -r --argjson bound "$bound" --arg tried "$tried" '
  def ms: . * 1e5 | round / 100 | "\(.) ms";
  def ratio: . * 1e3 | round / 1e3 | tostring;
  def short: if . <= 0 then "0" else
    (log10 | floor) as $e | "\(. * pow(10; 1 - $e) | round / 10)e\($e)" end;
  .[0] |
  "model       \(.workload), \(.threads) threads, \(.device)",
  "baseline    \(.baseline.median_s | ms) with \(.baseline.provider)",
  if .chosen == "plan" then
    "ours        \(.median_s | ms)",
    "speedup     \(.speedup | ratio) (\(.speedup_low | ratio) to " +
      "\(.speedup_high | ratio)), 99 % bounds each, \(.pairs) pairs: " +
      if .speedup_low > 1 then "faster" elif .speedup_high < 1 then "slower"
      else "the same" end,
    "error       \(.rel_error | short) relative difference from the " +
      "baseline (allowed: \($bound | short))"
  else
    "ours        the same: no plan was measured faster on this machine, " +
      "so the compiled library calls the vendor library and no win is claimed",
    if $tried == "" then empty else
      "tried       \($tried) with plans, for the whole function" end
  end' "$folder/$name.json"
jq -e --argjson bound "$bound" \
  '.[0] | .chosen == "baseline" or .rel_error <= $bound' \
  "$folder/$name.json" >/dev/null || {
  echo "the results differ by more than the plans allow" >&2
  exit 1
}

step "next"
cat <<NEXT
export PATH=\$PWD/build/release/bin:\$PATH
sevenfold tune MODEL.mlir --budget 5m && sevenfold compile MODEL.mlir -o MODEL.so
sevenfold search --dims 4,4,4 --ring Z --target-rank 49 --budget 5m -o found.json
The networks of 'search --strategy alphazero' are built on request:
cmake --build --preset release --target SevenfoldNetworks
NEXT
