#!/usr/bin/env bash
# make-function-record.sh RECORD NAME HASH: a JSON line of a record of the
# function that is known as NAME and by HASH, with the verdict, plan and samples of
# a line that make-record.sh has made of its one product.
set -euo pipefail
record=$1 name=$2 hash=$3
plan=$(sed -E 's/.*"plan":(.*),"provenance".*/\1/' "$record")
schemes=$(sed -E 's/.*"scheme_hashes":"([^"]*)".*/\1/' "$record")
workload=$(sed -E 's/.*"workload":"([^"]*)".*/\1/' "$record")
[ -n "$schemes" ] || plan=null
product="{\"workload\":\"$workload\",\"plan\":$plan,\"scheme_hashes\":\"$schemes\"}"
choice="{\"name\":\"$name\",\"products\":[$product],\"provider\":\"onednn\""
choice="$choice,\"share_sums\":true,\"fold_weights\":0}"
sed -E \
  -e "s|\"workload\":\"[^\"]*\"|\"function\":\"$hash\"|" \
  -e 's/"scheme_hashes":"[^"]*",//' \
  -e "s|\"plan\":.*,\"provenance\"|\"choice\":$choice,\"provenance\"|" \
  "$record"
