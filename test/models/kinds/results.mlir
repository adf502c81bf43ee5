// Arguments and constants returned, a value returned twice.
func.func @returned(%x: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<2x2xf32>) {
  %z = arith.constant dense<0.0> : tensor<16x16xf32>
  %c = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = linalg.matmul ins(%x, %x : tensor<16x16xf32>, tensor<16x16xf32>) outs(%z : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %0, %x, %0, %c : tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>, tensor<2x2xf32>
}
