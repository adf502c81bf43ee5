# Sourced by assemble.sh and budget.sh.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# assemble CHIP ARGUMENT..: compiles a model's kernels to PTX for the chip, and
# assembles them; leaves $folder/code.ptx and what ptxas says in $folder/report.
assemble() {
  chip=$1
  shift
  sevenfold compile "$@" --max-error-growth 100000 --device "nvptx:$chip" -o "$folder/code.ptx" \
    2> "$folder/log" || {
    cat "$folder/log"
    exit 1
  }
  if grep -q '\.local' "$folder/code.ptx"; then
    echo "local memory in PTX"
  fi
  ptxas -v -arch="$chip" "$folder/code.ptx" -o "$folder/code.cubin" 2> "$folder/report" || {
    cat "$folder/report"
    exit 1
  }
}
