// Two parts: what one defines the other only declares.
func.func @scaled(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %r = linalg.add ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
    outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
// -----
func.func private @scaled(tensor<4x4xf32>) -> tensor<4x4xf32>
func.func @main(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = call @scaled(%a) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
