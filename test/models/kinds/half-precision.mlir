// Arithmetic on f16 around a product that ends in f16.
func.func @half(%x: tensor<32x32xf16>, %w: tensor<32x32xf16>, %b: tensor<32xf16>) -> tensor<32x32xf16> {
  %z = arith.constant dense<0.0> : tensor<32x32xf16>
  %e = tensor.empty() : tensor<32x32xf16>
  %0 = linalg.matmul ins(%x, %w : tensor<32x32xf16>, tensor<32x32xf16>) outs(%z : tensor<32x32xf16>) -> tensor<32x32xf16>
  %1 = linalg.broadcast ins(%b : tensor<32xf16>) outs(%e : tensor<32x32xf16>) dimensions = [0]
  %2 = arith.addf %0, %1 : tensor<32x32xf16>
  %3 = arith.maximumf %2, %z : tensor<32x32xf16>
  return %3 : tensor<32x32xf16>
}
