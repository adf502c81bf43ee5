#!/bin/sh
# assemble.sh CHIP ARGUMENT..: compiles a model's kernels to PTX for the chip and
# assembles them; prints what ptxas says of registers and spills.
set -e
. "$(dirname "$0")/assembling.sh"
assemble "$@"
grep -E 'spill|Used [0-9]+ registers' "$folder/report"
