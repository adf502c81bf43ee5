#!/usr/bin/env bash
# run.sh [PART..]: measures a folder made by package.sh on this machine: whether
# every plan's result is right (check), the tuner's candidates for a time box
# (tune), and the benchmark (bench). Under nine minutes. What is finished stays,
# however a run ends: run it again to go on, or name the parts to be run. Needs a
# CUDA driver and cuBLASLt; results lie in check/check.json, tune/results.json,
# bench/results.json and summary.json. Settings:
#
#   SEVENFOLD_CHECK_SECONDS, SEVENFOLD_TUNE_SECONDS, SEVENFOLD_BENCH_SECONDS
#                      time of the parts (80, 130, 250); each is stopped a
#                      little later, so that all take less than 540
#
# What the times are for, estimated: nobody has measured it. Of the data sheets'
# peaks of an H100 SXM, which are the H200's, three quarters: f32 50 Tflop/s, f64
# 50, tf32 370, f16 and bf16 740. A library that is opened times 8 proposals 4
# times for each shape of product, so that a measurement of n pairs takes about
# 40 + 3 n products' time: 4 first runs, 32 to 36 of proposals, 2 a pair and one
# warm-up. With the 6 + 3 candidates of a workload of bench, two checks, the races
# of providers and heads, two rungs, and a confirmation of 61 pairs or 12 s,
#
#   workload            one product   about    seconds
#   f32, f64 8192            22 ms    870 runs      19 each
#   f32 16384               176 ms    480 runs      85, as its share of the time
#                                                   ends the screening
#   tf32 8192                 3 ms    870 runs       3
#   f16, bf16 16384          12 ms    870 runs      10 each
#
# which is 150 s of 250; operands, three gigabytes at most, and their checks in
# float64 on the host take seconds each on sixteen cores, and tens of them on
# two. Those of tune take 0.4 to 4 ms: 1750 runs are under 7 s a workload. Where
# kernels are PTX, the driver's compiler comes on top once for each library.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# Where toolkits and Python packages put cuBLASLt.
if ! ldconfig -p 2>/dev/null | grep -q 'libcublasLt\.so\.1[23]'; then
  found=$(find /usr/local /opt /usr/lib -name 'libcublasLt.so.1[23]' \
    2>/dev/null | sort -V | tail -n 1)
  [ -z "$found" ] || export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$(dirname "$found")"
fi

worst=0 stopped=0 running=

# Ctrl-C reaches the runner, which keeps what is finished, and then ends this.
stop() {
  stopped=1
  [ -z "$running" ] || kill -INT "$running" 2>/dev/null
}
trap stop INT TERM HUP

# record NAME CODE SECONDS: into the part's folder, and all parts so far into
# summary.json.
record() {
  printf '{"part": "%s", "exit": %d, "seconds": %d}' "$1" "$2" "$3" \
    >"$1/part.json.new"
  mv "$1/part.json.new" "$1/part.json"
  local name parts=()
  for name in check tune bench; do
    [ ! -s "$name/part.json" ] || parts+=("$(cat "$name/part.json")")
  done
  local text
  text=$(IFS=,; echo "${parts[*]}")
  printf '{"format": "sevenfold-gpu-run/1", "date": "%s", "parts": [%s]}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$text" >summary.json.new
  mv summary.json.new summary.json
}

# part NAME SECONDS OPTION..: one bundle, stopped where it goes on for long after
# its time. The runner keeps what is finished when it is interrupted; a second
# signal ends it at once, so it is in a session of its own, where it has one from
# here and none from the terminal.
part() {
  local name=$1 seconds=$2 begin=$SECONDS code=0
  shift 2
  [ "$stopped" -eq 0 ] || return
  echo "== $name" >&2
  setsid timeout --foreground -s INT -k 10 "$((seconds + 20))" \
    "$name/bin/sevenfold-runner" "$name" "$@" &
  running=$!
  wait "$running" || code=$?
  # A signal ends the wait, not the part.
  while [ "$stopped" -eq 1 ] && kill -0 "$running" 2>/dev/null; do
    code=0
    wait "$running" || code=$?
  done
  running=
  case $code in
  124 | 130 | 143) code=1 ;; # stopped, what is finished is kept
  esac
  record "$name" "$code" "$((SECONDS - begin))"
  [ "$code" -le 1 ] || worst=2
  [ "$code" -eq 0 ] || [ "$worst" -gt 0 ] || worst=1
}

# Without names, what an earlier run has found to be right is not checked again;
# the other two find by themselves what is left.
parts=("$@")
if [ "$#" -eq 0 ]; then
  parts=(check tune bench)
  if grep -q '"exit": 0' check/part.json 2>/dev/null; then
    echo "== check: every result was right in an earlier run" >&2
    parts=(tune bench)
  fi
fi
for name in "${parts[@]}"; do
  case $name in
  check | tune | bench) ;;
  *)
    echo "run.sh: expected check, tune or bench but got '$name'" >&2
    exit 2
    ;;
  esac
done
for name in "${parts[@]}"; do
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
  esac
done
if [ "$stopped" -eq 1 ]; then
  echo "run.sh: stopped; run it again to go on" >&2
  [ "$worst" -gt 0 ] || worst=1
fi
cat summary.json 2>/dev/null
exit "$worst"
