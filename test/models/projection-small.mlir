// A projection at a size for tests: 96 tokens, 128 to 80 channels. The weights
// are stored out x in, as checkpoints have them: B is transposed in the maps.

#input = affine_map<(m, n, k) -> (m, k)>
#weights = affine_map<(m, n, k) -> (n, k)>
#output = affine_map<(m, n, k) -> (m, n)>

func.func @projection(%x: tensor<96x128xf32>,
                      %weights: tensor<80x128xf32>)
    -> tensor<96x80xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<96x80xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<96x80xf32>)
      -> tensor<96x80xf32>
  %y = linalg.matmul indexing_maps = [#input, #weights, #output]
      ins(%x, %weights : tensor<96x128xf32>, tensor<80x128xf32>)
      outs(%start : tensor<96x80xf32>) -> tensor<96x80xf32>
  return %y : tensor<96x80xf32>
}
