#!/usr/bin/env bash
# cubes.sh [COUNT]: a product of 4096 cubed in f32 tuned for four minutes, COUNT
# times in a row (5), each from an empty database, compiled, and timed by a second
# process against every vendor library found: results/cubes.json. Some five
# minutes each; measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

files=()
for ((i = 1; i <= ${1:-5}; ++i)); do
  folder=$work/cubes/$i
  mkdir -p "$folder"
  file=$folder/result.json
  [ -s "$file" ] || rm -f "$folder"/tuning.db*
  database=$folder/tuning.db
  measure 4096x4096x4096:f32 240 "f32, 4096 cubed, run $i" "$file"
  files+=("$file")
done
collect "$results/cubes.json" "${files[@]}"
"$repository/benchmarks/summary.sh" "$results/cubes.json"
