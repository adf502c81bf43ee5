#!/usr/bin/env bash
# Code of any sizes beside code of the sizes at hand: the products of
# results/shapes37.json by their plans, each compiled both ways and timed by a second
# process, into results/any-sizes.json and a table; half an hour or so. Can be
# stopped and goes on where it was; measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

# sizes WORKLOAD: the dimensions of the inputs, in order.
sizes() {
  local dims=${1%%:*} flags=${1#*:}:
  local m=${dims%%x*} n=${dims##*x} k=${dims#*x}
  k=${k%x*}
  local a=$m,$k b=$k,$n
  [[ $flags == *:ta:* ]] && a=$k,$m
  [[ $flags == *:tb:* ]] && b=$n,$k
  echo "$a,$b$([[ $flags == *:acc:* ]] && echo ",$m,$n")"
}

folder=$work/any-sizes-$threads
mkdir -p "$folder"
files=()
while read -r row; do
  workload=$(jq -r .workload <<<"$row")
  file=$folder/$(md5sum <<<"$row" | cut -c1-12).json
  files+=("$file")
  [ -s "$file" ] && continue
  echo "== $workload" >&2
  jq .plan <<<"$row" >"$folder/plan.json"
  for form in any known; do
    "$repository/benchmarks/matmul-model.sh" $([ $form = any ] && echo --any) \
      "$workload" >"$folder/$form.mlir"
    "$bin/sevenfold" compile "$folder/$form.mlir" --plan "$folder/plan.json" \
      --threads "$threads" -o "$folder/$form.so" 2>"$folder/log" || {
      cat "$folder/log" >&2
      exit 1
    }
  done
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" matmul "$folder/any.so" \
    "$folder/known.so" --sizes "$(sizes "$workload")" --rounds "$rounds" \
    >"$folder/timed.json"
  jq -n --argjson row "$row" --slurpfile timed "$folder/timed.json" \
    '$row + {timed: $timed[0]}' >"$file.part"
  mv "$file.part" "$file"
done < <(jq -c '.workloads[] | {workload: .tuned.workload, plan: .tuned.plan} |
  select(.plan)' "$repository/benchmarks/results/shapes37.json")
collect "$results/any-sizes.json" "${files[@]}"
jq -r '[.workloads[] | .timed.libraries[1] + {workload, plan}] as $rows |
  ($rows[] | "\(.workload)  \(.over_first * 1000 | round / 1000) (\(
    .low * 1000 | round / 1000) to \(.high * 1000 | round / 1000))"),
  "geometric mean \([$rows[].over_first | log] | add / length | exp * 1000 |
    round / 1000), beyond doubt below 0.95: \([$rows[] | select(.high < 0.95)] |
    length)"' "$results/any-sizes.json"
