#!/usr/bin/env bash
# run.sh [PART..]: measures a folder made by package.sh on this machine: whether
# every plan's result is right (check), the tuner's candidates for a time box
# (tune), and the benchmark (bench). Under nine minutes. What is finished stays:
# run it again to go on. Needs a CUDA driver and cuBLASLt; results lie in
# check/check.json, tune/results.json, bench/results.json and summary.json.
# Settings:
#
#   SEVENFOLD_CHECK_SECONDS, SEVENFOLD_TUNE_SECONDS, SEVENFOLD_BENCH_SECONDS
#                      time of the parts (80, 130, 250); each is stopped a
#                      little later, so that all take less than 540
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# Where toolkits and Python packages put cuBLASLt.
if ! ldconfig -p 2>/dev/null | grep -q 'libcublasLt\.so\.1[23]'; then
  found=$(find /usr/local /opt /usr/lib -name 'libcublasLt.so.1[23]' \
    2>/dev/null | sort -V | tail -n 1)
  [ -z "$found" ] || export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(dirname "$found")"
fi

summary=()

# record NAME CODE SECONDS
record() {
  summary+=("{\"part\": \"$1\", \"exit\": $2, \"seconds\": $3}")
  local text
  text=$(IFS=,; echo "${summary[*]}")
  printf '{"format": "sevenfold-gpu-run/1", "date": "%s", "parts": [%s]}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$text" >summary.json.new
  mv summary.json.new summary.json
}

# part NAME SECONDS OPTION..: one bundle, stopped where it goes on for long after
# its time. The runner keeps what is finished when it is interrupted.
part() {
  local name=$1 seconds=$2 begin=$SECONDS code=0
  shift 2
  echo "== $name" >&2
  timeout -s INT -k 10 "$((seconds + 20))" \
    "$name/bin/sevenfold-runner" "$name" "$@" || code=$?
  record "$name" "$code" "$((SECONDS - begin))"
  [ "$code" -le 1 ] || worst=2
  [ "$code" -eq 0 ] || [ "$worst" -gt 0 ] || worst=1
}

worst=0
[ "$#" -gt 0 ] || set -- check tune bench
for name in "$@"; do
  case $name in
  check) part check "${SEVENFOLD_CHECK_SECONDS:-80}" --check ;;
  tune)
    seconds=${SEVENFOLD_TUNE_SECONDS:-130}
    part tune "$seconds" --budget "$seconds"
    ;;
  bench)
    seconds=${SEVENFOLD_BENCH_SECONDS:-250}
    part bench "$seconds" --budget "$seconds"
    ;;
  *)
    echo "run.sh: expected check, tune or bench but got '$name'" >&2
    exit 2
    ;;
  esac
done
cat summary.json
exit "$worst"
