// Small products go to streams in turn and wait for what they need.
// RUN: sevenfold-opt %s --sevenfold-assign-streams=side-streams=2 -split-input-file | FileCheck %s
// RUN: sevenfold-opt %s --sevenfold-assign-streams=side-streams=0 -split-input-file | FileCheck %s --check-prefix=NONE
// RUN: sevenfold-opt %s --sevenfold-assign-streams=max-product-flops=1000 -split-input-file | FileCheck %s --check-prefix=NONE

// NONE-NOT: sevenfold.stream
// NONE-NOT: sevenfold_gpu_wait

// Four blocks of one matrix: independent, three streams, the fourth comes
// after the first where that runs.
// CHECK-LABEL: func @blocks
// CHECK: sevenfold.gemm
// CHECK-NOT: sevenfold.stream
// CHECK: call @sevenfold_gpu_wait(%{{.*}}, %{{.*}})
// CHECK: sevenfold.gemm {{.*}}sevenfold.stream = 1 : i32
// CHECK: call @sevenfold_gpu_wait
// CHECK: sevenfold.gemm {{.*}}sevenfold.stream = 2 : i32
// CHECK-NOT: call
// CHECK: sevenfold.gemm
// CHECK-NOT: sevenfold.stream
// The end waits for both.
// CHECK: call @sevenfold_gpu_wait
// CHECK: call @sevenfold_gpu_wait
// CHECK-NEXT: return
func.func @blocks(%a: memref<8x8xf32>, %b: memref<8x8xf32>, %c: memref<16x16xf32>) {
  %c00 = memref.subview %c[0, 0] [8, 8] [1, 1] : memref<16x16xf32> to memref<8x8xf32, strided<[16, 1]>>
  %c01 = memref.subview %c[0, 8] [8, 8] [1, 1] : memref<16x16xf32> to memref<8x8xf32, strided<[16, 1], offset: 8>>
  %c10 = memref.subview %c[8, 0] [8, 8] [1, 1] : memref<16x16xf32> to memref<8x8xf32, strided<[16, 1], offset: 128>>
  %c11 = memref.subview %c[8, 8] [8, 8] [1, 1] : memref<16x16xf32> to memref<8x8xf32, strided<[16, 1], offset: 136>>
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %b : memref<8x8xf32>, memref<8x8xf32>) outs(%c00 : memref<8x8xf32, strided<[16, 1]>>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %b : memref<8x8xf32>, memref<8x8xf32>) outs(%c01 : memref<8x8xf32, strided<[16, 1], offset: 8>>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %b : memref<8x8xf32>, memref<8x8xf32>) outs(%c10 : memref<8x8xf32, strided<[16, 1], offset: 128>>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %b : memref<8x8xf32>, memref<8x8xf32>) outs(%c11 : memref<8x8xf32, strided<[16, 1], offset: 136>>)
  return
}

// -----

// Products that add to one block stay on its stream, in order.
// CHECK-LABEL: func @chain
// CHECK-NOT: sevenfold.stream
// CHECK-NOT: call
// CHECK: return
func.func @chain(%a: memref<8x8xf32>, %b: memref<8x8xf32>, %c: memref<8x8xf32>) {
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %b : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%b, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  return
}

// -----

// Bytes of the workspace that are used again order what uses them: the third
// product overwrites what the second reads.
// CHECK-LABEL: func @reuse
// CHECK: sevenfold.gemm
// CHECK: call @sevenfold_gpu_wait(%[[ONE:.+]], %{{.*}})
// CHECK: sevenfold.gemm {{.*}}sevenfold.stream = 1 : i32
// CHECK-NOT: call
// CHECK: sevenfold.gemm {{.*}}sevenfold.stream = 1 : i32
func.func @reuse(%a: memref<8x8xf32>, %c: memref<8x8xf32>, %d: memref<8x8xf32>, %w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  %s = memref.view %w[%c0][] : memref<?xi8> to memref<8x8xf32>
  %t = memref.view %w[%c128][] : memref<?xi8> to memref<8x8xf32>
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%s, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%d : memref<8x8xf32>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%t : memref<8x8xf32>)
  return
}

// -----

// Nobody writes a constant: products that only read the same one, or another, do
// not wait for each other.
// CHECK-LABEL: func @constants
// CHECK: sevenfold.gemm
// CHECK-NOT: sevenfold.stream
// CHECK: call @sevenfold_gpu_wait
// CHECK: sevenfold.gemm {{.*}}sevenfold.stream = 1 : i32
memref.global "private" constant @weights : memref<8x8xf32> = dense<1.0>
func.func @constants(%a: memref<8x8xf32>, %c: memref<8x8xf32>, %d: memref<8x8xf32>) {
  %w = memref.get_global @weights : memref<8x8xf32>
  %v = memref.get_global @weights : memref<8x8xf32>
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%a, %w : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%a, %v : memref<8x8xf32>, memref<8x8xf32>) outs(%d : memref<8x8xf32>)
  return
}
