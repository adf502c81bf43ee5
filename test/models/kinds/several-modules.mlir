// Several parts in one file, private names among them alike.
func.func private @twice(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = arith.addf %x, %x : tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
func.func @first(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = func.call @twice(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
// -----
module {
  func.func private @twice(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = arith.mulf %x, %x : tensor<8x8xf32>
    return %0 : tensor<8x8xf32>
  }
  func.func @second(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
    %0 = func.call @twice(%x) : (tensor<8x8xf32>) -> tensor<8x8xf32>
    return %0 : tensor<8x8xf32>
  }
}
module @other {
  func.func @third(%x: tensor<16x16xf32>) -> tensor<16x16xf32> {
    %z = arith.constant dense<0.0> : tensor<16x16xf32>
    %0 = linalg.matmul ins(%x, %x : tensor<16x16xf32>, tensor<16x16xf32>) outs(%z : tensor<16x16xf32>) -> tensor<16x16xf32>
    return %0 : tensor<16x16xf32>
  }
}
