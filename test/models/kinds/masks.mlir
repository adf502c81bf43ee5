// Masked scores: a boolean tensor, a softmax, a second product.
func.func @masked(%q: tensor<16x32xf32>, %k: tensor<16x32xf32>, %v: tensor<16x32xf32>, %mask: tensor<16x16xi1>) -> tensor<16x32xf32> {
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  %low = arith.constant dense<-1.0e9> : tensor<16x16xf32>
  %s = linalg.matmul indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>] ins(%q, %k : tensor<16x32xf32>, tensor<16x32xf32>) outs(%zero : tensor<16x16xf32>) -> tensor<16x16xf32>
  %m = arith.select %mask, %s, %low : tensor<16x16xi1>, tensor<16x16xf32>
  %e = tensor.empty() : tensor<16x16xf32>
  %p = linalg.softmax dimension(1) ins(%m : tensor<16x16xf32>) outs(%e : tensor<16x16xf32>) -> tensor<16x16xf32>
  %z = arith.constant dense<0.0> : tensor<16x32xf32>
  %o = linalg.matmul ins(%p, %v : tensor<16x16xf32>, tensor<16x32xf32>) outs(%z : tensor<16x32xf32>) -> tensor<16x32xf32>
  return %o : tensor<16x32xf32>
}
