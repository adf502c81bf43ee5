#!/bin/sh
# budget.sh CHIP REGISTERS ARGUMENT..: compiles a model's kernels to PTX for the
# chip and assembles them; for each kernel of a product prints whether it keeps to
# so many registers, its spills, its shared memory, and how many tensor products
# its code has.
set -e
chip=$1
limit=$2
shift 2
. "$(dirname "$0")/assembling.sh"
assemble "$chip" "$@"
awk '/\.entry/ { match($0, /sevenfold_[a-z_0-9]*/); name = substr($0, RSTART, RLENGTH) }
  /mma\.sync/ { ++count[name] }
  END { for (name in count) print name, count[name] }' "$folder/code.ptx" > "$folder/mma"
awk -v limit="$limit" '
  FILENAME ~ /mma$/ { mma[$1] = $2; next }
  /Compiling entry function/ { split($0, quoted, "\047"); name = quoted[2] }
  /spill stores/ { match($0, /[0-9]+ bytes spill stores/); spills = substr($0, RSTART, RLENGTH) + 0
    match($0, /[0-9]+ bytes spill loads/); spills += substr($0, RSTART, RLENGTH) }
  /Used [0-9]+ registers/ && name ~ /product/ {
    match($0, /Used [0-9]+/); registers = substr($0, RSTART + 5, RLENGTH - 5) + 0
    shared = 0
    if (match($0, /[0-9]+ bytes smem/)) shared = substr($0, RSTART, RLENGTH) + 0
    printf "%s: %s, %d bytes spilled, %d bytes shared, %d mma\n", name,
      registers <= limit ? "registers within " limit : registers " registers, more than " limit,
      spills, shared, mma[name]
  }' "$folder/mma" "$folder/report"
