#!/usr/bin/env bash
# From nothing but a Debian 12 machine and this repository to a measured answer:
# builds Sevenfold, tunes the matmuls of a model for this machine and measures the
# model as a whole against the best vendor library, and compiles it with what was
# learned.
#
#   tools/quickstart.sh [BUDGET] [MODEL.mlir] [FUNCTION]
#
# BUDGET is the tuning time (default 4m), the comparison included. It begins by
# saying what it will download, fill and take. Everything
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
  echo "download    up to 570 MB, 3.0 GB installed ($missing packages and what" \
    "they need)"
else
  echo "download    nothing, all packages are there"
fi
free=$(df -h --output=avail . | tail -n 1 | tr -d ' ')
echo "disk        0.7 GB in build/, $free free"
if [ -x "$sevenfold" ]; then
  echo "time        what has changed since the last build;" \
    "tuning $budget, if it is not done"
else
  echo "time        building up to $((60 / $(nproc) + 1)) minutes on $(nproc)" \
    "cores, tuning $budget"
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

# The matmuls of the model that nothing is decided about: neither their function
# was measured, nor is it recorded that no plan is faster for them.
undecided_matmuls() {
  "$sevenfold" compile "$model" --db "$database" --dump-plan \
    -o "$folder/$name.mlir" 2>/dev/null |
    jq '[.[] | select(.workload != "" and .function_record == null and
        (.reason // "" | startswith("no plan was measured faster") | not))] |
        length'
}

step "tuning the matmuls of $model (budget $budget)"
if [ "$(undecided_matmuls)" -eq 0 ]; then
  echo "already in $database"
else
  "$sevenfold" tune "$model" --db "$database" --budget "$budget"
fi

step "compiling"
"$sevenfold" compile "$model" --db "$database" --dump-plan \
  -o "$folder/$name.so" --header "$folder/$name.h" >"$folder/$name.plans.json"
echo "wrote $folder/$name.so, its header and its manifest"

# What was measured of the function as a whole: the record that was compiled by, as
# it is. The last series of pairs in it was measured after everything was decided.
record=$(jq -r --arg function "$function" '
  first(.[] | select(.function == $function) | .function_record // empty)' \
  "$folder/$name.plans.json")
measured=$("$sevenfold" db export - --db "$database" |
  jq -c --arg record "$record" 'select($record != "" and .id == $record)')
if [ -z "$measured" ]; then
  step "running it against the untouched model with each vendor library"
  # The function was not measured: its products' plans are, as a whole.
  bound=$("$sevenfold" db export - --db "$database" |
    jq -s '[.[] | select(.verdict == "plan" and .key.workload != null) |
      .error_bound] | add // 0')
  measured=$("$sevenfold" bench "$model" --function "$function" \
    --db "$database" --pairs 11 --json |
    jq -c --argjson bound "$bound" '.[0] |
      {verdict: (if .chosen == "plan" then "plan" else "baseline" end), speedup,
        speedup_low, speedup_high, baseline: .baseline.provider, pairs,
        baseline_s: .baseline.median_s, threads, device,
        planned_s: (if .chosen == "plan" then .median_s else null end),
        rel_error, error_bound: $bound}')
else
  measured=$(jq -c '
    def median: sort | if length == 0 then null else .[length / 2 | floor] end;
    {verdict, speedup, speedup_low, speedup_high, baseline: .baseline_provider,
      pairs: (.samples.planned_s | length), threads: .key.threads,
      baseline_s: (.samples.baseline_s | median),
      planned_s: (.samples.planned_s | median), device: .key.hardware,
      rel_error, error_bound}' <<<"$measured")
fi
jq . <<<"$measured" >"$folder/$name.json"

step "result"
jq -r --arg name "$model@$function" '
  def ms: . * 1e5 | round / 100 | "\(.) ms";
  def ratio: . * 1e3 | round / 1e3 | tostring;
  def bounds: "\(.speedup | ratio) (\(.speedup_low | ratio) to " +
    "\(.speedup_high | ratio))";
  def short: if . <= 0 then "0" else
    (log10 | floor) as $e | "\(. * pow(10; 1 - $e) | round / 10)e\($e)" end;
  "model       \($name), \(.threads) threads, \(.device)",
  if .baseline_s == null then "baseline    \(.baseline)" else
    "baseline    \(.baseline_s | ms) with \(.baseline)" end,
  if .verdict == "plan" then
    "ours        \(.planned_s | ms)",
    "speedup     \(bounds), 99 % bounds each, \(.pairs) pairs measured " +
      "after it was chosen: " + if .speedup_low > 1 then "faster"
      elif .speedup_high < 1 then "slower" else "the same" end,
    "error       \(.rel_error | short) relative difference from the " +
      "baseline (allowed: \(.error_bound | short))"
  else
    "ours        the same: no plan was measured faster on this machine, " +
      "so the compiled library calls the vendor library and no win is claimed",
    if .planned_s == null then empty else
      "tried       \(bounds) with plans, for the whole function" end
  end' "$folder/$name.json"
jq -e '.verdict == "baseline" or .rel_error <= .error_bound' \
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
