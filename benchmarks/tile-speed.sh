#!/usr/bin/env bash
# tile-speed.sh [LIST]: layers as tile operators, compiled, and timed by a second
# process beside the dense product with the same weight on every vendor library
# found, and on oneDNN with a weight that was packed before:
# results/tile-speed.json. Rows of LIST (default the four below) are ROWS
# INNER COLUMNS SAMPLE LABEL, SAMPLE being the rows that belong to one sample (0:
# all); some two minutes each; measure.sh has settings, and SEVENFOLD_TILE_RANKS,
# SEVENFOLD_TILE_LAYOUTS.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/measure.sh"
need_machine
folder=$work/tile-speed
mkdir -p "$folder"
(cd "$repository" && cmake --preset release >/dev/null && cmake --build \
  --preset release --target compiled-libraries normal-matrix) >&2
# Not there without oneDNN's headers.
(cd "$repository" && cmake --build --preset release --target packed-onednn) \
  >&2 || true

layers="4096 4096 4096 0 Llama-7B, query projection, 4096 tokens
2048 4096 11008 0 Llama-7B, MLP up, 2048 tokens
12544 256 768 196 T2T-ViT-7, query, key and value, 64 images
12544 256 512 196 T2T-ViT-7, MLP first, 64 images"
[ $# -gt 0 ] && layers=$(grep -v '^#' "$1")

files=()
while read -r rows inner columns sample label; do
  name=${rows}x${inner}x${columns}
  weight=$folder/$inner-$columns.npy
  model=$folder/$name.mlir
  [ -s "$weight" ] || "$bin/normal-matrix" "$inner" "$columns" 1 "$weight"
  "$repository/benchmarks/matmul-model.sh" "$name:f32" >"$model"
  dense=()
  for provider in $("$bin/sevenfold" device --json |
    jq -r '.[0].providers[].name'); do
    echo "{\"levels\":[],\"kernel\":{\"provider\":\"$provider\"}}" \
      >"$folder/$provider.json"
    "$bin/sevenfold" compile "$model" --weight "1=$weight" \
      --plan "$folder/$provider.json" -o "$folder/$provider.so" \
      2>"$folder/log" </dev/null
    dense+=("$folder/$provider.so")
  done
  for layout in ${SEVENFOLD_TILE_LAYOUTS:-blocks tiles}; do
    for rank in ${SEVENFOLD_TILE_RANKS:-24 32}; do
      file=$folder/$name-$layout-$rank.json
      files+=("$file")
      [ -s "$file" ] && continue
      tile=$folder/$inner-$columns-$sample-$layout-$rank.tile.json
      [ -s "$tile.fit" ] || "$bin/sevenfold" tile fit --weight "$weight" \
        --tile 4 --rank "$rank" --layout "$layout" --sample-rows "$sample" \
        --budget 20s --threads "$threads" --json -o "$tile" >"$tile.fit" \
        2>"$folder/log" </dev/null
      ours=()
      for library in "${dense[@]}"; do
        provider=$(basename "$library" .so)
        "$bin/sevenfold" compile "$model" --tile "1=$tile" \
          --max-relative-error 1 --plan "$folder/$provider.json" \
          -o "$folder/tile-$provider.so" 2>"$folder/log" </dev/null
        ours+=("$folder/tile-$provider.so")
      done
      echo "== $name, $layout, rank $rank ($label)" >&2
      # The operator on the library that is fastest for it goes first.
      best=${ours[0]}
      if [ "${#ours[@]}" -gt 1 ]; then
        OMP_NUM_THREADS=$threads "$bin/compiled-libraries" matmul "${ours[@]}" \
          --rounds 7 >"$folder/ours.json" </dev/null
        best=$folder/$(jq -r '.libraries | min_by(.median_s) | .library' \
          "$folder/ours.json").so
      fi
      packed=("$bin/packed-onednn.so")
      [ -e "${packed[0]}" ] || packed=()
      SEVENFOLD_PACKED_ROWS=$rows SEVENFOLD_PACKED_WEIGHT=$weight \
        OMP_NUM_THREADS=$threads "$bin/compiled-libraries" matmul "$best" \
        "${packed[@]}" "${dense[@]}" --rounds "$rounds" \
        >"$folder/timed.json" </dev/null
      jq -n --arg what "$label" --arg name "$name" --arg layout "$layout" \
        --argjson rank "$rank" --slurpfile fit "$tile.fit" \
        --slurpfile timed "$folder/timed.json" \
        '{what: $what, layer: $name, layout: $layout, rank: $rank,
          fit: ($fit[0][0] | del(.file)), timed: $timed[0]}' >"$file.part"
      mv "$file.part" "$file"
    done
  done
done <<<"$layers"
collect "$results/tile-speed.json" "${files[@]}"
jq -r '
  def places($n): . * pow(10; $n) | round / pow(10; $n) | tostring;
  "| layer | layout | rank | best library | tile operator | over the best " +
  "library (99 % bounds) | of the multiply-adds | relative error |",
  "|---|---|---|---|---|---|---|---|",
  (.workloads[] | .timed.libraries[0] as $ours |
    (.timed.libraries[1:] | min_by(.median_s)) as $best |
    "| \(.layer), \(.what) | \(.layout) | \(.rank) | \($best.library) " +
    "\($best.median_s * 1000 | places(1)) ms | " +
    "\($ours.median_s * 1000 | places(1)) ms | " +
    "\($best.over_first | places(2)) (\($best.low | places(2)) to " +
    "\($best.high | places(2))) | \(.fit.flops_ratio | places(3)) | " +
    "\(.fit.error_weights | places(3)) |")' "$results/tile-speed.json"
