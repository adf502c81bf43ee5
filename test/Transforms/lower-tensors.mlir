// RUN: sevenfold-opt %s --sevenfold-lower-tensors | FileCheck %s

// CHECK-LABEL: func @elementwise
// CHECK-NOT: arith.addf %{{.*}} : tensor
// CHECK: linalg.generic
// CHECK: arith.addf %{{.*}} : f32
func.func @elementwise(%a: tensor<8xf32>) -> tensor<8xf32> {
  %0 = arith.addf %a, %a : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: func @gather
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<64x32xf32>, %[[I:[a-z0-9]+]]: tensor<5x1xindex>
// CHECK: linalg.generic
// CHECK: %[[ROW:.*]] = linalg.index 0
// CHECK: %[[AT:.*]] = tensor.extract %[[I]][%[[ROW]],
// CHECK: %[[COLUMN:.*]] = linalg.index 1
// CHECK: tensor.extract %[[X]][%[[AT]], %[[COLUMN]]]
func.func @gather(%x: tensor<64x32xf32>, %i: tensor<5x1xindex>) -> tensor<5x32xf32> {
  %r = tensor.gather %x[%i] gather_dims([0]) : (tensor<64x32xf32>, tensor<5x1xindex>) -> tensor<5x32xf32>
  return %r : tensor<5x32xf32>
}

// CHECK-LABEL: func @softmax
// CHECK-NOT: linalg.softmax
// CHECK: math.exp
func.func @softmax(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.softmax dimension(1) ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: func @concat
// CHECK-NOT: tensor.concat
// CHECK-COUNT-2: tensor.insert_slice
func.func @concat(%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) -> tensor<8x8xf32> {
  %0 = tensor.concat dim(0) %a, %b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// CHECK-LABEL: func @nothing_to_sum
// CHECK-SAME: %[[C:[a-z0-9]+]]: tensor<4x4xf32>)
// CHECK-NOT: linalg.matmul
// CHECK: return %[[C]]
func.func @nothing_to_sum(%a: tensor<4x0xf32>, %b: tensor<0x4xf32>, %c: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<4x0xf32>, tensor<0x4xf32>) outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
