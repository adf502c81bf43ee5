func.func @fma(%a: tensor<32x32xf32>, %b: tensor<32x32xf32>) -> tensor<32x32xf32> {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (k, j)>, affine_map<(i, j, k) -> (i, j)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%a, %b : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) {
  ^bb0(%x: f32, %y: f32, %c: f32):
    %r = math.fma %x, %y, %c : f32
    linalg.yield %r : f32
  } -> tensor<32x32xf32>
  return %0 : tensor<32x32xf32>
}
