#!/usr/bin/env bash
# Turns results of headline.sh and shapes.sh into markdown.
#
#   summary.sh FILE.json..            prints the tables
#   summary.sh --readme FILE.json..   puts them between README.md's marks
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

tables() {
  local file
  for file in "$@"; do
    jq -r '
      def places($n): . * pow(10; $n) | round / pow(10; $n) | tostring;
      def short: if . <= 0 then "0" else (log10 | floor) as $e |
        "\(. * pow(10; 1 - $e) | round / 10)e\($e)" end;
      def won: .chosen == "plan" and .speedup_low > 1;
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
        else "the same | 1 (baseline chosen) | - | - |" end;
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
      "\(.device.fingerprint), \(.workloads[0].report.threads) threads; " +
        ([.device.providers[] | "\(.name) \(.version)"] | join(", ")) +
        "; \(.date), revision \(.revision).",
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
      ""' "$file"
  done
}

if [ "${1:-}" != --readme ]; then
  tables "$@"
  exit
fi
shift
readme=$repository/README.md
grep -q '^<!-- results -->$' "$readme"
grep -q '^<!-- /results -->$' "$readme"
{
  sed '/^<!-- results -->$/q' "$readme"
  tables "$@" | sed '$d'
  sed -n '/^<!-- \/results -->$/,$p' "$readme"
} >"$readme.part"
mv "$readme.part" "$readme"
