#!/usr/bin/env bash
# measurement-trace.sh NAME [OPTION..]: what runs of one product take on this
# machine, one after the other, written to benchmarks/traces/NAME.json; options
# are those of measurement-trace. A quarter of an hour for a thousand runs at
# 4096^3 on two cores. Interrupted, it keeps what it has.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
name=${1:?"usage: measurement-trace.sh NAME [OPTION..]"}
shift
"$bin/measurement-trace" --threads "$threads" "$@" \
  "$repository/benchmarks/traces/$name.json"
