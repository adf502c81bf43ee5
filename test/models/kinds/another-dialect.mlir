// refused: 'tosa.add': run --tosa-to-linalg-named
func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = tosa.add %x, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
