// The MLP of a block of TinyLlama-1.1B on 1024 tokens: gate and up share their
// input.

#identity = affine_map<(d0, d1) -> (d0, d1)>

func.func @mlp(%x: tensor<1024x2048xf32>, %gate: tensor<2048x5632xf32>,
               %up: tensor<2048x5632xf32>, %down: tensor<5632x2048xf32>)
    -> tensor<1024x2048xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %inner = tensor.empty() : tensor<1024x5632xf32>
  %cleared = linalg.fill ins(%zero : f32) outs(%inner : tensor<1024x5632xf32>)
      -> tensor<1024x5632xf32>
  %gated = linalg.matmul
      ins(%x, %gate : tensor<1024x2048xf32>, tensor<2048x5632xf32>)
      outs(%cleared : tensor<1024x5632xf32>) -> tensor<1024x5632xf32>
  %upper = linalg.matmul
      ins(%x, %up : tensor<1024x2048xf32>, tensor<2048x5632xf32>)
      outs(%cleared : tensor<1024x5632xf32>) -> tensor<1024x5632xf32>
  %act = linalg.generic {
      indexing_maps = [#identity, #identity, #identity],
      iterator_types = ["parallel", "parallel"]}
      ins(%gated, %upper : tensor<1024x5632xf32>, tensor<1024x5632xf32>)
      outs(%inner : tensor<1024x5632xf32>) {
  ^bb0(%g: f32, %u: f32, %out: f32):
    %negated = arith.negf %g : f32
    %power = math.exp %negated : f32
    %denominator = arith.addf %power, %one : f32
    %silu = arith.divf %g, %denominator : f32
    %product = arith.mulf %silu, %u : f32
    linalg.yield %product : f32
  } -> tensor<1024x5632xf32>
  %result = tensor.empty() : tensor<1024x2048xf32>
  %start = linalg.fill ins(%zero : f32) outs(%result : tensor<1024x2048xf32>)
      -> tensor<1024x2048xf32>
  %y = linalg.matmul
      ins(%act, %down : tensor<1024x5632xf32>, tensor<5632x2048xf32>)
      outs(%start : tensor<1024x2048xf32>) -> tensor<1024x2048xf32>
  return %y : tensor<1024x2048xf32>
}
