#!/usr/bin/env bash
# Builds Sevenfold and runs its tests, from nothing but a Debian 12 machine and
# this repository. The last line printed is ctest's summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A library forced to a lesser set of kernels is no baseline to compare with.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

tools/install-packages.sh --checks
tools/lint.sh
jobs=$(nproc)
# Tests that need the machine for themselves say so.
export CTEST_PARALLEL_LEVEL=$jobs

cmake --preset release
# XLA's CPU compiler, for tests that are skipped without it.
tools/fetch-pjrt-plugins.sh ||
  echo "no PJRT plugins could be fetched: tests that need them are skipped"
cmake --build --preset release -j "$jobs"

# Memory errors and undefined behaviour, where input is read and code is made.
# Leaks are not looked for: the checker cannot stop OpenMP's waiting threads. Nor
# is memory LLVM marks as unused: its headers do so here, its library does not.
cmake --preset asan
cmake --build --preset asan -j "$jobs" --target check-sanitized-build
ASAN_OPTIONS=detect_leaks=0:allow_user_poisoning=0 \
  UBSAN_OPTIONS=print_stacktrace=1 \
  ctest --test-dir build/asan --output-on-failure -L sanitized

# Races: threads of a caller's own in the runtime, its streams and the stores.
cmake --preset tsan
cmake --build --preset tsan -j "$jobs" --target check-threads-build
ctest --test-dir build/tsan --output-on-failure -L threads

# Targets can be left out: the host alone, out of what was compiled above.
cmake --preset host
cmake --build --preset host -j "$jobs" \
  --target sevenfold sevenfold-opt sevenfold-runner SevenfoldPlugin
test/rules/host-only.sh build/host

# The fuzz tests have a fixed seed, which gates. A new one every time finds more:
# what it finds is printed and kept, and gates nothing.
seed=$(date +%s)
log=build/release/fuzz-$seed.log
if OMP_WAIT_POLICY=passive timeout 45 build/release/bin/FuzzTest \
  --seed "$seed" --cases 40 --processes "$jobs" \
  --archive build/release/lib/libSevenfoldRuntime.a >"$log" 2>&1; then
  echo "fuzz with seed $seed: $(tail -n 1 "$log")"
else
  echo "fuzz with the new seed $seed found (in $log):"
  cat "$log"
fi

ctest --test-dir build/release --output-on-failure
