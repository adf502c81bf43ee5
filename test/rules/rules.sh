# Sourced by the rules: goes to the checkout that the first argument names.
# Complaints are counted, and `conclude SENTENCE` fails where there are any.
set -euo pipefail
cd "$1"
problems=0
complain() {
  echo "$1" >&2
  problems=$((problems + 1))
}
conclude() {
  if [ "$problems" -gt 0 ]; then
    echo "$problems problems" >&2
    exit 1
  fi
  echo "$1"
}
