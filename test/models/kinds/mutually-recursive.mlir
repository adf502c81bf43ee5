// refused: is recursive
func.func private @odd(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = call @even(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func private @even(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = call @odd(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
  %r = call @odd(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
