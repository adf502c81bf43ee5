#!/usr/bin/env bash
# Programs that know nothing of Sevenfold, with a BLAS of `sevenfold blas` before
# theirs and without: NumPy and Octave multiply 4096 by 4096 matrices in processes
# that take turns, each pair of neighbours being one ratio. Theirs is Debian's
# OpenBLAS, and where benchmarks/vendors.sh has been run MKL, which they could have
# loaded; and a Python with NumPy's wheel, which SEVENFOLD_PYTHON names, has today's
# OpenBLAS. And what a call costs that no plan is for. Into results/blas.json and a
# table; measure.sh has settings.
#
# Usage: blas.sh [SIZE]       (4096)
# Needs python3-numpy and octave; what is missing is left out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
size=${1:-4096}
folder=$work/blas-$size-$threads
mkdir -p "$folder"
export OMP_NUM_THREADS=$threads

cat >"$folder/product.py" <<'EOF'
import sys, time
import numpy as np
kind, size, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random = np.random.default_rng(0)
a = random.standard_normal((size, size)).astype(kind)
b = random.standard_normal((size, size)).astype(kind)
times = []
for _ in range(repeats + 1):
    start = time.perf_counter()
    c = a @ b
    times.append(time.perf_counter() - start)
print(sorted(times[1:])[repeats // 2])
EOF
cat >"$folder/product.m" <<'EOF'
arguments = argv();
kind = arguments{1}; n = str2num(arguments{2}); repeats = str2num(arguments{3});
if strcmp(kind, "float32") kind = "single"; else kind = "double"; end
a = randn(n, kind); b = randn(n, kind); times = [];
for i = 0:repeats
  t = tic; c = a * b; times(end + 1) = toc(t);
end
printf("%.6f\n", sort(times(2:end))(floor(repeats / 2) + 1));
EOF

tuned=()
for kind in f32 f64; do
  tuned+=("$size"x"$size"x"$size":$kind)
done
for workload in "${tuned[@]}"; do
  "$bin/sevenfold" db best --matmul "$workload" --db "$database" --threads "$threads" \
    >/dev/null 2>&1 || tune "$workload" 240 "for a BLAS" >"$folder/tuned.json"
done
"$bin/sevenfold" blas --db "$database" --threads "$threads" -o "$folder/blas.so"

# What is before the program's own library when ours is not: nothing, or MKL.
vendors=$repository/build/vendors/lib
mkl=$(ls "$vendors"/libmkl_rt.so.* 2>/dev/null | head -n 1 || true)
export MKL_THREADING_LAYER=GNU MKL_INTERFACE_LAYER=LP64

# run PROGRAM KIND PRELOAD: seconds of a product, the median of three.
run() {
  local python=/usr/bin/python3
  case $1 in
  octave)
    LD_PRELOAD=$3 octave --no-gui -q "$folder/product.m" "$2" "$size" 3 2>/dev/null
    return
    ;;
  wheel) python=$SEVENFOLD_PYTHON ;;
  esac
  LD_PRELOAD=$3 "$python" "$folder/product.py" "$2" "$size" 3
}

# has PROGRAM: whether it is here.
has() {
  case $1 in
  octave) command -v octave >/dev/null ;;
  numpy) /usr/bin/python3 -c 'import numpy' 2>/dev/null ;;
  wheel) [ -n "${SEVENFOLD_PYTHON:-}" ] ;;
  esac
}

rows=()
for program in numpy wheel octave; do
  has "$program" || continue
  for kind in float32 float64; do
    for other in own mkl; do
      # A wheel calls functions of its own names, which MKL has not.
      [ "$other" = own ] || { [ -n "$mkl" ] && [ "$program" != wheel ]; } || continue
      row=$folder/$program-$kind-$other.json
      rows+=("$row")
      [ -s "$row" ] && continue
      echo "== $program $kind beside $other" >&2
      : >"$folder/pairs"
      for ((round = 0; round < rounds; ++round)); do
        theirs=$(run "$program" "$kind" "$([ "$other" = own ] || echo "$mkl")")
        ours=$(run "$program" "$kind" "$folder/blas.so")
        echo "$theirs $ours" >>"$folder/pairs"
      done
      jq -n --arg program "$program" --arg kind "$kind" --arg other "$other" \
        --arg size "$size" --rawfile pairs "$folder/pairs" \
        '[$pairs | split("\n")[] | select(. != "") | split(" ") |
          map(tonumber)] as $pairs |
        def median: sort | .[length / 2 | floor];
        [$pairs[] | .[0] / .[1]] as $ratios |
        {program: $program, type: $kind, size: ($size | tonumber), beside: $other,
          theirs_s: [$pairs[][0]] | median, ours_s: [$pairs[][1]] | median,
          speedup: $ratios | median, least: $ratios | min,
          greatest: $ratios | max, pairs: $ratios | length}' >"$row.part"
      mv "$row.part" "$row"
    done
  done
done

theirs=$("$bin/sevenfold" device --json | jq -r '.[0].providers[] |
  select(.name == "openblas").file')
if [ -n "$theirs" ]; then
  SEVENFOLD_BLAS=$theirs "$bin/small-calls" "$folder/blas.so" "$theirs" |
    jq -c --arg theirs "${theirs##*/}" '. + {theirs: $theirs}' >"$folder/small.json"
  rows+=("$folder/small.json")
fi
collect "$results/blas.json" "${rows[@]}"
jq -r '.workloads[] | if .apart_ns then "dgemm_ of \(.size): \(.apart_ns) ns (\(.least
  ) to \(.greatest)) above \(.theirs_ns)" else "\(.program) \(.type) \(.size): \(.speedup * 1000 | round /
  1000) (\(.least * 1000 | round / 1000) to \(.greatest * 1000 | round / 1000)) of \(
  .beside)" end' "$results/blas.json"
