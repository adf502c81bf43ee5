// refused: sizes are beyond all memory
func.func @main(%a: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %e = tensor.empty() : tensor<4294967296x4294967296xf32>
  %s = tensor.extract_slice %e[0, 0] [1, 2] [1, 1]
    : tensor<4294967296x4294967296xf32> to tensor<1x2xf32>
  %r = linalg.add ins(%a, %s : tensor<1x2xf32>, tensor<1x2xf32>)
    outs(%a : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
