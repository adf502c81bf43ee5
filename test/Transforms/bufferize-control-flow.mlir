// RUN: sevenfold-opt %s --sevenfold-bufferize --canonicalize | FileCheck %s

// What an iteration hands on lies in one place, the result's.

// CHECK-LABEL: func @carried
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<8x8xf32>) {
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK: linalg.matmul {{.*}}ins(%[[OUT]]
// CHECK: linalg.copy {{.*}} outs(%[[OUT]]
// CHECK-NOT: copy
// CHECK: return
func.func @carried(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>, %n: index) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> tensor<8x8xf32> {
    %e = tensor.empty() : tensor<8x8xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
    %0 = linalg.matmul ins(%y, %w : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
    scf.yield %0 : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}

// A branch computes into the place of its result, without a copy.

// CHECK-LABEL: func @branch
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<8x8xf32>) {
// CHECK: scf.if
// CHECK: linalg.matmul {{.*}} outs(%[[OUT]] : memref<8x8xf32
// CHECK-NOT: copy
// CHECK: } else {
// CHECK: linalg.copy {{.*}} outs(%[[OUT]]
// CHECK-NOT: copy
// CHECK: return
func.func @branch(%x: tensor<8x8xf32>, %w: tensor<8x8xf32>, %p: i1) -> tensor<8x8xf32> {
  %z = arith.constant 0.0 : f32
  %r = scf.if %p -> tensor<8x8xf32> {
    %e = tensor.empty() : tensor<8x8xf32>
    %f = linalg.fill ins(%z : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
    %0 = linalg.matmul ins(%x, %w : tensor<8x8xf32>, tensor<8x8xf32>) outs(%f : tensor<8x8xf32>) -> tensor<8x8xf32>
    scf.yield %0 : tensor<8x8xf32>
  } else {
    scf.yield %x : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}
