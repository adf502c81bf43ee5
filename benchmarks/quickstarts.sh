#!/usr/bin/env bash
# quickstarts.sh [COUNT]: tools/quickstart.sh COUNT times in a row (5) from an
# empty database, every second time beside a process that never waits, and what
# another process measures of the block each time, beside the same, against the
# block on every library and against the plan of reference below:
# results/quickstarts.json. Some eight minutes each; measure.sh has settings.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine

# A quickstart builds what it needs itself, but not what measures after it.
(cd "$repository" && cmake --preset release >/dev/null &&
  cmake --build --preset release --target compiled-libraries) >&2

model=$repository/test/models/llama-7b-mlp.mlir
# What somebody who knows the matter would try first.
reference='{"levels":[{"scheme":"2x2x2-r7-winograd","execution":"breadth"},
  {"scheme":"2x2x2-r7-winograd","execution":"breadth"}],
  "kernel":{"provider":"onednn"}}'

# block PLAN NAME: the block with all products by one plan.
block() {
  echo "$1" >"$folder/plan.json"
  "$bin/sevenfold" compile "$model" --plan "$folder/plan.json" \
    -o "$folder/$2.so" 2>/dev/null
}

files=()
for ((i = 1; i <= ${1:-5}; ++i)); do
  folder=$work/quickstarts/$i
  file=$folder/result.json
  files+=("$file")
  [ -s "$file" ] && continue
  rm -rf "$folder"
  mkdir -p "$folder"
  neighbour=nobody busy=
  if ((i % 2 == 0)); then
    neighbour="a process that never waits"
    (while :; do :; done) &
    busy=$!
  fi
  echo "== quickstart $i, beside $neighbour" >&2
  start=$SECONDS code=0
  (cd "$repository" && SEVENFOLD_QUICKSTART=$folder tools/quickstart.sh) \
    >"$folder/log" 2>&1 || code=$?
  seconds=$((SECONDS - start))
  tail -n 15 "$folder/log" >&2
  if [ "$code" -ne 0 ]; then
    jq -n --argjson number "$i" --argjson code "$code" \
      --argjson seconds "$seconds" --arg neighbour "$neighbour" \
      '{number: $number, exit: $code, seconds: $seconds,
        neighbour: $neighbour}' >"$file"
    [ -n "$busy" ] && kill "$busy"
    continue
  fi
  libraries=("$folder/llama-7b-mlp.so")
  block "$reference" reference && libraries+=("$folder/reference.so")
  for provider in $("$bin/sevenfold" device --json | jq -r '.[0].providers[].name'); do
    block "{\"levels\":[],\"kernel\":{\"provider\":\"$provider\"}}" "$provider" &&
      libraries+=("$folder/$provider.so")
  done
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" mlp "${libraries[@]}" \
    --rounds "$rounds" >"$folder/timed.json"
  [ -n "$busy" ] && kill "$busy"
  jq -n --argjson number "$i" --argjson code "$code" \
    --argjson seconds "$seconds" --arg neighbour "$neighbour" \
    --slurpfile report "$folder/llama-7b-mlp.json" \
    --slurpfile timed "$folder/timed.json" \
    '{number: $number, exit: $code, seconds: $seconds, neighbour: $neighbour,
      report: $report[0], timed: $timed[0]}' >"$file.part"
  mv "$file.part" "$file"
done
collect "$results/quickstarts.json" "${files[@]}"
"$repository/benchmarks/summary.sh" "$results/quickstarts.json"
