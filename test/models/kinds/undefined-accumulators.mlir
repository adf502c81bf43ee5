// What a result adds to is not defined: no answer may depend on a buffer.
func.func @matmul(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %e = tensor.empty() : tensor<64x64xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
func.func @batch(%a: tensor<3x32x32xf32>, %b: tensor<3x32x32xf32>) -> tensor<3x32x32xf32> {
  %e = tensor.empty() : tensor<3x32x32xf32>
  %0 = linalg.batch_matmul ins(%a, %b : tensor<3x32x32xf32>, tensor<3x32x32xf32>) outs(%e : tensor<3x32x32xf32>) -> tensor<3x32x32xf32>
  return %0 : tensor<3x32x32xf32>
}
func.func @narrow(%a: tensor<32x32xbf16>, %b: tensor<32x32xbf16>) -> tensor<32x32xbf16> {
  %e = tensor.empty() : tensor<32x32xbf16>
  %0 = linalg.matmul ins(%a, %b : tensor<32x32xbf16>, tensor<32x32xbf16>) outs(%e : tensor<32x32xbf16>) -> tensor<32x32xbf16>
  return %0 : tensor<32x32xbf16>
}
func.func @sum(%a: tensor<64x64xf32>) -> tensor<64xf32> {
  %e = tensor.empty() : tensor<64xf32>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<64x64xf32>) outs(%e : tensor<64xf32>) dimensions = [1]
  return %0 : tensor<64xf32>
}
func.func @parts(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %e = tensor.empty() : tensor<64x64xf32>
  %r = scf.for %i = %c0 to %c64 step %c32 iter_args(%o = %e) -> tensor<64x64xf32> {
    %x = tensor.extract_slice %a[%i, 0] [32, 64] [1, 1] : tensor<64x64xf32> to tensor<32x64xf32>
    %s = tensor.extract_slice %o[%i, 0] [32, 64] [1, 1] : tensor<64x64xf32> to tensor<32x64xf32>
    %p = linalg.matmul ins(%x, %b : tensor<32x64xf32>, tensor<64x64xf32>) outs(%s : tensor<32x64xf32>) -> tensor<32x64xf32>
    %n = tensor.insert_slice %p into %o[%i, 0] [32, 64] [1, 1] : tensor<32x64xf32> into tensor<64x64xf32>
    scf.yield %n : tensor<64x64xf32>
  }
  return %r : tensor<64x64xf32>
}
func.func @nothing() -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  return %e : tensor<4xf32>
}
