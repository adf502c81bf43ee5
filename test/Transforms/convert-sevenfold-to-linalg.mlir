// Combines become plain linalg, in the forms that bufferise without copies.
// RUN: sevenfold-opt %s --convert-sevenfold-to-linalg -split-input-file \
// RUN:   | FileCheck %s

// Operand sums: one generic with a result for each, and no insertion anywhere.
// CHECK-LABEL: func @sums
// CHECK-SAME: (%[[A:.+]]: tensor<4x4xf32>
// CHECK-NOT: sevenfold.combine
// CHECK: %[[S:.+]]:2 = linalg.generic
// CHECK-SAME: iterator_types = ["parallel", "parallel"]
// CHECK: arith.addf
// CHECK: linalg.yield %{{.+}}, %{{.+}} : f32, f32
// CHECK-NOT: tensor.insert_slice
// CHECK: linalg.matmul {sevenfold.product} ins(%[[S]]#1, %[[S]]#0 : tensor<2x2xf32>, tensor<2x2xf32>)
func.func @sums(%a: tensor<4x4xf32>, %c: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %e = tensor.empty() : tensor<4x2xf32>
  %s = sevenfold.combine coefficients [[1, 0, 0, 1], [0, 1, -1, 0]]
         ins(%a grid [2, 2] : tensor<4x4xf32>)
         outs(%e grid [2, 1] : tensor<4x2xf32>) -> tensor<4x2xf32>
  %s0 = tensor.extract_slice %s[0, 0] [2, 2] [1, 1]
          : tensor<4x2xf32> to tensor<2x2xf32>
  %s1 = tensor.extract_slice %s[2, 0] [2, 2] [1, 1]
          : tensor<4x2xf32> to tensor<2x2xf32>
  %0 = linalg.matmul {sevenfold.product}
         ins(%s1, %s0 : tensor<2x2xf32>, tensor<2x2xf32>)
         outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----

// A larger result: slice, generic, insert, a block at a time.
// CHECK-LABEL: func @scatter
// CHECK-SAME: %[[P:.+]]: tensor<2x2xf32>, %[[C:.+]]: tensor<4x2xf32>
// CHECK: %[[C0:.+]] = tensor.extract_slice %[[C]][0, 0] [2, 2]
// CHECK: %[[N0:.+]] = linalg.generic {{.*}} outs(%[[C0]] : tensor<2x2xf32>)
// CHECK: %[[D:.+]] = tensor.insert_slice %[[N0]] into %[[C]][0, 0]
// CHECK: %[[C1:.+]] = tensor.extract_slice %[[D]][2, 0] [2, 2]
// CHECK: %[[N1:.+]] = linalg.generic {{.*}} outs(%[[C1]] : tensor<2x2xf32>)
// CHECK: %[[R:.+]] = tensor.insert_slice %[[N1]] into %[[D]][2, 0]
// CHECK: return %[[R]]
func.func @scatter(%p: tensor<2x2xf32>, %c: tensor<4x2xf32>)
    -> tensor<4x2xf32> {
  %0 = sevenfold.combine coefficients [[1], [-1]] accumulate
         ins(%p grid [1, 1] : tensor<2x2xf32>)
         outs(%c grid [2, 1] : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// A block that nothing is added to is not touched.
// CHECK-LABEL: func @untouched
// CHECK-COUNT-1: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @untouched(%p: tensor<2x2xf32>, %c: tensor<4x2xf32>)
    -> tensor<4x2xf32> {
  %0 = sevenfold.combine coefficients [[1], [0]] accumulate
         ins(%p grid [1, 1] : tensor<2x2xf32>)
         outs(%c grid [2, 1] : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}

// -----

// Plans go, marks stay: a plan would make a stock mlir-opt refuse the module,
// the mark keeps a product from being planned again.
// CHECK-LABEL: func @attributes
// CHECK-NOT: sevenfold.plan
// CHECK: linalg.matmul {sevenfold.product}
// CHECK-NOT: sevenfold.plan
func.func @attributes(%a: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[], provider = "blis">,
                      sevenfold.product}
         ins(%a, %a : tensor<2x2xf32>, tensor<2x2xf32>)
         outs(%a : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
