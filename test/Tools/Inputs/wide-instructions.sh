#!/usr/bin/env bash
# wide-instructions.sh OBJECT: the functions of an x86-64 object that have AVX
# instructions, one a line.
objdump -d --no-show-raw-insn "$1" |
  awk '/^[0-9a-f]+ <.*>:/ {name = $2} /%[yz]mm|\tv[a-z]/ {print name}' | sort -u
