// Rows of a table by ids of 64 bits, then a product; ids of 16 bits and index.
func.func @embed(%ids: tensor<16xi64>, %table: tensor<100x64xf32>, %w: tensor<64x64xf32>) -> tensor<16x64xf32> {
  %c0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x64xf32>
  %x = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%ids : tensor<16xi64>) outs(%e : tensor<16x64xf32>) {
  ^bb0(%id: i64, %o: f32):
    %i = arith.index_cast %id : i64 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %table[%i, %j] : tensor<100x64xf32>
    linalg.yield %v : f32
  } -> tensor<16x64xf32>
  %f = linalg.fill ins(%c0 : f32) outs(%e : tensor<16x64xf32>) -> tensor<16x64xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<16x64xf32>, tensor<64x64xf32>) outs(%f : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
func.func @widen(%ids: tensor<16xi16>) -> tensor<16xi64> {
  %0 = arith.extsi %ids : tensor<16xi16> to tensor<16xi64>
  return %0 : tensor<16xi64>
}
func.func @places(%ids: tensor<8xindex>, %mask: tensor<8xi1>) -> (tensor<8xindex>, tensor<8xi1>) {
  %one = arith.constant 1 : index
  %s = tensor.splat %one : tensor<8xindex>
  %0 = arith.addi %ids, %s : tensor<8xindex>
  %n = arith.constant dense<true> : tensor<8xi1>
  %1 = arith.xori %mask, %n : tensor<8xi1>
  return %0, %1 : tensor<8xindex>, tensor<8xi1>
}
