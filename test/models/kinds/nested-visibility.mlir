// A function that only the module's parents see is nobody's from outside.
func.func nested @helper() {
  return
}
func.func @main(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  call @helper() : () -> ()
  return %a : tensor<4x4xf32>
}
