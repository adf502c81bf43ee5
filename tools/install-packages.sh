#!/usr/bin/env bash
# Installs the Debian 12 packages Sevenfold builds with, those that are missing.
#
#   tools/install-packages.sh             installs them
#   tools/install-packages.sh --missing   prints their names, a line each
#   tools/install-packages.sh --checks    and what tools/check.sh looks at code with
set -euo pipefail

packages=(
  # Compiler, build tools, linker driver of `sevenfold compile`.
  g++ cmake ninja-build ccache python3 jq
  # LLVM and MLIR 22 with their test tools.
  libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools libzstd-dev
  # What Sevenfold is written with.
  libsqlite3-dev libsqlitecpp-dev libcli11-dev libfmt-dev nlohmann-json3-dev
  zlib1g-dev libeigen3-dev
  # What it is tested and measured with.
  libgtest-dev libbenchmark-dev libblas-test python3-numpy
  # The vendor libraries it is compared with and calls.
  libopenblas-dev libdnnl-dev libblis-openmp-dev
  # What learns, and from what.
  libtorch-dev dataset-fashion-mnist
)
if [ "${1:-}" = --checks ]; then
  packages+=(clang-format python3-pip)
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [ "$status" = "ii " ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0
if [ "${1:-}" = --missing ]; then
  printf '%s\n' "${missing[@]}"
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "missing, and there is no apt-get: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "missing, and neither root nor sudo: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}"
