// Results become trailing arguments; inputs are never written; private levels
// take any strided view and update their destination in place.
// RUN: sevenfold-opt %s --sevenfold-bufferize --canonicalize --cse --canonicalize \
// RUN:   | FileCheck %s --implicit-check-not=bufferization.

// CHECK-LABEL: func @overwrite
// CHECK-SAME: (%[[A:.+]]: memref<4x4xf32>, %[[R:.+]]: memref<4x2xf32>)
// CHECK-NOT: memref.copy
// CHECK: sevenfold.combine {{.*}} ins(%[[A]] grid [2, 2] : memref<4x4xf32>) outs(%[[R]] grid [2, 1] : memref<4x2xf32>)
// CHECK-NEXT: return
func.func @overwrite(%a: tensor<4x4xf32>) -> tensor<4x2xf32> {
  %e = tensor.empty() : tensor<4x2xf32>
  %0 = sevenfold.combine coefficients [[1, 0, 0, 1], [0, 1, 1, 0]]
         ins(%a grid [2, 2] : tensor<4x4xf32>)
         outs(%e grid [2, 1] : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// A C caller's C is an input: it is copied once, then added to.
// CHECK-LABEL: func @accumulate
// CHECK-SAME: (%[[P:.+]]: memref<2x2xf32>, %[[C:.+]]: memref<4x2xf32>, %[[R:.+]]: memref<4x2xf32>)
// CHECK: memref.copy %[[C]], %[[R]]
// CHECK-NEXT: sevenfold.combine {{.*}} accumulate ins(%[[P]] {{.*}} outs(%[[R]]
// CHECK-NOT: memref.copy
// CHECK: return
func.func @accumulate(%p: tensor<2x2xf32>, %c: tensor<4x2xf32>)
    -> tensor<4x2xf32> {
  %0 = sevenfold.combine coefficients [[1], [-1]] accumulate
         ins(%p grid [1, 1] : tensor<2x2xf32>)
         outs(%c grid [2, 1] : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// CHECK-LABEL: func private @level
// CHECK-SAME: (%[[A:.+]]: memref<2x2xf32, strided<[?, 1], offset: ?>>, %[[C:.+]]: memref<2x2xf32, strided<[?, 1], offset: ?>>) {
// CHECK-NEXT: linalg.matmul ins(%[[A]], %[[A]] : {{.*}} outs(%[[C]]
// CHECK-NEXT: return
func.func private @level(%a: tensor<2x2xf32>, %c: tensor<2x2xf32>)
    -> tensor<2x2xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<2x2xf32>, tensor<2x2xf32>)
                     outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// Views of blocks go to the level as they are, whatever their strides.
// CHECK-LABEL: func @caller
// CHECK-NOT: memref.copy
// CHECK: %[[V:.+]] = memref.subview %{{.+}}[0, 2] [2, 2]
// CHECK-NOT: memref.copy
// CHECK: call @level
func.func @caller(%a: tensor<4x4xf32>) -> tensor<2x2xf32> {
  %zero = arith.constant 0.0 : f32
  %v = tensor.extract_slice %a[0, 2] [2, 2] [1, 1]
         : tensor<4x4xf32> to tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x2xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>)
         -> tensor<2x2xf32>
  %0 = func.call @level(%v, %c)
         : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// Two results never share a buffer, even where they are equal.
// CHECK-LABEL: func @two_fills
// CHECK-SAME: (%[[R0:.+]]: memref<2x2xf32>, %[[R1:.+]]: memref<2x2xf32>)
// CHECK-DAG: linalg.fill {{.*}} outs(%[[R0]]
// CHECK-DAG: linalg.fill {{.*}} outs(%[[R1]]
func.func @two_fills() -> (tensor<2x2xf32>, tensor<2x2xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<2x2xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<2x2xf32>)
         -> tensor<2x2xf32>
  %d = linalg.fill ins(%one : f32) outs(%e : tensor<2x2xf32>)
         -> tensor<2x2xf32>
  return %c, %d : tensor<2x2xf32>, tensor<2x2xf32>
}

// A level that stands before the one it calls returns nothing either.
// CHECK-LABEL: func.func private @outer_level
// CHECK-SAME:    memref<4x4xf32, strided<[?, 1], offset: ?>>) {
// CHECK:         call @inner_level(%{{.*}}) : (memref<4x4xf32, strided<[?, 1], offset: ?>>) -> ()
// CHECK:         return
func.func private @outer_level(%c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %r = call @inner_level(%c) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
func.func private @inner_level(%c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %one = arith.constant 1.0 : f32
  %r = linalg.fill ins(%one : f32) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
func.func @calls_levels() -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  %r = call @outer_level(%e) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
