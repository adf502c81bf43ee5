# Of every innermost loop with many multiplications in a disassembly of
# `objdump -d --no-show-raw-insn`: how many there are, and how many vectors are
# read from the stack or written to it.
#
#   loop: 56 zmm, 0 spilled
BEGIN { count = 0 }
/^[0-9a-f]+ </ { count = 0; last = 0; next }
/^ +[0-9a-f]+:/ {
  address = $1
  sub(":", "", address)
  line[++count] = $0
  at[address] = count
  if ($2 !~ /^j/ || !($3 in at) || at[$3] < last)
    next
  # A jump back, past no other one: an innermost loop.
  last = count
  products = spilled = 0
  kind = ""
  for (i = at[$3]; i <= count; ++i) {
    if (line[i] ~ /\(%rsp/ && line[i] ~ /%[xyz]mm/)
      ++spilled
    if (line[i] ~ /\tv(fmadd[0-9]*p[sd]|pmulld)/) {
      ++products
      register = line[i] ~ /%zmm/ ? "zmm" : line[i] ~ /%ymm/ ? "ymm" : "xmm"
      kind = kind == "" || kind == register ? register : "mixed"
    }
  }
  if (products >= 20)
    print "loop: " products " " kind ", " spilled " spilled"
}
