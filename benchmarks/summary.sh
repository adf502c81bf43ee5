#!/usr/bin/env bash
# Turns results of headline.sh, shapes.sh and gpu/collect.sh into markdown.
#
#   summary.sh FILE.json..            prints the tables
#   summary.sh --page FILE.json..  puts them between docs/Results.md's marks
#   summary.sh --page-confirmed FILE.json..  likewise, between those for what a
#                                  second process timed
#   summary.sh --page-quickstarts  puts those of results/quickstarts.json between
#                                  the marks for quickstarts
#   summary.sh --page-gpu          puts those of results/gpu-*.json between
#                                  the marks for GPUs, or that there are none
#
# SEVENFOLD_PAGE and SEVENFOLD_RESULTS name another page and another folder.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
page=${SEVENFOLD_PAGE:-$repository/docs/Results.md}
results=${SEVENFOLD_RESULTS:-$repository/benchmarks/results}

# Results of another process: `timed` beside what the tuner said.
timedTable() {
  jq -r '
    def places($n): . * pow(10; $n) | round / pow(10; $n) | tostring;
    def short: if . <= 0 then "0" else (log10 | floor) as $e |
      "\(. * pow(10; 1 - $e) | round / 10)e\($e)" end;
    def plan: ([.plan.levels[] | "\(.scheme)/\(.execution)" +
      if .composed then "+" else "" end] | join(", ")) +
      "; \(.plan.kernel.provider)";
    # The fastest library beside ours, by medians.
    def best: if .plan == null then .timed.libraries
      else .timed.libraries[1:] end | min_by(.median_s);
    def won: .tuned.chosen == "plan";
    def row: best as $best | .timed.libraries[0] as $ours |
      "| \(.tuned.workload) | \(.what) | " +
      "\($best | .library) \($best.median_s * 1000 | places(1)) ms | " +
      if .plan == null then "- | nothing was measured | - | - | - |" else
        "\($ours.median_s * 1000 | places(1)) ms | " +
        (if won then "\(.tuned.speedup | places(3)), chosen"
          else "not chosen" end) + " | " +
        (if $best.low > 1 and won then "**\($best.over_first | places(3))**"
          else $best.over_first | places(3) end) +
        " (\($best.low | places(3)) to \($best.high | places(3))) | " +
        "\($ours.difference_from_last | short) | \(plan) |" end;
    def gain: if won then best.over_first else 1 end;
    def large: .tuned.workload | split(":")[0] | split("x") |
      all(.[]; tonumber >= 4096);
    def mean: if length == 0 then "-" else
      (map(gain | log) | add / length | exp | places(3)) end;
    .workloads as $all | [$all[] | select(won)] as $chosen |
    "\(.machine) (\(.device.fingerprint)), " +
      "\(.device.threads) threads, at normal priority; " +
      ([.device.providers[] | "\(.name) \(.version)"] | join(", ")) +
      "; \(.date), revision \(.revision).",
    "",
    "| workload | what | best library | plan | the tuner said | measured by " +
      "another process, over the best library (99 % bounds of each row) | " +
      "difference | plan |",
    "|---|---|---|---|---|---|---|---|",
    (.workloads[] | row),
    "",
    "Chosen: \($chosen | length) of \($all | length); of these faster beyond " +
      "doubt when measured again: \([$chosen[] | select(best.low > 1)] |
      length), slower beyond doubt: \([$chosen[] | select(best.high < 1)] |
      length). Not chosen but faster beyond doubt: \([$all[] |
      select((won | not) and .plan != null and best.low > 1)] | length).",
    "",
    "Geometric mean, products that keep their library counted as 1: " +
      "\($all | mean)" + ([$all[] | select(large)] |
      if length > 0 then ", \(mean) of those with every dimension at least " +
      "4096" else "" end) + ".",
    ""' "$1"
}

# Quickstarts in a row: what each said of the block, and what another process
# measured of it.
quickstartTable() {
  jq -r '
    def places($n): . * pow(10; $n) | round / pow(10; $n) | tostring;
    def bounds: "\(.over_first | places(3)) (\(.low | places(3)) to " +
      "\(.high | places(3)))";
    # Libraries, without ours and the plan of reference.
    def libraries: [.timed.libraries[1:][] | select(.library != "reference")];
    def reference: .timed.libraries[] | select(.library == "reference");
    def minutes: "\(. / 60 | floor) min \(. % 60) s";
    "\(.machine) (\(.device.fingerprint)), " +
      "\(.device.threads) threads, at normal priority; " +
      ([.device.providers[] | "\(.name) \(.version)"] | join(", ")) +
      "; \(.date), revision \(.revision).",
    "",
    "| number | beside | took | exit | it said of the block | another process, " +
      "over the best library (99 % bounds) | two levels of Winograd on onednn, " +
      "over the best library, by medians |",
    "|---|---|---|---|---|---|---|",
    (.workloads[] |
      "| \(.number) | \(.neighbour) | \(.seconds | minutes) | \(.exit) | " +
      if .exit != 0 then "- | - | - |" else
        (libraries | min_by(.median_s)) as $best |
        (if .report.verdict == "plan" then "\(.report.speedup | places(3)) " +
          "(\(.report.speedup_low | places(3)) to " +
          "\(.report.speedup_high | places(3)))"
          else "the same" end) + " | \($best | bounds), \($best | .library) | " +
        "\($best.median_s / reference.median_s | places(3)) |" end),
    ""' "$1"
}

