# Sourced by the measuring scripts: tunes a product, compiles it, and has another
# process time what was compiled.
#
# Settings, by environment:
#   SEVENFOLD_BIN        folder of the programs (build/release/bin)
#   SEVENFOLD_WORK       database and partial results (build/benchmarks)
#   SEVENFOLD_RESULTS    where results are written (benchmarks/results)
#   SEVENFOLD_MACHINE    the machine in words: maker, generation, cores, virtual
#                        or not; results are of no use without
#   SEVENFOLD_THREADS    threads (2)
#   SEVENFOLD_ROUNDS     rounds of a timing (15)
#   SEVENFOLD_BUDGET_PERCENT  scales every tuning budget (100)
# What lies in SEVENFOLD_WORK is not measured again: remove it to start afresh.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${SEVENFOLD_BIN:-$repository/build/release/bin}
work=${SEVENFOLD_WORK:-$repository/build/benchmarks}
results=${SEVENFOLD_RESULTS:-$repository/benchmarks/results}
threads=${SEVENFOLD_THREADS:-2}
rounds=${SEVENFOLD_ROUNDS:-15}
percent=${SEVENFOLD_BUDGET_PERCENT:-100}
database=$work/tuning.db
mkdir -p "$work" "$results"
trap 'echo "stopped; what was measured is kept" >&2; exit 130' INT

# need_machine: ends a script whose results nobody could place.
need_machine() {
  : "${SEVENFOLD_MACHINE:?"say what machine this is, in words"}"
}

# tune WORKLOAD SECONDS LABEL: the tuner's one report, as a JSON object.
tune() {
  local seconds=$(($2 * percent / 100))
  echo "== $1 ($3), tuning for $seconds s" >&2
  "$bin/sevenfold" tune --matmul "$1" --db "$database" \
    --threads "$threads" --budget "${seconds}s" --json | jq '.[0]'
}

# finalist WORKLOAD: the plan that the tuner thought most of where it found none
# to be faster: that of its record, or else the best one it measured; null where
# it measured none.
finalist() {
  "$bin/sevenfold" db export - --db "$database" |
    jq -s --arg workload "$1" '[.[] | select(.key.workload? == $workload and
      (.plan.levels | length) > 0) | .plan] | last' >"$work/finalist.json"
  if [ "$(cat "$work/finalist.json")" = null ]; then
    jq -s --arg workload "$1" '[.[] | select(.workload == $workload) |
      .plans[] | select((.plan.levels | length) > 0) |
      {plan, ratio: (.ratios | sort | .[length / 2 | floor])}] |
      max_by(.ratio) | .plan' "$database.plans.jsonl"
  else
    cat "$work/finalist.json"
  fi
}

# compiled WORKLOAD PLAN NAME: compiles the product by the plan (JSON) into
# $work/libraries/NAME.so.
compiled() {
  mkdir -p "$work/libraries"
  "$repository/benchmarks/matmul-model.sh" "$1" >"$work/libraries/matmul.mlir"
  echo "$2" >"$work/libraries/plan.json"
  "$bin/sevenfold" compile "$work/libraries/matmul.mlir" \
    --plan "$work/libraries/plan.json" -o "$work/libraries/$3.so" \
    2>"$work/libraries/log" || {
    cat "$work/libraries/log" >&2
    return 1
  }
}

# timed WORKLOAD PLAN PROVIDER..: compiles the product by the plan (JSON, or null)
# and the plain product of every library, and has a second process time them, into
# $work/timed.json.
timed() {
  local workload=$1 plan=$2 names=() name
  shift 2
  if [ "$plan" != null ]; then
    compiled "$workload" "$plan" ours || return
    names+=("$work/libraries/ours.so")
  fi
  for name in "$@"; do
    compiled "$workload" "{\"levels\":[],\"kernel\":{\"provider\":\"$name\"}}" \
      "$name" || return
    names+=("$work/libraries/$name.so")
  done
  echo "timing ${names[*]##*/}" >&2
  OMP_NUM_THREADS=$threads "$bin/compiled-libraries" matmul "${names[@]}" \
    --rounds "$rounds" >"$work/timed.json"
}

# measure WORKLOAD SECONDS LABEL FILE: tunes, compiles the chosen plan (or the
# finalist that was not chosen) and the plain product of every library, and
# writes one object of `what` it is, what the tuner said (`tuned`), the `plan`
# and what a second process measured of the libraries (`timed`).
measure() {
  local workload=$1 label=$3 file=$4
  [ -s "$file" ] && return
  local tuned plan providers
  tuned=$(tune "$workload" "$2" "$label") || return
  plan=$(jq -c .plan <<<"$tuned")
  [ "$plan" = null ] && plan=$(finalist "$workload")
  [ "$plan" = null ] &&
    echo "$workload: nothing was measured, nothing is timed" >&2
  mapfile -t providers < <(jq -r '[.providers[].provider] | unique[]
    | select(. != "codegen")' <<<"$tuned")
  timed "$workload" "$plan" "${providers[@]}" || return
  jq -n --arg what "$label" --argjson tuned "$tuned" --argjson plan "$plan" \
    --slurpfile timed "$work/timed.json" \
    '{what: $what, tuned: $tuned, plan: $plan, timed: $timed[0]}' >"$file.part"
  mv "$file.part" "$file"
}

# collect OUT FILE..: the objects, with the machine they were measured on.
collect() {
  local out=$1
  shift
  "$bin/sevenfold" device --json --threads "$threads" >"$work/device.json"
  jq -n --arg date "$(date -u +%Y-%m-%dT%H:%MZ)" \
    --arg machine "$SEVENFOLD_MACHINE" \
    --arg revision "$(git -C "$repository" rev-parse --short HEAD)" \
    --slurpfile device "$work/device.json" \
    '{date: $date, machine: $machine, revision: $revision, device: $device[0][0],
      workloads: [inputs]}' "$@" >"$out.part"
  mv "$out.part" "$out"
}
