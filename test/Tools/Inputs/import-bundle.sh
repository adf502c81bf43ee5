#!/usr/bin/env bash
# import-bundle.sh BUNDLE INPUTS: imports a measured bundle of one workload, and
# sees that damaged results are refused and change nothing.
set -euo pipefail
bundle=$1 inputs=$2
refuses=$inputs/refuses.sh
sevenfold db import "$bundle" --db t.db >imported.txt
grep -q '1 of 1 workloads were measured' imported.txt
sevenfold db check --db t.db
sevenfold db import "$bundle/results.json" --db t.db | grep -q '^0 added'
sevenfold db export before.jsonl --db t.db

# The target is this machine: what was recorded is what a query finds, unless
# the machine was too noisy to say anything.
sevenfold db list --db t.db --json >list.json
if grep -qE '"verdict": "(plan|baseline)"' list.json; then
  sevenfold db explain --matmul 256x256x256:f32 --db t.db |
    grep -q 'from the user database'
fi

# Cut off, changed, of another bundle, of a bundle that was changed.
mkdir damaged
cp "$bundle/bundle.json" damaged
head -c 200 "$bundle/results.json" >damaged/results.json
$refuses 'damaged/results.json' sevenfold db import damaged --db t.db
sed 's/"candidate":0/"candidate":1/' "$bundle/results.json" \
  >damaged/results.json
$refuses 'changed after it was written' sevenfold db import damaged --db t.db
echo '{"format":"sevenfold-results/2"}' >damaged/results.json
$refuses 'sha256' sevenfold db import damaged/results.json --db t.db
cp "$bundle/results.json" damaged
echo >>damaged/bundle.json
$refuses 'not results of the bundle' sevenfold db import damaged --db t.db
rm damaged/bundle.json
$refuses 'damaged/bundle.json' sevenfold db import damaged --db t.db
sevenfold db export after.jsonl --db t.db
cmp before.jsonl after.jsonl

# The runner does not write over results that are not its own either.
cp -r "$bundle" foreign
sed -i 's/"threads":[0-9]*/"threads":77/' foreign/results.json
cp foreign/results.json kept.json
foreign/bin/sevenfold-runner foreign 2>foreign.err && exit 1
grep -q 'was changed after it was written' foreign.err
cmp kept.json foreign/results.json
