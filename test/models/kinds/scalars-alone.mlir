// Numbers in and out, and no tensor anywhere.
func.func @main(%a: f32, %b: i64) -> (f32, i64) {
  %c = arith.addf %a, %a : f32
  return %c, %b : f32, i64
}
