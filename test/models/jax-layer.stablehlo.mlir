// A layer as JAX exports one: a product, a bias, an activation, and the scores of
// two heads, a product of a batch whose dimensions are not in order.

#loc1 = loc("x")
module @jit_layer attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<64x48xf32> loc("x"), %arg1: tensor<48x96xf32> {jax.arg_info = "a { in quotes"}, %arg2: tensor<96xf32>) -> (tensor<64x96xf32> {jax.result_info = "result[0]"}, tensor<2x64x64xf32>) {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32> loc(#loc1)
    // stablehlo.dot_general in a comment is none.
    %0 = stablehlo.dot_general %arg0, %arg1, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<64x48xf32>, tensor<48x96xf32>) -> tensor<64x96xf32> loc(#loc1)
    %1 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<96xf32>) -> tensor<64x96xf32>
    %2 = stablehlo.add %0, %1 : tensor<64x96xf32>
    %3 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<64x96xf32>
    %4 = stablehlo.maximum %2, %3 : tensor<64x96xf32>
    %5 = stablehlo.reshape %4 : (tensor<64x96xf32>) -> tensor<64x2x48xf32>
    %6 = stablehlo.dot_general %5, %5, batching_dims = [1] x [1], contracting_dims = [2] x [2] : (tensor<64x2x48xf32>, tensor<64x2x48xf32>) -> tensor<2x64x64xf32>
    %7 = call @unchanged(%4) : (tensor<64x96xf32>) -> tensor<64x96xf32>
    return %7, %6 : tensor<64x96xf32>, tensor<2x64x64xf32>
  }
  func.func private @unchanged(%arg0: tensor<64x96xf32>) -> tensor<64x96xf32> {
    return %arg0 : tensor<64x96xf32>
  }
}
#loc2 = loc("y")
