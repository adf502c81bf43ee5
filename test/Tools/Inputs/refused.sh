#!/usr/bin/env bash
# refused.sh REGEX BUNDLE: the runner must exit with 2 and one line on stderr
# that matches the regex, and write no results.
regex=$1 bundle=$2
out=$(timeout 60 "$bundle/bin/sevenfold-runner" "$bundle" 2>&1 </dev/null)
code=$?
if [ "$code" -ne 2 ] || [ "$(wc -l <<<"$out")" -ne 1 ] ||
  ! grep -qE "^sevenfold-runner: .*($regex)" <<<"$out" ||
  [ -e "$bundle/results.json" ]; then
  echo "exit code $code, expected 2 and a line that matches '$regex': $out" >&2
  exit 1
fi
