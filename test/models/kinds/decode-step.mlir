// One token: its keys go into a cache at a position, and it attends to all.
func.func @step(%x: tensor<1x64xf32>, %wk: tensor<64x64xf32>, %cache: tensor<16x64xf32>, %position: tensor<i64>) -> (tensor<1x16xf32>, tensor<16x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x64xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x64xf32>) -> tensor<1x64xf32>
  %k = linalg.matmul ins(%x, %wk : tensor<1x64xf32>, tensor<64x64xf32>) outs(%f : tensor<1x64xf32>) -> tensor<1x64xf32>
  %p64 = tensor.extract %position[] : tensor<i64>
  %p = arith.index_cast %p64 : i64 to index
  %next = tensor.insert_slice %k into %cache[%p, 0] [1, 64] [1, 1] : tensor<1x64xf32> into tensor<16x64xf32>
  %e2 = tensor.empty() : tensor<1x16xf32>
  %f2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<1x16xf32>) -> tensor<1x16xf32>
  %s = linalg.matmul indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>] ins(%x, %next : tensor<1x64xf32>, tensor<16x64xf32>) outs(%f2 : tensor<1x16xf32>) -> tensor<1x16xf32>
  return %s, %next : tensor<1x16xf32>, tensor<16x64xf32>
}