tables() {
  local file
  for file in "$@"; do
    if jq -e '.workloads[0] | has("neighbour")' "$file" >/dev/null; then
      quickstartTable "$file"
      continue
    fi
    if jq -e '.workloads[0] | has("timed")' "$file" >/dev/null; then
      timedTable "$file"
    else
      tunedTable "$file"
    fi
  done
}

# Results of the tuner itself, and of GPUs.
tunedTable() {
    jq -r '
      def places($n): . * pow(10; $n) | round / pow(10; $n) | tostring;
      def short: if . <= 0 then "0" else (log10 | floor) as $e |
        "\(. * pow(10; 1 - $e) | round / 10)e\($e)" end;
      def won: .chosen == "plan" and .speedup_low > 1;
      def gpu: .lowering == "nvptx";
      def row: .what as $what | .report |
        "| \(.workload) | \($what) | \(.baseline.provider) " +
        "\(.baseline.median_s * 1000 | places(1)) ms | " +
        if .chosen == "plan" then
          "\(.median_s * 1000 | places(1)) ms | " +
          (if won then "**\(.speedup | places(3))**"
            else .speedup | places(3) end) +
          " (\(.speedup_low | places(3)) to \(.speedup_high | places(3))) | " +
          "\(.rel_error | short) (\(.error_bound | short)) | " +
          ([.plan.levels[] | "\(.scheme)/\(.execution)" +
            if .composed then "+" else "" end] | join(", ")) +
          "; \(.plan.kernel.provider // "best") |"
        else "the same | 1 (baseline chosen" +
          (if gpu and .pairs > 0 then "; best plan \(.speedup | places(3))"
            else "" end) + ") | - | - |" end;
      def large: .report.workload | split(":")[0] | split("x") |
        all(.[]; tonumber >= 4096);
      def gain: if .chosen == "plan" then .speedup else 1 end;
      def mean: if length == 0 then "-" else
        (map(gain | log) | add / length | exp | places(3)) end;
      def kept: .what | endswith("(kept out)");
      [.workloads[].report] as $all |
      [.workloads[] | select(kept) | .report] as $kept |
      [.workloads[] | select(large) | .report] as $large |
      [$all[] | select(.chosen == "plan" and .speedup_high < 0.98)] as $slow |
      (if .device.device == "nvptx" then
        "\(.device.fingerprint), driver CUDA \(.device.driver); " +
        ([.device.providers | to_entries[] | "\(.key) \(.value)"] |
          join(", "))
      else
        "\(.device.fingerprint), \(.workloads[0].report.threads) threads; " +
        ([.device.providers[] | "\(.name) \(.version)"] | join(", "))
      end) + "; \(.date), revision \(.revision)." +
        (if .note // "" != "" then " \(.note)." else "" end) +
        (if .checks.all // 0 > 0 then
          " Right before anything was timed: \(.checks.right) of " +
          "\(.checks.all) results." else "" end),
      "",
      "| workload | what | best library | ours | speedup (99 % bounds) " +
        "| error (bound) | plan |",
      "|---|---|---|---|---|---|---|",
      (.workloads[] | row),
      "",
      "Faster beyond doubt: \([$all[] | select(won)] | length) of " +
        "\($all | length)" +
        if ($large | length) > 0 then
          ", \([$large[] | select(won)] | length) of \($large | length) with " +
          "every dimension at least 4096" else "" end +
        "; baseline chosen, no win claimed: " +
        "\([$all[] | select(.chosen == "baseline")] | length); slower beyond " +
        "doubt (upper bound below 0.98) after one re-run: \($slow | length)" +
        if ($slow | length) > 0 then
          " (\([$slow[].workload] | join(", ")))" else "" end + ".",
      "",
      "Geometric mean of the speedups, baselines counted as 1: " +
        "\($all | mean)" +
        if ($large | length) > 0 then
          ", \($large | mean) with every dimension at least 4096" else "" end +
        if ($kept | length) > 0 then
          ", \($kept | mean) of the \($kept | length) kept out" else "" end +
        ".",
      ""' "$1"
}

# between NAME: puts what it reads between the page's marks of that name.
between() {
  grep -q "^<!-- $1 -->\$" "$page"
  grep -q "^<!-- /$1 -->\$" "$page"
  {
    sed "/^<!-- $1 -->\$/q" "$page"
    cat
    sed -n "/^<!-- \/$1 -->\$/,\$p" "$page"
  } >"$page.part"
  mv "$page.part" "$page"
}

# The tables of results that were measured on a GPU; the tests' fake is none.
gpuTables() {
  local file files=()
  for file in "$results"/gpu-*.json; do
    [ -e "$file" ] || continue
    if jq -e '.device.fingerprint | startswith("Fake GPU")' "$file" \
      >/dev/null; then
      echo "summary.sh: '$file' is a test's, of no real GPU" >&2
      return 2
    fi
    files+=("$file")
  done
  if [ "${#files[@]}" -eq 0 ]; then
    echo "Nothing has been measured on a GPU yet."
  else
    tables "${files[@]}" | sed '$d'
  fi
}

case ${1:-} in
--page)
  shift
  tables "$@" | sed '$d' | between results
  ;;
--page-confirmed)
  shift
  tables "$@" | sed '$d' | between confirmed
  ;;
--page-quickstarts)
  tables "$results/quickstarts.json" | sed '$d' | between quickstarts
  ;;
--page-gpu)
  text=$(gpuTables)
  between "gpu results" <<<"$text"
  ;;
*) tables "$@" ;;
esac
