// A buffer that the model allocates and gives back, and a large one on the stack.
func.func @main(%a: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %in = bufferization.to_buffer %a : tensor<64x64xf32> to memref<64x64xf32>
  %m = memref.alloc() : memref<64x64xf32>
  %s = memref.alloca() : memref<64x64xf32>
  memref.copy %in, %m : memref<64x64xf32> to memref<64x64xf32>
  memref.copy %m, %s : memref<64x64xf32> to memref<64x64xf32>
  %t = bufferization.to_tensor %s restrict : memref<64x64xf32> to tensor<64x64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>) -> tensor<64x64xf32>
  %r = linalg.matmul ins(%t, %a : tensor<64x64xf32>, tensor<64x64xf32>)
    outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  memref.dealloc %m : memref<64x64xf32>
  return %r : tensor<64x64xf32>
}
