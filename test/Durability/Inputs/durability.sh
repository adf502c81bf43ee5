#!/usr/bin/env bash
# Kills tuners, fills their disk and runs two at once; see durability.test.
# Usage: durability.sh FOLDER RECORD, the latter a JSON line of a record.
set -uo pipefail
folder=$1 record=$2
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder" || exit 1

fail() {
  echo "FAILED: $*"
  exit 1
}
clean() {
  sevenfold db check --db "$1" >check.txt 2>&1 || {
    cat check.txt
    fail "$2: the database is not clean"
  }
}
# The records of a database as their ids.
ids() {
  sevenfold db export - --db "$1" | grep -oE '"id": ?"[0-9a-f]+"' | sort
}
# Whether a runner of tuner $1 is alive: runners name their parent.
runner_of() {
  local file
  for file in /proc/[0-9]*/cmdline; do
    tr '\0' ' ' <"$file" 2>/dev/null |
      grep -q "sevenfold-runner --parent $1 " && return 0
  done
  return 1
}

# A database with a record in it, whatever the machine's noise lets be recorded
# later on.
sevenfold db import "$record" --db t.db >import.log ||
  fail "import: $(cat import.log)"
clean t.db "import"
ids t.db >ids.txt
[ -s ids.txt ] || fail "nothing was recorded"

# Killed at moments from the probe to the end.
for moment in 0.2 0.9 1.8 3.1 4.5; do
  sevenfold tune --matmul 256x256x256:f32 --matmul 200x200x200:f32 \
    --budget 5s --db t.db >killed.log 2>&1 &
  tuner=$!
  sleep "$moment"
  kill -9 "$tuner" 2>/dev/null
  wait "$tuner" 2>/dev/null
  sleep 0.3
  runner_of "$tuner" && fail "a runner survived its tuner, killed at $moment s"
  clean t.db "killed at $moment s"
  ids t.db >now.txt
  comm -23 ids.txt now.txt | grep -q . &&
    fail "a record went away with a tuner killed at $moment s"
  cp now.txt ids.txt
done
echo "killed tuners: database clean, no runner left"
echo "records before: $(wc -l <ids.txt)"

# No file can grow any more: what is written fails, what was written stays. The
# limit is the size of the database; a block of `ulimit -f` is 1024 bytes.
blocks=$((($(stat -c %s t.db) + 1023) / 1024))
(
  ulimit -f "$blocks"
  trap '' XFSZ
  exec sevenfold tune --matmul 192x192x192:f32 --budget 4s --db t.db
) >full.log 2>&1
[ $? -ge 128 ] && fail "the full disk killed the tuner: $(tail -n 1 full.log)"
clean t.db "full disk"
ids t.db >now.txt
comm -23 ids.txt now.txt | grep -q . && fail "a record went with the full disk"
(
  ulimit -f 8
  trap '' XFSZ
  sevenfold db import "$record" --db small.db
) >small.log 2>&1
[ $? -eq 2 ] || fail "an import on a full disk: $(cat small.log)"
sevenfold db import "$record" --db small.db >small.log 2>&1 ||
  fail "an import after the disk was full: $(cat small.log)"
clean small.db "import after a full disk"
echo "full disk: database clean, records kept"

pids=()
# Two at once take turns on the machine and share the database.
for size in 160 224; do
  sevenfold tune --matmul ${size}x${size}x${size}:f32 --budget 5s --db t.db \
    >"two-$size.log" 2>&1 &
  pids+=($!)
done
for pid in "${pids[@]}"; do
  wait "$pid"
  code=$?
  [ "$code" -le 1 ] || fail "one of two tuners exited with $code: $(cat two-*.log)"
done
clean t.db "two tuners"
cp now.txt ids.txt
ids t.db >now.txt
comm -23 ids.txt now.txt | grep -q . && fail "a record went with two tuners"
echo "two tuners: database clean"
