// The MLP block of a Llama model at a size for tests (hidden 64, intermediate
// 172, 32 tokens): down(silu(gate(x)) * up(x)), weights stored in x out.

#identity = affine_map<(d0, d1) -> (d0, d1)>

func.func @mlp(%x: tensor<32x64xf32>, %gate: tensor<64x172xf32>,
               %up: tensor<64x172xf32>, %down: tensor<172x64xf32>)
    -> tensor<32x64xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %inner = tensor.empty() : tensor<32x172xf32>
  %cleared = linalg.fill ins(%zero : f32) outs(%inner : tensor<32x172xf32>)
      -> tensor<32x172xf32>
  %gated = linalg.matmul
      ins(%x, %gate : tensor<32x64xf32>, tensor<64x172xf32>)
      outs(%cleared : tensor<32x172xf32>) -> tensor<32x172xf32>
  %upper = linalg.matmul
      ins(%x, %up : tensor<32x64xf32>, tensor<64x172xf32>)
      outs(%cleared : tensor<32x172xf32>) -> tensor<32x172xf32>
  %act = linalg.generic {
      indexing_maps = [#identity, #identity, #identity],
      iterator_types = ["parallel", "parallel"]}
      ins(%gated, %upper : tensor<32x172xf32>, tensor<32x172xf32>)
      outs(%inner : tensor<32x172xf32>) {
  ^bb0(%g: f32, %u: f32, %out: f32):
    %negated = arith.negf %g : f32
    %power = math.exp %negated : f32
    %denominator = arith.addf %power, %one : f32
    %silu = arith.divf %g, %denominator : f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> tensor<32x172xf32>
  %result = tensor.empty() : tensor<32x64xf32>
  %start = linalg.fill ins(%zero : f32) outs(%result : tensor<32x64xf32>)
      -> tensor<32x64xf32>
  %y = linalg.matmul
      ins(%act, %down : tensor<32x172xf32>, tensor<172x64xf32>)
      outs(%start : tensor<32x64xf32>) -> tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}
