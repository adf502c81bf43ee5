#!/usr/bin/env bash
# read-only.sh FOLDER INPUTS: mounts a read-only medium with a copy of t.db at
# FOLDER, in a namespace of its own, and uses it; see read-only.test.
set -euo pipefail
medium=$1 inputs=$2
mount -t tmpfs none "$medium"
cp t.db "$medium"
mount -o remount,ro "$medium"
sevenfold db list --db "$medium/t.db"
sevenfold db check --db "$medium/t.db"
XDG_DATA_HOME=$PWD/nobody sevenfold db list --system-db "$medium/t.db"
refuses=$inputs/refuses.sh
$refuses 'read-only|Read-only' \
  sevenfold db import "$inputs/record.jsonl" --db "$medium/t.db"
$refuses "cannot write to its folder '$medium': Read-only" \
  sevenfold db import "$inputs/record.jsonl" --db "$medium/new.db"
$refuses 'read-only|Read-only' sevenfold tune --matmul 64x64x64:f32 \
  --db "$medium/t.db"
$refuses 'new.db' sevenfold db prune --db "$medium/t.db" -o "$medium/new.db"
[ "$(ls "$medium")" = t.db ]
echo "everything was refused that would write"
