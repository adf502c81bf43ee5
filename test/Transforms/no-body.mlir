// Passes that look into every function refuse one without a body.
// RUN: split-file %s %t
// RUN: not sevenfold-opt %t/ranked.mlir --sevenfold-bufferize 2>&1 | FileCheck %s
// RUN: not sevenfold-opt %t/unranked.mlir --sevenfold-bufferize 2>&1 | FileCheck %s
// RUN: not sevenfold-opt %t/buffers.mlir --sevenfold-assign-workspace 2>&1 | FileCheck %s
// CHECK: :1:1: error: 'func.func' op has no body

//--- ranked.mlir
func.func private @show(tensor<4x4xf32>)
func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  call @show(%x) : (tensor<4x4xf32>) -> ()
  return %x : tensor<4x4xf32>
}
//--- unranked.mlir
func.func private @show(tensor<*xf32>)
func.func @main(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %u = tensor.cast %x : tensor<4x4xf32> to tensor<*xf32>
  call @show(%u) : (tensor<*xf32>) -> ()
  return %x : tensor<4x4xf32>
}
//--- buffers.mlir
func.func private @show(memref<4x4xf32>)
func.func @main(%x: memref<4x4xf32>) {
  call @show(%x) : (memref<4x4xf32>) -> ()
  return
}
