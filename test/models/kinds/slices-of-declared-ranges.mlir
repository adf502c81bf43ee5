func.func @rows(%a: tensor<100x64xf32>, %b: tensor<64x96xf32>, %c: tensor<100x96xf32>) -> tensor<100x96xf32> {
  %c0 = arith.constant 0 : index
  %c100 = arith.constant 100 : index
  %c32 = arith.constant 32 : index
  %r = scf.for %i = %c0 to %c100 step %c32 iter_args(%acc = %c) -> (tensor<100x96xf32>) {
    %size = affine.min affine_map<(d0) -> (32, -d0 + 100)>(%i)
    %sa = tensor.extract_slice %a[%i, 0] [%size, 64] [1, 1] : tensor<100x64xf32> to tensor<?x64xf32>
    %sc = tensor.extract_slice %acc[%i, 0] [%size, 96] [1, 1] : tensor<100x96xf32> to tensor<?x96xf32>
    %m = linalg.matmul {sevenfold.ranges = array<i64: 1, 32, 96, 96, 64, 64>} ins(%sa, %b : tensor<?x64xf32>, tensor<64x96xf32>) outs(%sc : tensor<?x96xf32>) -> tensor<?x96xf32>
    %n = tensor.insert_slice %m into %acc[%i, 0] [%size, 96] [1, 1] : tensor<?x96xf32> into tensor<100x96xf32>
    scf.yield %n : tensor<100x96xf32>
  }
  return %r : tensor<100x96xf32>
}
