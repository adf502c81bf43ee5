// Operands whose neighbours are apart in memory: every second column, and one of
// three interleaved matrices.
func.func @main(%a: tensor<128x128xf32>, %b: tensor<64x64x3xf32>) -> tensor<64x64xf32> {
  %x = tensor.extract_slice %a[0, 0] [64, 64] [2, 2]
    : tensor<128x128xf32> to tensor<64x64xf32>
  %y = tensor.extract_slice %b[0, 0, 1] [64, 64, 1] [1, 1, 1]
    : tensor<64x64x3xf32> to tensor<64x64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %r = linalg.matmul ins(%x, %y : tensor<64x64xf32>, tensor<64x64xf32>)
    outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}
