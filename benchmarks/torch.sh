#!/usr/bin/env bash
# PyTorch's layers by plans and by its own kernels in turns, in one process: a linear
# layer and three of them with activations, 4096 tokens by 4096, forward and backward in
# f32; and a compiled model in PyTorch's process, after its products and after the
# model's own. Into results/torch-layers.json. measure.sh has settings.
#
# Usage: torch.sh TORCH     the folder of a LibTorch: that of the Python package torch
#                           (for its processor part alone), or /usr for Debian's
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
torch=${1:?"say where LibTorch is"}
folder=$work/torch
mkdir -p "$folder"
include=("-I$torch/include" "-I$torch/include/torch/csrc/api/include")
[ "$torch" = /usr ] && lib=/usr/lib/x86_64-linux-gnu || lib=$torch/lib
headers=$torch/include/torch
version=$(cat "$headers/csrc/api/include/torch/version.h" \
  "$headers/headeronly/version.h" 2>/dev/null |
  sed -n 's/^#define TORCH_VERSION_\(MAJOR\|MINOR\|PATCH\) \([0-9]*\)$/\2/p' |
  head -n 3 | paste -sd.)
standard=c++17
[ "${version%%.*}" -ge 2 ] && standard=c++20
compile() { c++ -std=$standard -O2 "${include[@]}" "-I$repository/include" "$@"; }
compile -shared -fPIC "$repository/tools/torch/Operators.cpp" \
  -o "$folder/libsevenfold-torch-operators.so" "-L$lib" -ltorch_cpu -lc10 -ldl
compile -shared -fPIC "-DSEVENFOLD_TORCH_VERSION=\"$version\"" \
  "$repository/tools/torch/Loader.cpp" -o "$folder/libsevenfold-torch.so" -ldl
compile "$repository/benchmarks/Torch/Layers.cpp" -o "$folder/layers" "-L$lib" \
  -ltorch_cpu -lc10 -ldl -Wl,--allow-shlib-undefined

for layout in "" :tb :ta; do
  workload=4096x4096x4096:f32$layout
  "$bin/sevenfold" db best --matmul "$workload" --db "$database" --threads "$threads" \
    >/dev/null 2>&1 || tune "$workload" 150 "for PyTorch" >"$folder/tuned.json"
done
"$bin/sevenfold" blas --db "$database" --threads "$threads" \
  -o "$folder/libsevenfold-blas.so"
OMP_NUM_THREADS=$threads LD_LIBRARY_PATH=$lib:${LD_LIBRARY_PATH:-} \
  "$folder/layers" "$folder/libsevenfold-torch.so" 4096 4096 "$rounds" |
  jq -c --arg version "$version" '.[] + {torch: $version}' >"$folder/rows.json"

# Models whose own products, or another library's, do the work.
compile "$repository/benchmarks/Torch/Model.cpp" -o "$folder/model" "-L$lib" \
  -ltorch_cpu -lc10 -ldl -Wl,--allow-shlib-undefined
for provider in codegen onednn openblas; do
  compiled 2048x2048x2048:f32 '{"levels":[{"scheme":"2x2x2-r7","execution":"breadth"}],
    "kernel":{"provider":"'$provider'"}}' "torch-$provider"
  OMP_NUM_THREADS=$threads LD_LIBRARY_PATH=$lib:${LD_LIBRARY_PATH:-} \
    "$folder/model" "$work/libraries/torch-$provider.so" 2048 2048 2048 "$rounds" |
    jq -c --arg version "$version" --arg provider "$provider" \
      '. + {torch: $version, provider: $provider}' >>"$folder/rows.json"
done
collect "$results/torch-layers.json" "$folder/rows.json"
jq -r '.workloads[] | if .provider then "model by \(.provider) beside LibTorch \(.torch
  ): \(.ratio) (\(.least) to \(.greatest)) of its time alone" else "\(.layers) layers, LibTorch \(.torch): \(.speedup) (\(.least
  ) to \(.greatest))" end' "$results/torch-layers.json"
