// A product in a branch; an argument in the other.
func.func @either(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %p: tensor<i1>) -> tensor<64x64xf32> {
  %z = arith.constant 0.0 : f32
  %b = tensor.extract %p[] : tensor<i1>
  %r = scf.if %b -> tensor<64x64xf32> {
    %e = tensor.empty() : tensor<64x64xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
    %0 = linalg.matmul ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>) outs(%f : tensor<64x64xf32>) -> tensor<64x64xf32>
    scf.yield %0 : tensor<64x64xf32>
  } else {
    scf.yield %x : tensor<64x64xf32>
  }
  return %r : tensor<64x64xf32>
}
func.func @both(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>, %p: tensor<i1>) -> (tensor<32x32xf32>, tensor<32x32xf32>) {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %b = tensor.extract %p[] : tensor<i1>
  %r:2 = scf.if %b -> (tensor<32x32xf32>, tensor<32x32xf32>) {
    %0 = linalg.matmul ins(%x, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
    scf.yield %0, %0 : tensor<32x32xf32>, tensor<32x32xf32>
  } else {
    %0 = linalg.matmul ins(%w, %x : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
    scf.yield %0, %x : tensor<32x32xf32>, tensor<32x32xf32>
  }
  return %r#0, %r#1 : tensor<32x32xf32>, tensor<32x32xf32>
}
func.func @looped(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>, %p: tensor<4xi1>) -> tensor<32x32xf32> {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%y = %x) -> tensor<32x32xf32> {
    %b = tensor.extract %p[%i] : tensor<4xi1>
    %s = scf.if %b -> tensor<32x32xf32> {
      %0 = linalg.matmul ins(%y, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
      scf.yield %0 : tensor<32x32xf32>
    } else {
      scf.yield %y : tensor<32x32xf32>
    }
    scf.yield %s : tensor<32x32xf32>
  }
  return %r : tensor<32x32xf32>
}
