#!/usr/bin/env bash
# Looks at how code is written:
#
#   tools/lint.sh                clang-format over everything
#   tools/lint.sh --tidy [BASE]  and clang-tidy over the sources that differ from
#                                BASE (default HEAD~1), by the commands of
#                                build/release; seconds each without MLIR's
#                                headers, far longer with them
#
# Version 14 of both, as Debian 12 has them: others break lines elsewhere.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t files < <(find include lib tools search test benchmarks \
  -name '*.cpp' -o -name '*.h' -o -name '*.cu' | sort)
clang-format --dry-run -Werror "${files[@]}"
echo "${#files[@]} files are formatted"
[ "${1:-}" = --tidy ] || exit 0

# GCC's compiled headers are of no use to Clang, which reads their texts instead.
commands=build/tidy
mkdir -p "$commands"
sed -E -e 's/-include [^ ]*cmake_pch.hxx//g' -e 's/-fpch-preprocess//g' -e 's/-Winvalid-pch//g' -e 's/-fopenmp//g' \
  build/release/compile_commands.json >"$commands/compile_commands.json"
mapfile -t changed < <(git diff --name-only --diff-filter=d "${2:-HEAD~1}" -- \
  'lib/*.cpp' 'search/*.cpp' 'tools/*.cpp')
[ "${#changed[@]}" -gt 0 ] || exit 0
clang-tidy --quiet --warnings-as-errors='*' -p "$commands" "${changed[@]}"
