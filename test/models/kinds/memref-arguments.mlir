// Buffers of the caller, which a function may write to.
func.func @into(%x: memref<32x32xf32>, %w: memref<32x32xf32>, %y: memref<32x32xf32>) {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%y : memref<32x32xf32>)
  linalg.matmul ins(%x, %w : memref<32x32xf32>, memref<32x32xf32>) outs(%y : memref<32x32xf32>)
  return
}
func.func @mixed(%x: tensor<32x32xf32>, %w: memref<32x32xf32>) -> tensor<32x32xf32> {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %t = bufferization.to_tensor %w restrict : memref<32x32xf32> to tensor<32x32xf32>
  %0 = linalg.matmul ins(%x, %t : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
  return %0 : tensor<32x32xf32>
}
