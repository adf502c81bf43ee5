#!/usr/bin/env bash
# multiplies.sh PROVIDER FOLDER: the provider's library of that folder multiplies
# a.npy by b.npy as ./npy does, called by the program and by a compiled library.
set -euo pipefail
model=$(dirname "$0")/../../Pipelines/Inputs/matmuls.mlir
echo "{\"kernel\":{\"provider\":\"$1\"}}" >"$1.json"
operands=(--function overwrite --input a.npy --input b.npy --library-path "$2")
sevenfold run "$model" --plan "$1.json" "${operands[@]}" --output jit.npy
./npy product a.npy b.npy jit.npy | grep 'the product is exact'
sevenfold compile "$model" --plan "$1.json" -o "$1.so"
sevenfold run "$1.so" "${operands[@]}" --output library.npy
cmp jit.npy library.npy
