#!/usr/bin/env bash
# Fetches the vendor libraries of today into build/vendors, for measurements:
# Intel's MKL, a current OpenBLAS and oneDNN 3, as the packages that their makers
# and SciPy publish for Python. Sevenfold needs none of them. Nothing is
# installed; what is there already is not fetched again. Some 240 MB to download,
# under the packages' own licences.
#
# Usage: vendors.sh [FOLDER]       (default: build/vendors)
# Needs pip (Debian: python3-pip) and unzip.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-$repository/build/vendors}
for program in pip unzip; do
  if ! command -v "$program" >/dev/null; then
    echo "vendors.sh: '$program' is missing" >&2
    exit 2
  fi
done
mkdir -p "$folder/lib" "$folder/versions"
wheels=$(mktemp -d "$folder/wheels.XXXXXX")
trap 'rm -rf "$wheels"' EXIT

# fetch PACKAGE PATTERN..: the files of the package's wheel that match go into
# lib, without their folders; its version into versions/PACKAGE.
fetch() {
  local package=$1 wheel version
  shift
  if [ -s "$folder/versions/$package" ]; then
    echo "$package $(<"$folder/versions/$package") (was there)"
    return
  fi
  if ! pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary :all: --dest "$wheels" "$package"; then
    echo "vendors.sh: '$package' could not be fetched" >&2
    return 1
  fi
  wheel=$(ls "$wheels/${package//-/_}"-*.whl)
  unzip -q -o -j "$wheel" "$@" -d "$folder/lib"
  version=$(basename "$wheel")
  version=${version#"${package//-/_}-"}
  echo "${version%%-*}" >"$folder/versions/$package"
  rm "$wheel"
  echo "$package ${version%%-*}"
}

status=0
# The parts of MKL that multiply, on GCC's OpenMP runtime.
mkl=()
for part in rt core gnu_thread intel_lp64 def mc3 avx2 avx512 avx10; do
  mkl+=("*/libmkl_$part.so.*")
done
fetch mkl "${mkl[@]}" || status=1
fetch scipy-openblas32 '*/libscipy_openblas.so' || status=1
# The package on GCC's OpenMP runtime; later ones need SYCL's.
fetch onednn-cpu-gomp '*/libdnnl.so.3' || status=1

cat <<EOF
To use them: sevenfold .. --library-path $folder/lib
(or LD_LIBRARY_PATH=$folder/lib for any program with compiled functions)
EOF
exit "$status"
