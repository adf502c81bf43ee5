#!/usr/bin/env bash
# full-disk.sh FOLDER INPUTS: mounts a medium without room at FOLDER, in a
# namespace of its own, and writes to it; see full-disk.test.
set -euo pipefail
medium=$1 inputs=$2
mount -t tmpfs -o size=256k none "$medium"
cp t.db "$medium"
head -c 1000000 /dev/zero >"$medium/filler" 2>/dev/null || true
refuses=$inputs/refuses.sh
$refuses "database '$medium/new.db': the disk is full" \
  sevenfold db import "$inputs/record.jsonl" --db "$medium/new.db"
$refuses "database '$medium/t.db': the disk is full" \
  sevenfold db import "$inputs/record.jsonl" --db "$medium/t.db"
$refuses 'No space left' sevenfold db export "$medium/x.jsonl" --db t.db
rm "$medium/filler"
sevenfold db list --db "$medium/t.db"
echo "everything was refused for want of room"
