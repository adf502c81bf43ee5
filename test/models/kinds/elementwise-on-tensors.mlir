func.func @activations(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %z = arith.constant dense<0.0> : tensor<64x64xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>) outs(%z : tensor<64x64xf32>) -> tensor<64x64xf32>
  %1 = arith.maximumf %0, %z : tensor<64x64xf32>
  %2 = math.tanh %1 : tensor<64x64xf32>
  %3 = arith.addf %2, %x : tensor<64x64xf32>
  return %3 : tensor<64x64xf32>
}
