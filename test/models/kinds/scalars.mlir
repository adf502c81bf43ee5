// Scalars come and go by pointers, between a model's functions by value.
func.func @scaled(%x: tensor<16x16xf32>, %s: f32) -> (tensor<16x16xf32>, f32) {
  %e = tensor.empty() : tensor<16x16xf32>
  %f = linalg.fill ins(%s : f32) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %0 = linalg.matmul ins(%x, %x : tensor<16x16xf32>, tensor<16x16xf32>) outs(%f : tensor<16x16xf32>) -> tensor<16x16xf32>
  %t = arith.addf %s, %s : f32
  return %0, %t : tensor<16x16xf32>, f32
}
func.func @twice(%x: tensor<16x16xf32>, %s: f32) -> (tensor<16x16xf32>, f32) {
  %0, %1 = func.call @scaled(%x, %s) : (tensor<16x16xf32>, f32) -> (tensor<16x16xf32>, f32)
  %2, %3 = func.call @scaled(%0, %1) : (tensor<16x16xf32>, f32) -> (tensor<16x16xf32>, f32)
  return %2, %3 : tensor<16x16xf32>, f32
}
func.func @counted(%n: index, %on: i1, %m: i64) -> (index, i64) {
  %one = arith.constant 1 : index
  %0 = arith.addi %n, %one : index
  %1 = arith.select %on, %m, %m : i64
  return %0, %1 : index, i64
}
