func.func @rows(%x: tensor<64x64xf32>, %i: tensor<8x1xi32>) -> tensor<8x64xf32> {
  %j = arith.index_cast %i : tensor<8x1xi32> to tensor<8x1xindex>
  %r = tensor.gather %x[%j] gather_dims([0]) : (tensor<64x64xf32>, tensor<8x1xindex>) -> tensor<8x64xf32>
  return %r : tensor<8x64xf32>
}
func.func @columns(%x: tensor<16x64xf32>, %i: tensor<2x3x1xi64>) -> tensor<2x3x16x1xf32> {
  %r = tensor.gather %x[%i] gather_dims([1]) : (tensor<16x64xf32>, tensor<2x3x1xi64>) -> tensor<2x3x16x1xf32>
  return %r : tensor<2x3x16x1xf32>
}
func.func @elements(%x: tensor<16x64xf32>, %i: tensor<5x2xindex>) -> tensor<5xf32> {
  %r = tensor.gather %x[%i] gather_dims([0, 1]) unique : (tensor<16x64xf32>, tensor<5x2xindex>) -> tensor<5xf32>
  return %r : tensor<5xf32>
}
