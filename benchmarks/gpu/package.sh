#!/usr/bin/env bash
# package.sh FOLDER: makes a folder that is measured on a GPU machine by run.sh in
# it, which needs neither this repository, LLVM nor the CUDA toolkit there, and an
# archive of it, FOLDER.tar.xz. No GPU is needed here. Settings:
#
#   SEVENFOLD          the program (build/release/bin/sevenfold)
#   SEVENFOLD_CHIP     what to make code for (sm_90)
#   SEVENFOLD_CHECK, SEVENFOLD_TUNE, SEVENFOLD_BENCH
#                      workloads of the three parts, as of --matmul
#   SEVENFOLD_CONFIG   a tuner's configuration for all parts (check.json,
#                      tune.json and bench.json here)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${SEVENFOLD:-$here/../../build/release/bin/sevenfold}
chip=${SEVENFOLD_CHIP:-sm_90}
check=${SEVENFOLD_CHECK:-"250x190x262:f32 250x190x262:tf32 250x190x262:f64
  250x190x262:f16 250x190x262:bf16 256x512x384:f16-f32:tb 384x256x128:f32:acc"}
tune=${SEVENFOLD_TUNE:-"4096x4096x4096:f32 4096x4096x4096:tf32
  4096x4096x4096:f64 8192x8192x8192:f16 2048x4096x11008:f32:tb"}
bench=${SEVENFOLD_BENCH:-"8192x8192x8192:f32 16384x16384x16384:f32
  8192x8192x8192:f64 8192x8192x8192:tf32 16384x16384x16384:f16
  16384x16384x16384:bf16"}
# What is brought to a borrowed machine is no larger.
limit=$((60 << 20))

folder=${1:?"usage: package.sh FOLDER"}
if [ -e "$folder" ]; then
  echo "package.sh: '$folder' is there already" >&2
  exit 2
fi
trap 'rm -rf "$folder.part"' EXIT
mkdir -p "$folder.part"

# part NAME WORKLOADS: one bundle.
part() {
  local workload options=()
  for workload in $2; do options+=(--matmul "$workload"); done
  echo "== $1: $2" >&2
  "$program" tune "${options[@]}" --device "nvptx:$chip" \
    --config "${SEVENFOLD_CONFIG:-$here/$1.json}" \
    --emit-bundle "$folder.part/$1" >&2
}
part check "$check"
part tune "$tune"
part bench "$bench"
cp "$here/run.sh" "$folder.part"

# What the target must have: the newest symbols that anything in it names.
find "$folder.part" -type f \( -name '*.so*' -o -name sevenfold-runner \) \
  -exec objdump -T {} + 2>/dev/null | grep -o 'GLIBC_[0-9.]*' | sort -uV |
  tail -n 1 | sed 's/GLIBC_/glibc /' >"$folder.part/requires.txt"
mv "$folder.part" "$folder"
tar -C "$(dirname "$folder")" -cJf "$folder.tar.xz" "$(basename "$folder")"
bytes=$(stat -c %s "$folder.tar.xz")
echo "$folder.tar.xz: $bytes bytes, needs $(cat "$folder/requires.txt")" >&2
if [ "$bytes" -gt "$limit" ]; then
  echo "package.sh: the archive is larger than $limit bytes" >&2
  exit 1
fi
