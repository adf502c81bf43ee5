func.func @inside(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %z = arith.constant 0.0 : f32
  %c = arith.constant 64 : index
  %d = tensor.cast %x : tensor<64x64xf32> to tensor<?x64xf32>
  %e = tensor.empty(%c) : tensor<?x64xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x64xf32>) -> tensor<?x64xf32>
  %0 = linalg.matmul ins(%d, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%f : tensor<?x64xf32>) -> tensor<?x64xf32>
  %r = tensor.cast %0 : tensor<?x64xf32> to tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
