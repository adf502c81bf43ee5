#!/bin/sh
# assemble.sh CHIP ARGUMENT..: compiles a model's kernels to PTX for the chip and
# assembles them; prints what ptxas says of registers and spills.
set -e
chip=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sevenfold compile "$@" --max-error-growth 100000 --device "nvptx:$chip" -o "$folder/code.ptx" \
  2> "$folder/log" || {
  cat "$folder/log"
  exit 1
}
if grep -q '\.local' "$folder/code.ptx"; then
  echo "local memory in PTX"
fi
ptxas -v -arch="$chip" "$folder/code.ptx" -o "$folder/code.cubin" 2>&1 |
  grep -E 'spill|Used [0-9]+ registers|error'
