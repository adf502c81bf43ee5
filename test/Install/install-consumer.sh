#!/usr/bin/env bash
# install-consumer.sh CMAKE BUILD_FOLDER COMPILER SOURCE_FOLDER
set -euo pipefail
cmake=$1 build=$2 compiler=$3 source=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$cmake" --install "$build" --prefix "$folder/prefix" >"$folder/install.log" || {
  cat "$folder/install.log"
  exit 1
}

# A project that knows nothing but the prefix.
"$cmake" -S "$source/test/Install/consumer" -B "$folder/build" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/prefix"
"$cmake" --build "$folder/build"
"$folder/build/consumer"

# The installed tools find their libraries, and the runtime they link.
"$folder/prefix/bin/sevenfold" compile "$source/test/models/mlp-small.mlir" \
  -o "$folder/mlp.so" --header "$folder/mlp.h" --db "$folder/none.db"
test -s "$folder/mlp.manifest.json"
"$folder/prefix/bin/sevenfold-opt" --sevenfold-plan=scheme=2x2x2-r7 \
  "$source/test/models/mlp-small.mlir" | grep -q 'breadth "2x2x2-r7"'

# The compiled library from C, with the installed program out of the way.
cat >"$folder/main.c" <<'C'
#include "mlp.h"
#include <stdlib.h>
int main(void) {
  float *x = calloc(32 * 64, sizeof(float)), *y = malloc(32 * 64 * sizeof(float));
  float *gate = calloc(64 * 172, sizeof(float)), *up = calloc(64 * 172, sizeof(float));
  float *down = calloc(172 * 64, sizeof(float));
  y[0] = 1;
  return mlp(x, gate, up, down, y) != 0 || y[0] != 0 ||
         mlp(x, 0, up, down, y) >= 0;
}
C
rm -r "$folder/prefix"
cc -std=c11 -Wall -Werror -o "$folder/main" "$folder/main.c" "$folder/mlp.so"
"$folder/main"
echo "installed, consumed and called"
