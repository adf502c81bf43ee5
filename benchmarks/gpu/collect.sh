#!/usr/bin/env bash
# collect.sh PACKAGE NAME [NOTE]: turns what run.sh measured in PACKAGE/bench into
# benchmarks/results/gpu-NAME.json, which summary.sh beside this makes tables of,
# by the rules of `sevenfold db import`: of each workload the tuner's one finalist,
# confirmed afresh. NOTE is printed above the table. No GPU is needed. Settings:
#
#   SEVENFOLD          the program (build/release/bin/sevenfold)
#   SEVENFOLD_RESULTS  where the file is written (benchmarks/results)
#   SEVENFOLD_REVISION what was measured (of git, here)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$here/../..
program=${SEVENFOLD:-$repository/build/release/bin/sevenfold}
results=${SEVENFOLD_RESULTS:-$repository/benchmarks/results}
package=${1:?"usage: collect.sh PACKAGE NAME [NOTE]"}
name=${2:?"usage: collect.sh PACKAGE NAME [NOTE]"}
note=${3:-}
if [ ! -s "$package/bench/results.json" ]; then
  echo "collect.sh: '$package/bench/results.json' is not there: was run.sh run?" >&2
  exit 2
fi
revision=${SEVENFOLD_REVISION:-$(git -C "$repository" rev-parse --short HEAD)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$program" db import "$package/bench" --db "$work/gpu.db" >&2
"$program" db export "$work/records.jsonl" --db "$work/gpu.db"
# The checks of all plans are optional: they may have been left out.
cp "$package/check/check.json" "$work/check.json" 2>/dev/null ||
  echo '{"checks": []}' >"$work/check.json"

out=$results/gpu-$name.json
mkdir -p "$results"
jq -n --arg revision "$revision" --arg note "$note" \
  --slurpfile run "$package/bench/results.json" \
  --slurpfile check "$work/check.json" \
  --slurpfile records "$work/records.jsonl" '
  def median: sort | if length == 0 then null
    elif length % 2 == 1 then .[length / 2 | floor]
    else (.[length / 2 - 1] + .[length / 2]) / 2 end;
  def conditions: [(.sm_mhz // empty | . + " MHz"),
    (.power_w // empty | . + " W")] | if . == [] then "-" else join(", ") end;
  $run[0].workloads as $order |
  [$records[] | select(.verdict != "failed")] as $good |
  {date: ([$order[].date] | max), revision: $revision, note: $note,
   device: ($run[0].device + {device: "nvptx"}),
   checks: {right: [$check[0].checks[] | select(.status == "ok")] | length,
            all: $check[0].checks | length},
   workloads: [$order[].workload as $name | $good[] |
     select(.key.workload == $name) |
     {what: (.provenance | conditions), report: {
       workload: $name, device: .key.hardware, lowering: .key.lowering,
       threads: .key.threads,
       baseline: {provider: .baseline_provider,
                  median_s: (.samples.baseline_s | median)},
       chosen: (if .verdict == "plan" then "plan" else "baseline" end),
       plan: .plan, median_s: (.samples.planned_s | median),
       speedup: .speedup, speedup_low: .speedup_low,
       speedup_high: .speedup_high, pairs: (.samples.baseline_s | length),
       rel_error: .rel_error, error_bound: .error_bound}}]}' >"$out.part"
mv "$out.part" "$out"
echo "$out" >&2
