#!/usr/bin/env bash
# A product tuned on XLA's CPU plugin, over the plugin's own dot, with the
# libraries of the host beside it; into results/xla.json. measure.sh has settings.
#
# Usage: xla.sh [WORKLOAD [SECONDS]]      (8192x8192x8192:f32 420)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
workload=${1:-8192x8192x8192:f32} seconds=${2:-420}
name=$work/xla-${workload//:/-}
if [ ! -s "$name-tuned.json" ]; then
  "$bin/sevenfold" tune --matmul "$workload" --device pjrt:cpu \
    --db "$database" --threads "$threads" \
    --budget "$((seconds * percent / 100))s" --json >"$name-tuned.part"
  mv "$name-tuned.part" "$name-tuned.json"
fi
# The libraries by themselves, in their own process: their seconds say whether
# what beats XLA's dot beats them.
if [ ! -s "$name-host.json" ]; then
  echo '{"levels":[]}' >"$work/none.json"
  "$bin/sevenfold" bench --matmul "$workload" --plan "$work/none.json" \
    --threads "$threads" --pairs 3 --json >"$name-host.part"
  mv "$name-host.part" "$name-host.json"
fi
plugin=$("$bin/sevenfold" device --device pjrt:cpu --json |
  jq '.[0] | {api, stablehlo, sha256: .plugin_sha256}')
jq -n --arg machine "$SEVENFOLD_MACHINE" --argjson plugin "$plugin" \
  --slurpfile tuned "$name-tuned.json" --slurpfile host "$name-host.json" \
  '{machine: $machine, plugin: $plugin, over_xlas_dot: $tuned[0][0],
    libraries: $host[0][0].providers}' \
  >"$results/xla.json"
jq -r '"\(.over_xlas_dot.workload): \(.over_xlas_dot.speedup) (\(
  .over_xlas_dot.speedup_low) to \(.over_xlas_dot.speedup_high)) over XLA'"'"'s dot, \(
  .over_xlas_dot.median_s) s; libraries: \(.libraries)"' "$results/xla.json"
