#!/usr/bin/env bash
# refuses.sh REGEX COMMAND..: the command must exit with 2, print nothing on
# stdout and exactly one line of error on stderr, the last one,
# that matches the regex.
set -uo pipefail
regex=$1
shift
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT
timeout 60 "$@" >"$out" 2>"$err" </dev/null
code=$?
complain() {
  echo "$1" >&2
  echo "exit code $code, stderr:" >&2
  cat "$err" >&2
  exit 1
}
[ "$code" -eq 2 ] || complain "expected exit code 2"
[ ! -s "$out" ] || complain "something was printed on stdout"
[ "$(grep -c -E '^sevenfold: ' "$err")" -eq 1 ] || complain "expected one line"
tail -n 1 "$err" | grep -qE "^sevenfold: .*($regex)" ||
  complain "expected a line that matches '$regex'"
