// Blocks and branches, as compilers of scripts emit them.
func.func @branch(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>, %p: tensor<i1>) -> tensor<32x32xf32> {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %b = tensor.extract %p[] : tensor<i1>
  cf.cond_br %b, ^bb1, ^bb2
^bb1:
  %0 = linalg.matmul ins(%x, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
  cf.br ^bb3(%0 : tensor<32x32xf32>)
^bb2:
  cf.br ^bb3(%x : tensor<32x32xf32>)
^bb3(%r: tensor<32x32xf32>):
  return %r : tensor<32x32xf32>
}
