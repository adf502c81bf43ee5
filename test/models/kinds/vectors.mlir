// Products with vectors, which stay what they are.
func.func @matvec(%a: tensor<32x16xf32>, %x: tensor<16xf32>, %y: tensor<32xf32>) -> (tensor<32xf32>, tensor<16xf32>, tensor<f32>) {
  %z = arith.constant dense<0.0> : tensor<32xf32>
  %0 = linalg.matvec ins(%a, %x : tensor<32x16xf32>, tensor<16xf32>) outs(%z : tensor<32xf32>) -> tensor<32xf32>
  %z1 = arith.constant dense<0.0> : tensor<16xf32>
  %1 = linalg.vecmat ins(%y, %a : tensor<32xf32>, tensor<32x16xf32>) outs(%z1 : tensor<16xf32>) -> tensor<16xf32>
  %z2 = arith.constant dense<0.0> : tensor<f32>
  %2 = linalg.dot ins(%x, %1 : tensor<16xf32>, tensor<16xf32>) outs(%z2 : tensor<f32>) -> tensor<f32>
  return %0, %1, %2 : tensor<32xf32>, tensor<16xf32>, tensor<f32>
}
