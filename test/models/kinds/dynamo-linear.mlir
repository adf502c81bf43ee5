// A linear layer as torch exports it: a global that nothing uses, a transposed
// weight as a generic, a splat accumulator, a broadcast bias.
#a = affine_map<(i, j) -> (i, j)>
#b = affine_map<(i, j) -> (j, i)>
#c = affine_map<(i, j) -> (j)>
module @linear {
  ml_program.global private mutable @global_seed(dense<0> : tensor<i64>) : tensor<i64>
  func.func @main(%x: tensor<32x64xf32>, %w: tensor<48x64xf32>, %bias: tensor<48xf32>) -> tensor<32x48xf32> {
    %zero = arith.constant dense<0.0> : tensor<32x48xf32>
    %e = tensor.empty() : tensor<64x48xf32>
    %t = linalg.generic {indexing_maps = [#b, #a], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<48x64xf32>) outs(%e : tensor<64x48xf32>) {
    ^bb0(%in: f32, %out: f32):
      linalg.yield %in : f32
    } -> tensor<64x48xf32>
    %p = linalg.matmul ins(%x, %t : tensor<32x64xf32>, tensor<64x48xf32>) outs(%zero : tensor<32x48xf32>) -> tensor<32x48xf32>
    %f = tensor.empty() : tensor<32x48xf32>
    %r = linalg.generic {indexing_maps = [#a, #c, #a], iterator_types = ["parallel", "parallel"]} ins(%p, %bias : tensor<32x48xf32>, tensor<48xf32>) outs(%f : tensor<32x48xf32>) {
    ^bb0(%in: f32, %in2: f32, %out: f32):
      %s = arith.addf %in, %in2 : f32
      linalg.yield %s : f32
    } -> tensor<32x48xf32>
    return %r : tensor<32x48xf32>
  }
}
