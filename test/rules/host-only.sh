#!/usr/bin/env bash
# Checks a build whose only target is the host: it has no symbol of another
# target, compiles a model, and says of other devices that it has none.
# Usage: host-only.sh BUILD_FOLDER
set -euo pipefail
build=$(cd "$1" && pwd)
models=$(cd "$(dirname "${BASH_SOURCE[0]}")/../models" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "host-only: $*" >&2
  exit 1
}

for file in "$build"/bin/sevenfold{,-opt,-runner} \
  "$build/lib/SevenfoldPlugin.so"; do
  symbols=$(nm -C "$file")
  [ -n "$symbols" ] || fail "${file##*/} has no symbols to look at"
  found=$(grep -iE 'nvptx|cublas' <<<"$symbols" || true)
  [ -z "$found" ] || fail "${file##*/} has symbols of GPUs:"$'\n'"$found"
done

"$build/bin/sevenfold" compile "$models/mlp-small.mlir" -o "$work/model.so" \
  --header "$work/model.h" 2>"$work/log" || fail "$(cat "$work/log")"
[ -s "$work/model.so" ] && [ -s "$work/model.h" ] || fail "nothing was written"

code=0
"$build/bin/sevenfold" compile "$models/mlp-small.mlir" --device nvptx:sm_80 \
  -o "$work/gpu.so" 2>"$work/log" || code=$?
[ "$code" -eq 2 ] || fail "expected exit code 2 for nvptx:sm_80 but got $code"
grep -qF "expected device 'host' but got 'nvptx:sm_80'" "$work/log" ||
  fail "$(cat "$work/log")"
echo "host-only: ${build##*/} is what it says"
