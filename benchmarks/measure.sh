# Sourced by the measuring scripts: tunes a workload, then times its plan afresh.
#
# Settings, by environment:
#   SEVENFOLD_BIN        folder of the programs (build/release/bin)
#   SEVENFOLD_WORK       database and partial results (build/benchmarks)
#   SEVENFOLD_RESULTS    where results are written (benchmarks/results)
#   SEVENFOLD_THREADS    threads (2)
#   SEVENFOLD_PAIRS      pairs of a timing (15)
#   SEVENFOLD_BUDGET_PERCENT  scales every tuning budget (100)
# What lies in SEVENFOLD_WORK is not measured again: remove it to start afresh.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${SEVENFOLD_BIN:-$repository/build/release/bin}
work=${SEVENFOLD_WORK:-$repository/build/benchmarks}
results=${SEVENFOLD_RESULTS:-$repository/benchmarks/results}
threads=${SEVENFOLD_THREADS:-2}
pairs=${SEVENFOLD_PAIRS:-15}
percent=${SEVENFOLD_BUDGET_PERCENT:-100}
database=$work/tuning.db
mkdir -p "$work" "$results"
trap 'echo "stopped; what was measured is kept" >&2; exit 130' INT

# bench WORKLOAD: its one report, as a JSON object.
bench() {
  "$bin/sevenfold" bench --matmul "$1" --db "$database" --threads "$threads" \
    --pairs "$pairs" --json | jq '.[0]'
}

# tune WORKLOAD SECONDS LABEL: the tuner's one report, as a JSON object.
tune() {
  local seconds=$(($2 * percent / 100))
  echo "== $1 ($3), tuning for $seconds s" >&2
  "$bin/sevenfold" tune --matmul "$1" --db "$database" \
    --threads "$threads" --budget "${seconds}s" --json | jq '.[0]'
}

# confirm WORKLOAD SECONDS LABEL FILE: tunes, and writes one object of `what` it is
# and what the tuner confirmed (`report`).
confirm() {
  local file=$4 report
  [ -s "$file" ] && return
  report=$(tune "$1" "$2" "$3") || return
  jq -n --arg what "$3" --argjson report "$report" \
    '{what: $what, report: $report}' >"$file.part"
  mv "$file.part" "$file"
}

# measure WORKLOAD SECONDS LABEL FILE: tunes, times, and writes one object of
# `what` it is, what the tuner confirmed (`tuned`) and a timing afresh (`report`).
# Where that is slower than the baseline beyond doubt, it is timed once more,
# the first timing stays visible as `first`.
measure() {
  local workload=$1 label=$3 file=$4
  [ -s "$file" ] && return
  local tuned report first=null
  tuned=$(tune "$workload" "$2" "$label") || return
  report=$(bench "$workload") || return
  if jq -e '.chosen == "plan" and .speedup_high < 0.98' <<<"$report" \
    >/dev/null; then
    first=$report
    report=$(bench "$workload") || return
  fi
  jq -n --arg what "$label" --argjson tuned "$tuned" \
    --argjson report "$report" --argjson first "$first" \
    '{what: $what, tuned: $tuned, report: $report, first: $first}' \
    >"$file.part"
  mv "$file.part" "$file"
}

# collect OUT FILE..: the objects, with the machine they were measured on.
collect() {
  local out=$1
  shift
  "$bin/sevenfold" device --json --threads "$threads" >"$work/device.json"
  jq -n --arg date "$(date -u +%Y-%m-%dT%H:%MZ)" \
    --arg revision "$(git -C "$repository" rev-parse --short HEAD)" \
    --slurpfile device "$work/device.json" \
    '{date: $date, revision: $revision, device: $device[0][0],
      workloads: [inputs]}' "$@" >"$out.part"
  mv "$out.part" "$out"
}
