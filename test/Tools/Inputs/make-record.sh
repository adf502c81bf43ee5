#!/usr/bin/env bash
# make-record.sh RECORD DATE [MANIFEST]: a JSON line of a record that is usable
# here, made of one of another machine; of the plan 2x2x2-r7 where the manifest
# of a compilation with it is given. It has no id: import gives it one.
set -euo pipefail
record=$1 date=$2 manifest=${3:-}
root=$(dirname "$0")/../../..
codegen=$(sed -nE 's/.*kCodegenVersion = "(.*)";/\1/p' \
  "$root/include/sevenfold/Tuning/Validity.h")
protocol=$(sed -nE 's/.*kProtocolVersion = "(.*)";/\1/p' \
  "$root/include/sevenfold/Measure/RunnerCore.h")
device=$(sevenfold device --json 2>/dev/null | tr -d '\n')
fingerprint=$(sed -E 's/.*"fingerprint": "([^"]*)".*/\1/' <<<"$device")
threads=$(sed -E 's/.*"threads": ([0-9]+).*/\1/' <<<"$device")
onednn=$(grep -oE '\{[^{}]*"name": "onednn"[^{}]*\}' <<<"$device" |
  sed -E 's/.*"version": "([^"]*)".*/\1/')
line=$(sed -E \
  -e 's/"id":"[0-9a-f]+",//' \
  -e "s|\"hardware\":\"[^\"]*\"|\"hardware\":\"$fingerprint\"|" \
  -e "s|\"threads\":[0-9]+|\"threads\":$threads|" \
  -e "s|\"codegen\":\"[^\"]*\"|\"codegen\":\"$codegen\"|" \
  -e "s|\"protocol\":\"[^\"]*\"|\"protocol\":\"$protocol\"|" \
  -e "s|\"provider:onednn\":\"[^\"]*\"|\"provider:onednn\":\"$onednn\"|" \
  -e "s|\"date\":\"[^\"]*\"|\"date\":\"$date\"|" "$record")
if [ -n "$manifest" ]; then
  hash=$(tr -d ' \n' <"$manifest" |
    sed -E 's/.*"scheme_hashes":\["([0-9a-f]{64})".*/\1/')
  samples=$(printf '0.011,%.0s' {1..14})0.011
  line=$(sed -E \
    -e 's|"levels":\[\]|"levels":[{"scheme":"2x2x2-r7","execution":"breadth"}]|' \
    -e 's|"verdict":"baseline"|"verdict":"plan"|' \
    -e "s|\"scheme_hashes\":\"\"|\"scheme_hashes\":\"$hash\"|" \
    -e "s|\"baseline_s\":\[\]|\"baseline_s\":[$samples]|" \
    -e "s|\"planned_s\":\[\]|\"planned_s\":[${samples//0.011/0.010}]|" \
    -e 's|"error_bound":[^,]*|"error_bound":1e-4|' \
    -e 's/"(speedup|speedup_low|speedup_high)":1\.0/"\1":1.1/g' <<<"$line")
fi
echo "$line"
