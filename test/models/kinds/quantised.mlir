// i8 operands, i32 sums, a scale.
func.func @quantised(%x: tensor<32x64xi8>, %w: tensor<64x32xi8>, %scale: tensor<f32>) -> tensor<32x32xf32> {
  %zero = arith.constant dense<0> : tensor<32x32xi32>
  %p = linalg.matmul ins(%x, %w : tensor<32x64xi8>, tensor<64x32xi8>) outs(%zero : tensor<32x32xi32>) -> tensor<32x32xi32>
  %s = tensor.extract %scale[] : tensor<f32>
  %e = tensor.empty() : tensor<32x32xf32>
  %r = linalg.map ins(%p : tensor<32x32xi32>) outs(%e : tensor<32x32xf32>)
    (%a: i32, %o: f32) {
      %v = arith.sitofp %a : i32 to f32
      %m = arith.mulf %v, %s : f32
      linalg.yield %m : f32
    }
  return %r : tensor<32x32xf32>
}
