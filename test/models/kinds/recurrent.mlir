// A recurrent cell over time: h = tanh(x[t] W + h R), all states kept.
func.func @cell(%x: tensor<5x16x32xf32>, %w: tensor<32x32xf32>, %r: tensor<32x32xf32>) -> (tensor<5x16x32xf32>, tensor<16x32xf32>) {
  %c0 = arith.constant 0 : index
  %c5 = arith.constant 5 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant dense<0.0> : tensor<16x32xf32>
  %all = tensor.empty() : tensor<5x16x32xf32>
  %s:2 = scf.for %t = %c0 to %c5 step %c1 iter_args(%h = %z, %o = %all) -> (tensor<16x32xf32>, tensor<5x16x32xf32>) {
    %xt = tensor.extract_slice %x[%t, 0, 0] [1, 16, 32] [1, 1, 1] : tensor<5x16x32xf32> to tensor<16x32xf32>
    %p = linalg.matmul ins(%xt, %w : tensor<16x32xf32>, tensor<32x32xf32>) outs(%z : tensor<16x32xf32>) -> tensor<16x32xf32>
    %q = linalg.matmul ins(%h, %r : tensor<16x32xf32>, tensor<32x32xf32>) outs(%p : tensor<16x32xf32>) -> tensor<16x32xf32>
    %n = math.tanh %q : tensor<16x32xf32>
    %i = tensor.insert_slice %n into %o[%t, 0, 0] [1, 16, 32] [1, 1, 1] : tensor<16x32xf32> into tensor<5x16x32xf32>
    scf.yield %n, %i : tensor<16x32xf32>, tensor<5x16x32xf32>
  }
  return %s#1, %s#0 : tensor<5x16x32xf32>, tensor<16x32xf32>
}
