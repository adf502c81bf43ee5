#!/usr/bin/env bash
# Fetches PJRT plugins from PyPI, by the hashes of python-free-configs/pjrt/
# plugins.json, to where 'sevenfold --device pjrt:NAME' looks for them.
#
# Usage: fetch-pjrt-plugins.sh [--into FOLDER] [NAME..]
#   FOLDER  default: lib/pjrt of build/release
#   NAME    default: cpu cpu-0.81, XLA's CPU compiler of two PJRT versions
#           (63 MB each); tpu is Google's, under the Google Cloud Platform Terms
#           of Service, which whoever names it accepts
# Needs python3 with pip, and jq. What is there already is left alone.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
into=$root/build/release/lib/pjrt
if [ "${1:-}" = --into ]; then
  into=${2:?"expected a folder behind --into"}
  shift 2
fi
[ $# -gt 0 ] || set -- cpu cpu-0.81
config=$root/python-free-configs/pjrt/plugins.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$into"
for name in "$@"; do
  entry=$(jq -e --arg name "$name" '.plugins[] | select(.name == $name)' \
    "$config") || {
    echo "fetch-pjrt-plugins.sh: there is no plugin '$name' in $config" >&2
    exit 2
  }
  [ ! -e "$into/$name.so" ] || continue
  hash=$(jq -r '.sha256 // empty' <<<"$entry")
  if [ -z "$hash" ]; then
    echo "fetch-pjrt-plugins.sh: no hash is known of '$name'; fetch" \
      "$(jq -r .package <<<"$entry") yourself and name its file" >&2
    exit 2
  fi
  echo "$name: $(jq -r '"\(.package), \(.licence)"' <<<"$entry")"
  echo "$(jq -r .package <<<"$entry") --hash=sha256:$hash" >"$work/wanted.txt"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$work/$name" -r "$work/wanted.txt"
  library=$(jq -r .library <<<"$entry")
  python3 -m zipfile -e "$work/$name"/*.whl "$work/$name"
  mv "$work/$name/$library" "$into/$name.so.part"
  mv "$into/$name.so.part" "$into/$name.so"
done
