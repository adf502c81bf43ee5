#!/usr/bin/env bash
# Checks what no compiler does: the order of the folders, the head of every
# file, and its length. Usage: include-rules.sh SOURCE_FOLDER
. "$(dirname "${BASH_SOURCE[0]}")/rules.sh"

# The order of the folders is the one they are built in.
declare -A place
count=0
while read -r folder; do
  place[$folder]=$((++count))
done < <(sed -n 's/^add_subdirectory(\(.*\))$/\1/p' lib/CMakeLists.txt)
[ "$count" -gt 0 ] || complain "lib/CMakeLists.txt lists no folders"

# grep prints file:line:text of includes of our own headers.
includes=$(grep -rnE '^#include "sevenfold/' --include='*.h' --include='*.cpp' \
  lib include)
while IFS= read -r line; do
  file=${line%%:*}
  used=${line#*\"sevenfold/}
  used=${used%%/*}
  owner=${file#lib/}
  owner=${owner#include/sevenfold/}
  owner=${owner%%/*}
  if [ -z "${place[$owner]:-}" ]; then
    complain "$file: folder '$owner' is not in lib/CMakeLists.txt"
  elif [ -z "${place[$used]:-}" ]; then
    complain "$file: folder '$used' is not in lib/CMakeLists.txt"
  elif [ "${place[$used]}" -gt "${place[$owner]}" ]; then
    complain "$file: '$owner' uses '$used', which comes after it"
  fi
done <<<"$includes"

# forbid RULE REGEX FOLDER..: no file of the folders includes a match.
forbid() {
  local rule=$1 regex=$2 found
  shift 2
  local present=()
  for folder in "$@"; do
    [ -d "$folder" ] && present+=("$folder")
  done
  [ "${#present[@]}" -gt 0 ] || return 0
  if found=$(grep -rnE "^#include [<\"]($regex)" --include='*.h' \
    --include='*.cpp' --include='*.cu' "${present[@]}"); then
    complain "$rule:"$'\n'"$found"
  fi
}
forbid "lib never includes search or torch" 'search/|torch/|ATen/' \
  lib include
forbid "search never includes MLIR" 'mlir/|sevenfold/(Dialect|Transforms|Pipelines)/' \
  search
forbid "only search/Network/Torch and tools/torch see LibTorch" 'torch/|ATen/' \
  tools/{plugin,sevenfold,sevenfold-opt,sevenfold-runner} \
  search/{AlphaZero,Driver,FlipGraph,Frame,Game,Hardware,Lift,Mcts,Numeric,PlanGame,Random,Tile}
forbid "Support, Scheme, Plan and Database know no MLIR" 'mlir/' \
  {lib,include/sevenfold}/{Support,Scheme,Plan,Database}
forbid "the runtime knows neither LLVM nor MLIR nor the C++ library's streams" \
  'llvm/|mlir/|iostream|nlohmann/' lib/Runtime include/sevenfold/Runtime
forbid "the runner knows no LLVM" 'llvm/|mlir/' \
  lib/Measure/RunnerCore tools/sevenfold-runner
forbid "headers only forward-declare JSON" 'nlohmann/json.hpp' include

# A plan's limits go as one value (Plan/PlanLimits.h): nobody declares or copies
# one of them, but for the command line and tests.
if found=$(grep -rnE '(maxWorkspaceBytes|maxErrorGrowth) *(=|;)' include lib |
  grep -vE '^(include/sevenfold/Plan/PlanLimits.h|include/sevenfold/Driver/Driver.h|lib/Driver/Measuring.cpp|lib/Transforms/PlanPass.cpp|lib/Plan/Numerics.cpp|lib/Measure/RunnerCore/|lib/Tuning/Simulation.cpp|lib/Target/ModelBuilder.cpp)'); then
  complain "limits of plans are told once, in PlanLimits:"$'\n'"$found"
fi

# What differs between devices is a target's (Target/Target.h) or the device's
# own: nobody else asks which it is.
if found=$(grep -rnE --include='*.h' --include='*.cpp' \
  '^([^/]|/[^/])*(\bgpu\(\)|\bisGpu|listGpus|NvptxChip|"nvptx")' include lib |
  grep -vE '^(lib/Target/Nvptx/|lib/Measure/(Gpu)?Device\.cpp|lib/Measure/RunnerCore/Gpu|lib/Runtime/Gpu/|include/sevenfold/Measure/(Gpu|Device)\.h|lib/Transforms/)'); then
  complain "which device it is, is asked in lib/Target and lib/Measure:"$'\n'"$found"
fi

# Types of one name in two files are one type to the linker, and end in broken
# memory: those that no other file sees are in a namespace without a name. The
# runtime has a namespace of its own.
if found=$(find include lib search -name '*.h' -o -name '*.cpp' |
  grep -v '^lib/Runtime/' | sort | xargs awk '
  FNR == 1 { nameless = 0 }
  /^namespace \{/ { nameless = 1 }
  /^\} \/\/ namespace$/ { nameless = 0 }
  !nameless && /^(struct|class|enum class|enum) [A-Za-z0-9_:]+.*[{:]/ && !/;$/ {
    name = $2 == "class" ? $3 : $2
    sub(/:$/, "", name)
    if (name ~ /::/)
      next
    if (name in where && where[name] != FILENAME)
      print FILENAME ": " name " is in " where[name] " too"
    where[name] = FILENAME
  }' | grep .); then
  complain "a type is defined twice:"$'\n'"$found"
fi

# Every file opens with its name, the licence and its purpose. Comments of C++
# begin their lines with //, those of C with /* and |*.
licence=" SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
folders=()
for folder in include lib tools test search benchmarks; do
  [ -d "$folder" ] && folders+=("$folder")
done
mapfile -t sources < <(find "${folders[@]}" \
  -name '*.h' -o -name '*.cpp' -o -name '*.td' -o -name '*.cu' | sort)
[ "${#sources[@]}" -gt 0 ] || complain "there are no source files"
for file in "${sources[@]}"; do
  name=$(basename "$file")
  mapfile -t head -n 12 <"$file"
  case ${head[0]} in
  "//===- $name -"* | "/*===- $name -"*) ;;
  *) complain "$file:1: expected the line '//===- $name -...'" ;;
  esac
  case ${head[4]:-} in
  "//$licence" | "|*$licence") ;;
  *) complain "$file:5: expected the licence's SPDX line" ;;
  esac
  case ${head[8]:-} in
  "// "?* | "|* "?*) ;;
  *) complain "$file:9: expected a sentence of purpose" ;;
  esac
  lines=$(wc -l <"$file")
  [ "$lines" -le 700 ] || complain "$file: $lines lines, the limit is 700"
done

conclude "${#sources[@]} files keep the rules"
