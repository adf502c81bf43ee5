// The host's side of GPU code: calls of the runtime, and entry points that take
// device pointers.
// RUN: sevenfold-opt %s --convert-sevenfold-to-gpu-runtime -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

// CHECK: llvm.mlir.global external constant @sevenfold_gpu_image()
// CHECK: llvm.mlir.global internal constant @kernel.negate("negate\00")
// CHECK-LABEL: llvm.func internal @f_body(
// CHECK: llvm.call @sevenfold_gpu_copy_rows(
// CHECK-SAME: (i32, !llvm.ptr, i64, !llvm.ptr, i64, i64, i64) -> ()
// CHECK: llvm.call @sevenfold_gpu_launch(
// CHECK-SAME: (!llvm.ptr, i32, i64, i64, i64, i32, i32, i32, i32, !llvm.ptr) -> ()
// CHECK: llvm.call @sevenfold_gpu_gemm(
// CHECK-SAME: (i32, i32, i32, i32, i32, i64, i64, i64, f64, !llvm.ptr, i64, !llvm.ptr, i64, f64, !llvm.ptr, i64) -> ()
// The kernels are left for another code generator.
// CHECK: gpu.module @sevenfold_kernels
// CHECK-LABEL: llvm.func @f(%arg0: !llvm.ptr, %arg1: !llvm.ptr) -> i32
// CHECK-SAME: sevenfold.workspace_bytes = 4096
// CHECK-DAG: llvm.call @sevenfold_gpu_call_begin(%{{.*}}) : (!llvm.ptr, i64, i64, i32) -> !llvm.ptr
// CHECK-DAG: llvm.call @f_body(
// CHECK-DAG: llvm.call @sevenfold_gpu_call_end() : () -> i32
module attributes {gpu.container_module} {
  func.func @f(%a: memref<8x8xf32>, %b: memref<8x8xf32>, %w: memref<?xi8>)
      attributes {sevenfold.workspace_bytes = 4096 : i64} {
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    memref.copy %a, %b : memref<8x8xf32> to memref<8x8xf32>
    gpu.launch_func @sevenfold_kernels::@negate blocks in (%c1, %c1, %c1)
      threads in (%c64, %c1, %c1) args(%b : memref<8x8xf32>)
    sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
      ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%b : memref<8x8xf32>)
      {sevenfold.stream = 2 : i32}
    return
  }
  gpu.module @sevenfold_kernels {
    gpu.func @negate(%b: memref<8x8xf32>) kernel {
      gpu.return
    }
  }
}

// -----

// A constant is the library's; what is used is the device's copy of it.
// CHECK: llvm.mlir.global private constant @weights
// CHECK-LABEL: llvm.func internal @constant_body(
// CHECK: %[[DATA:.+]] = llvm.mlir.addressof @weights
// CHECK: %[[BYTES:.+]] = llvm.mlir.constant(32 : i64)
// CHECK: %[[COPY:.+]] = llvm.call @sevenfold_gpu_constant(%[[DATA]], %[[BYTES]]) : (!llvm.ptr, i64) -> !llvm.ptr
// CHECK: llvm.insertvalue %[[COPY]], %{{.*}}[1]
// CHECK: llvm.call @sevenfold_gpu_copy_rows(
memref.global "private" constant @weights : memref<2x4xf32> = dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]>
func.func @constant(%b: memref<2x4xf32>) {
  %0 = memref.get_global @weights : memref<2x4xf32>
  memref.copy %0, %b : memref<2x4xf32> to memref<2x4xf32>
  return
}

// -----

// @negative_provider
func.func @negative_provider(%a: memref<8x8xf32>, %b: memref<8x8xf32>) {
  // expected-error @below {{failed to legalize}}
  // expected-error @below {{expected provider 'cublaslt' on a GPU but got 'openblas'}}
  sevenfold.gemm "openblas" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%b : memref<8x8xf32>)
  return
}

// -----

// @negative_integers
func.func @negative_integers(%a: memref<8x8xi32>, %b: memref<8x8xi32>) {
  // expected-error @below {{failed to legalize}}
  // expected-error @below {{no library multiplies 'i32' on a GPU}}
  sevenfold.gemm "codegen" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<8x8xi32>, memref<8x8xi32>) outs(%b : memref<8x8xi32>)
  return
}
