// A product again without its plan where what the plan made is not finite.
// RUN: sevenfold-opt %s --sevenfold-decompose=recompute -split-input-file | FileCheck %s

// CHECK-LABEL: func @overwritten
// CHECK-SAME: (%[[A:.+]]: tensor<?x?xf64>, %[[B:.+]]: tensor<?x?xf64>, %[[C:.+]]: tensor<?x?xf64>)
// CHECK-COUNT-7: sevenfold.product
// CHECK: arith.maxsi
// CHECK: %[[LARGEST:.+]] = tensor.extract
// CHECK: %[[FINITE:.+]] = arith.cmpi slt, %[[LARGEST]], %
// CHECK: %[[R:.+]] = scf.if %[[FINITE]] -> (tensor<?x?xf64>) {
// CHECK-NEXT: scf.yield %[[P:.+]] :
// CHECK: } else {
// CHECK: %[[ZEROS:.+]] = linalg.fill {{.*}} outs(%[[P]]
// CHECK: %[[PLAIN:.+]] = linalg.matmul ins(%[[A]], %[[B]] : {{.*}}) outs(%[[ZEROS]]
// CHECK: scf.yield %[[PLAIN]]
// CHECK: return %[[R]]
func.func @overwritten(%a: tensor<?x?xf64>, %b: tensor<?x?xf64>,
                       %c: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %zero = arith.constant 0.0 : f64
  %z = linalg.fill ins(%zero : f64) outs(%c : tensor<?x?xf64>) -> tensor<?x?xf64>
  %r = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
      ins(%a, %b : tensor<?x?xf64>, tensor<?x?xf64>)
      outs(%z : tensor<?x?xf64>) -> tensor<?x?xf64>
  return %r : tensor<?x?xf64>
}

// -----

// What is added to is not touched before.
// CHECK-LABEL: func @added
// CHECK-SAME: (%[[A:.+]]: tensor<4x4xf32>, %[[B:.+]]: tensor<4x4xf32>, %[[C:.+]]: tensor<4x4xf32>)
// CHECK-NOT: outs(%[[C]]
// CHECK: scf.if
// CHECK: linalg.generic {{.*}} outs(%[[C]]
// CHECK: arith.addf
// CHECK: } else {
// CHECK: linalg.matmul ins(%[[A]], %[[B]] : {{.*}}) outs(%[[C]]
func.func @added(%a: tensor<4x4xf32>, %b: tensor<4x4xf32>, %c: tensor<4x4xf32>)
    -> tensor<4x4xf32> {
  %r = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
      ins(%a, %b : tensor<4x4xf32>, tensor<4x4xf32>)
      outs(%c : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// -----

// Integers are always finite; what has no plan is left alone.
// CHECK-LABEL: func @others
// CHECK-NOT: scf.if
func.func @others(%a: tensor<4x4xi32>, %b: tensor<4x4xf32>) -> (tensor<4x4xi32>, tensor<4x4xf32>) {
  %r = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
      ins(%a, %a : tensor<4x4xi32>, tensor<4x4xi32>)
      outs(%a : tensor<4x4xi32>) -> tensor<4x4xi32>
  %s = linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>}
      ins(%b, %b : tensor<4x4xf32>, tensor<4x4xf32>)
      outs(%b : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r, %s : tensor<4x4xi32>, tensor<4x4xf32>
}
