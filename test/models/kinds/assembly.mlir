// refused: inline assembly is not supported
func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  %x = llvm.inline_asm "movl $$1, $0", "=r" : () -> i32
  return %a : tensor<4xf32>
}
