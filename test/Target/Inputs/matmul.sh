#!/bin/sh
# matmul.sh MxKxN:TYPE FILE: writes the module of one matmul.
dims=${1%:*}
type=${1#*:}
m=${dims%%x*}
n=${dims##*x}
k=${dims#*x}
k=${k%x*}
sed -e "s/@M@/$m/g" -e "s/@K@/$k/g" -e "s/@N@/$n/g" -e "s/@TYPE@/$type/g" \
  "$(dirname "$0")/matmul.mlir.in" > "$2"
