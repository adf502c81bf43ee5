#!/usr/bin/env bash
# The four headline shapes, tuned, compiled, and timed by a second process against
# every vendor library found: benchmarks/results/headline.json. About an hour;
# measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

folder=$work/headline
mkdir -p "$folder"
measure 4096x4096x4096:f32 480 "f32, 4096 cubed" "$folder/1.json"
measure 8192x8192x8192:f32 1200 "f32, 8192 cubed" "$folder/2.json"
measure 4096x4096x4096:f64 600 "f64, 4096 cubed" "$folder/3.json"
measure 2048x8192x8192:f32 600 "f32, 2048 by 8192 by 8192" "$folder/4.json"
collect "$results/headline.json" "$folder"/{1,2,3,4}.json
"$repository/benchmarks/summary.sh" "$results/headline.json"
