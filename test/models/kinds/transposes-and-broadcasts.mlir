#id = affine_map<(i, j) -> (i, j)>
#tr = affine_map<(i, j) -> (j, i)>
func.func @generic(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %e = tensor.empty() : tensor<64x64xf32>
  %t = linalg.generic {indexing_maps = [#tr, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<64x64xf32>
  %0 = linalg.matmul ins(%x, %t : tensor<64x64xf32>, tensor<64x64xf32>) outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @batch_of_one(%x: tensor<64x64xf32>, %w: tensor<1x64x64xf32>, %c: tensor<1x64x64xf32>) -> tensor<1x64x64xf32> {
  %e = tensor.empty() : tensor<1x64x64xf32>
  %t = linalg.transpose ins(%w : tensor<1x64x64xf32>) outs(%e : tensor<1x64x64xf32>) permutation = [0, 2, 1]
  %y = tensor.expand_shape %x [[0, 1], [2]] output_shape [1, 64, 64] : tensor<64x64xf32> into tensor<1x64x64xf32>
  %0 = linalg.batch_matmul ins(%y, %t : tensor<1x64x64xf32>, tensor<1x64x64xf32>) outs(%c : tensor<1x64x64xf32>) -> tensor<1x64x64xf32>
  return %0 : tensor<1x64x64xf32>
}
func.func @shared_weight(%x: tensor<8x32x64xf32>, %w: tensor<64x64xf32>, %c: tensor<8x32x64xf32>) -> tensor<8x32x64xf32> {
  %e = tensor.empty() : tensor<8x64x64xf32>
  %b = linalg.broadcast ins(%w : tensor<64x64xf32>) outs(%e : tensor<8x64x64xf32>) dimensions = [0]
  %0 = linalg.batch_matmul ins(%x, %b : tensor<8x32x64xf32>, tensor<8x64x64xf32>) outs(%c : tensor<8x32x64xf32>) -> tensor<8x32x64xf32>
  return %0 : tensor<8x32x64xf32>
}
func.func @shared_input(%x: tensor<32x64xf32>, %w: tensor<4x64x16xf32>) -> tensor<4x32x16xf32> {
  %z = arith.constant dense<0.0> : tensor<4x32x16xf32>
  %e = tensor.empty() : tensor<4x32x64xf32>
  %b = linalg.broadcast ins(%x : tensor<32x64xf32>) outs(%e : tensor<4x32x64xf32>) dimensions = [0]
  %0 = linalg.batch_matmul ins(%b, %w : tensor<4x32x64xf32>, tensor<4x64x16xf32>) outs(%z : tensor<4x32x16xf32>) -> tensor<4x32x16xf32>
  return %0 : tensor<4x32x16xf32>
}
