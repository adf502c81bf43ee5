// What is left becomes LLVM and calls of the runtime, behind a C entry point.
// RUN: sevenfold-opt %s --convert-sevenfold-to-runtime \
// RUN:   --reconcile-unrealized-casts --canonicalize | FileCheck %s

// The body: a provider by number, leading dimensions, alpha and beta.
// CHECK-LABEL: llvm.func internal @multiply_body(
// CHECK-DAG: %[[ONEDNN:.+]] = llvm.mlir.constant(2 : i32)
// CHECK-DAG: %[[NO:.+]] = llvm.mlir.constant(0 : i32)
// CHECK-DAG: %[[YES:.+]] = llvm.mlir.constant(1 : i32)
// CHECK-DAG: %[[M:.+]] = llvm.mlir.constant(64 : i64)
// CHECK-DAG: %[[N:.+]] = llvm.mlir.constant(48 : i64)
// CHECK-DAG: %[[K:.+]] = llvm.mlir.constant(32 : i64)
// CHECK: llvm.call @sevenfold_gemm_f32(%[[ONEDNN]], %[[NO]], %[[YES]], %[[M]], %[[N]], %[[K]],
// CHECK: llvm.call @sevenfold_parallel_for(

// The entry: null is refused before anything runs, the workspace is taken and
// given back, and the first error is the result.
// CHECK-LABEL: llvm.func @multiply(
// CHECK-SAME: %[[A:.+]]: !llvm.ptr, %[[B:.+]]: !llvm.ptr, %[[C:.+]]: !llvm.ptr) -> i32
// CHECK-DAG: %[[NULL_ARGUMENT:.+]] = llvm.mlir.constant(-5 : i32)
// CHECK-DAG: %[[BYTES:.+]] = llvm.mlir.constant(4096 : i64)
// CHECK: llvm.icmp "eq" %[[A]]
// CHECK: llvm.icmp "eq" %[[B]]
// CHECK: llvm.icmp "eq" %[[C]]
// CHECK: llvm.return %[[NULL_ARGUMENT]] : i32
// CHECK: %[[W:.+]] = llvm.call @sevenfold_call_begin(%[[BYTES]])
// CHECK: llvm.call @multiply_body(
// CHECK: %[[STATUS:.+]] = llvm.call @sevenfold_call_end() : () -> i32
// CHECK: llvm.return %[[STATUS]] : i32
func.func @multiply(%a: memref<64x32xf32>, %b: memref<48x32xf32>,
                    %c: memref<64x48xf32>, %w: memref<?xi8>)
    attributes {sevenfold.workspace_bytes = 4096 : i64} {
  sevenfold.gemm "onednn" alpha = 1.0, beta = 0.0
    ins(%a, transposed %b : memref<64x32xf32>, memref<48x32xf32>)
    outs(%c : memref<64x48xf32>)
  %n = arith.constant 7 : index
  sevenfold.parallel @body count %n (%a : memref<64x32xf32>)
  return
}
func.func private @body(%i: index, %j: index, %a: memref<64x32xf32>) {
  return
}
