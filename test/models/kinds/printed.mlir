// refused: 'vector.print': vectors are not supported
func.func @main(%x: tensor<16x16xf32>) -> tensor<16x16xf32> {
  %c = arith.constant 0 : index
  %v = tensor.extract %x[%c, %c] : tensor<16x16xf32>
  vector.print %v : f32
  return %x : tensor<16x16xf32>
}
