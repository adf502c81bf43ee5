# Sourced by the scripts that measure searches: runs cases, one object each, and
# writes them to benchmarks/results. Arguments of the script choose cases by the
# beginnings of their names.
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${SEVENFOLD_BIN:-$repository/build/release/bin}
results=${SEVENFOLD_RESULTS:-$repository/benchmarks/results}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wanted=("$@")

# search_case NAME SEED TARGET BUDGET THREADS ARGUMENTS..
search_case() {
  local name=$1 seed=$2 target=$3 budget=$4 threads=$5
  shift 5
  if [ "${#wanted[@]}" -gt 0 ]; then
    local chosen=0 prefix
    for prefix in "${wanted[@]}"; do
      case $name in "$prefix"*) chosen=1 ;; esac
    done
    [ "$chosen" -eq 1 ] || return 0
  fi
  # A target that was not reached is a result too.
  "$bin/sevenfold" search "$@" --target-rank "$target" --budget "$budget" \
    --threads "$threads" --seed "$seed" --json 2>/dev/null \
    >"$work/report.json" || [ $? -eq 1 ]
  jq -c --arg case "$name" --arg budget "$budget" --argjson target "$target" \
    --argjson threads "$threads" '.[0] + {case: $case, budget: $budget,
      target_rank: $target, threads: $threads,
      moves_per_cpu_s: (.[0].moves / .[0].cpu_s)}' "$work/report.json" |
    tee -a "$work/all.jsonl" |
    jq -r '"\(.case), seed \(.seed): rank \(.rank), \(.wall_s * 10 | round /
      10) s, \(.cpu_s * 10 | round / 10) s of cpu, \(.moves_per_cpu_s |
      round) moves/s of cpu"'
}

# write_results NAME: results/NAME.json of the cases that were run; those of an
# earlier run whose cases were not chosen stay.
write_results() {
  local file=$results/$1.json
  [ -s "$work/all.jsonl" ] || { echo "no case begins so" >&2; exit 2; }
  [ -f "$file" ] || echo '{"runs": []}' >"$work/earlier.json"
  [ ! -f "$file" ] || cp "$file" "$work/earlier.json"
  jq -s --arg date "$(date -u +%Y-%m-%dT%H:%MZ)" \
    --arg revision "$(git -C "$repository" rev-parse --short HEAD)" \
    --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)" \
    --slurpfile earlier "$work/earlier.json" '
      map(. + {date: $date, revision: $revision, cpu: $cpu}) as $now |
      ($now | map(.case) | unique) as $cases |
      {runs: ([$earlier[0].runs[] | select(.case as $c | $cases |
        index($c) | not)] + $now)}' "$work/all.jsonl" >"$file.part"
  mv "$file.part" "$file"
}
