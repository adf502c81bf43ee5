// Edges that cut off: up by two rows, and one row less.
func.func @shifted(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %p = tensor.pad %a low[0, -2] high[0, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x8xf32> to tensor<8x8xf32>
  return %p : tensor<8x8xf32>
}
func.func @cut(%a: tensor<8x8xf32>) -> tensor<7x8xf32> {
  %zero = arith.constant 0.0 : f32
  %p = tensor.pad %a low[-1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<8x8xf32> to tensor<7x8xf32>
  return %p : tensor<7x8xf32>
}
