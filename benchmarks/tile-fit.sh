#!/usr/bin/env bash
# What tile operators miss of random data, by rank and by where the search starts:
# results/tile-fit.json. SEVENFOLD_TILE_BUDGET (60s) for each fit, of which there
# are SEVENFOLD_TILE_SEEDS (5) for each rank and start; measure.sh has settings.
# Where SEVENFOLD_REFERENCE_SCHEMES names a folder of published schemes, that of rank
# 48 is the user's in one more start, "scheme-48".
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
budget=${SEVENFOLD_TILE_BUDGET:-60s}
seeds=${SEVENFOLD_TILE_SEEDS:-5}
folder=$work/tile-fit
mkdir -p "$folder"
(cd "$repository" && cmake --preset release >/dev/null &&
  cmake --build --preset release --target normal-matrix) >&2
"$bin/normal-matrix" 256 256 1 "$folder/w.npy"

reference=4x4x4-r48-q.json known=
[ -e "${SEVENFOLD_REFERENCE_SCHEMES:-}/$reference" ] && known=scheme-48
files=()
for rank in ${SEVENFOLD_TILE_RANKS:-16 24 32 40 48}; do
  for start in ${SEVENFOLD_TILE_INITS:-scheme random $known}; do
    init=${start%-48}
    home=$folder/${start}-home
    mkdir -p "$home/sevenfold/schemes"
    [ "$start" = "$init" ] ||
      cp "$SEVENFOLD_REFERENCE_SCHEMES/$reference" "$home/sevenfold/schemes/"
    for ((seed = 1; seed <= seeds; ++seed)); do
      file=$folder/$rank-$start-$seed.json
      files+=("$file")
      [ -s "$file" ] && continue
      XDG_DATA_HOME=$home "$bin/sevenfold" tile fit --weight "$folder/w.npy" --tile 4 \
        --rank "$rank" --init "$init" --seed "$seed" --budget "$budget" \
        --threads "$threads" --json -o "$folder/$rank-$start-$seed.tile.json" \
        2>"$folder/log" | jq --argjson seed "$seed" --arg start "$start" \
        '.[0] + {init: $start, seed: $seed} | del(.file)' >"$file.part"
      mv "$file.part" "$file"
      jq -r '"rank \(.rank) \(.init) \(.seed): \(.squared_error)"' "$file" >&2
    done
  done
done
collect "$results/tile-fit.json" "${files[@]}"
jq -r '
  def places($n): . * pow(10; $n) | round / pow(10; $n) | tostring;
  "| rank | start | squared error, median of seeds (least to most) | growth |",
  "|---|---|---|---|",
  (.workloads | group_by([.rank, .init])[] | sort_by(.squared_error) |
    "| \(.[0].rank) | \(.[0].init) | " +
    "\(.[length / 2 | floor].squared_error | places(4)) " +
    "(\(.[0].squared_error | places(4)) to " +
    "\(.[-1].squared_error | places(4))) | \(.[0].growth | places(1)) |")
  ' "$results/tile-fit.json"
