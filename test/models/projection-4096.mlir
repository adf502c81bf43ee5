// A square projection of a 4096-wide model on 4096 tokens. The weights are
// stored out x in, as checkpoints have them: B is transposed in the maps.

#input = affine_map<(m, n, k) -> (m, k)>
#weights = affine_map<(m, n, k) -> (n, k)>
#output = affine_map<(m, n, k) -> (m, n)>

func.func @projection(%x: tensor<4096x4096xf32>,
                      %weights: tensor<4096x4096xf32>)
    -> tensor<4096x4096xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4096x4096xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4096x4096xf32>)
      -> tensor<4096x4096xf32>
  %y = linalg.matmul indexing_maps = [#input, #weights, #output]
      ins(%x, %weights : tensor<4096x4096xf32>, tensor<4096x4096xf32>)
      outs(%start : tensor<4096x4096xf32>) -> tensor<4096x4096xf32>
  return %y : tensor<4096x4096xf32>
}
