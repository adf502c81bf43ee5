// Products in the tiles of a parallel loop, in place and with temporaries.
func.func @inplace(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %r = scf.forall (%i) = (0) to (64) step (16) shared_outs(%o = %c) -> tensor<64x64xf32> {
    %a = tensor.extract_slice %x[%i, 0] [16, 64] [1, 1] : tensor<64x64xf32> to tensor<16x64xf32>
    %s = tensor.extract_slice %o[%i, 0] [16, 64] [1, 1] : tensor<64x64xf32> to tensor<16x64xf32>
    %0 = linalg.matmul ins(%a, %w : tensor<16x64xf32>, tensor<64x64xf32>) outs(%s : tensor<16x64xf32>) -> tensor<16x64xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %0 into %o[%i, 0] [16, 64] [1, 1] : tensor<16x64xf32> into tensor<64x64xf32> }
  }
  return %r : tensor<64x64xf32>
}
func.func @temporary(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %e = tensor.empty() : tensor<64x64xf32>
  %z = arith.constant 0.0 : f32
  %r = scf.forall (%i) = (0) to (64) step (16) shared_outs(%o = %e) -> tensor<64x64xf32> {
    %a = tensor.extract_slice %x[%i, 0] [16, 64] [1, 1] : tensor<64x64xf32> to tensor<16x64xf32>
    %t = tensor.empty() : tensor<16x64xf32>
    %f = linalg.fill ins(%z : f32) outs(%t : tensor<16x64xf32>) -> tensor<16x64xf32>
    %0 = linalg.matmul ins(%a, %w : tensor<16x64xf32>, tensor<64x64xf32>) outs(%f : tensor<16x64xf32>) -> tensor<16x64xf32>
    %1 = linalg.matmul ins(%0, %w : tensor<16x64xf32>, tensor<64x64xf32>) outs(%f : tensor<16x64xf32>) -> tensor<16x64xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %1 into %o[%i, 0] [16, 64] [1, 1] : tensor<16x64xf32> into tensor<64x64xf32> }
  }
  return %r : tensor<64x64xf32>
}
