// A product of three matrices each.
func.func @matmul(%a: tensor<3x256x256xf32>, %b: tensor<3x256x256xf32>) -> tensor<3x256x256xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<3x256x256xf32>
  %c = linalg.fill ins(%zero : f32) outs(%empty : tensor<3x256x256xf32>) -> tensor<3x256x256xf32>
  %r = linalg.batch_matmul ins(%a, %b : tensor<3x256x256xf32>, tensor<3x256x256xf32>) outs(%c : tensor<3x256x256xf32>) -> tensor<3x256x256xf32>
  return %r : tensor<3x256x256xf32>
}
