#!/usr/bin/env bash
# matmul-model.sh [--any] MxKxN:TYPE[:ta][:tb][:acc]: a model whose function
# `matmul` is that product, on standard output; with --any one of any sizes, for
# which MxKxN stand for nothing.
set -euo pipefail
usage="usage: matmul-model.sh [--any] MxKxN:TYPE[:ta][:tb][:acc]"
any=
[ "${1:-}" = --any ] && any=yes && shift
[[ ${1:?$usage} =~ ^([0-9]+)x([0-9]+)x([0-9]+):(f32|f64)(:ta)?(:tb)?(:acc)?$ ]] || {
  echo "$usage" >&2
  exit 2
}
m=${BASH_REMATCH[1]} k=${BASH_REMATCH[2]} n=${BASH_REMATCH[3]}
[ -n "$any" ] && m=? k=? n=?
type=${BASH_REMATCH[4]}
a="tensor<${m}x${k}x$type>" at="d0, d2" ofM=0
b="tensor<${k}x${n}x$type>" bt="d2, d1" ofN=1
c="tensor<${m}x${n}x$type>"
[ -n "${BASH_REMATCH[5]:-}" ] && a="tensor<${k}x${m}x$type>" at="d2, d0" ofM=1
[ -n "${BASH_REMATCH[6]:-}" ] && b="tensor<${n}x${k}x$type>" bt="d1, d2" ofN=0
accumulates=${BASH_REMATCH[7]:-}

echo "func.func @matmul(%a: $a, %b: $b${accumulates:+, %c: $c}) -> $c {"
if [ -z "$accumulates" ]; then
  sizes=
  if [ -n "$any" ]; then
    sizes="%m, %n"
    cat <<SIZES
  %ofM = arith.constant $ofM : index
  %ofN = arith.constant $ofN : index
  %m = tensor.dim %a, %ofM : $a
  %n = tensor.dim %b, %ofN : $b
SIZES
  fi
  cat <<ZERO
  %zero = arith.constant 0.0 : $type
  %empty = tensor.empty($sizes) : $c
  %c = linalg.fill ins(%zero : $type) outs(%empty : $c) -> $c
ZERO
fi
cat <<PRODUCT
  %r = linalg.matmul
    indexing_maps = [affine_map<(d0, d1, d2) -> ($at)>,
                     affine_map<(d0, d1, d2) -> ($bt)>,
                     affine_map<(d0, d1, d2) -> (d0, d1)>]
    ins(%a, %b : $a, $b) outs(%c : $c) -> $c
  return %r : $c
}
PRODUCT
