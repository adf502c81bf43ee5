// Rows of A and columns of B over powers of two, and the product times them.
// RUN: sevenfold-opt %s --sevenfold-decompose -split-input-file | FileCheck %s

// CHECK-DAG: #[[ALL:.+]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[ROWS:.+]] = affine_map<(d0, d1) -> (d0)>
// CHECK-DAG: #[[COLUMNS:.+]] = affine_map<(d0, d1) -> (d1)>
// CHECK-LABEL: func @added
// CHECK-SAME: (%[[A:.+]]: tensor<8x6xf32>, %[[B:.+]]: tensor<6x4xf32>, %[[C:.+]]: tensor<8x4xf32>)
// The largest of each row and column, as integers.
// CHECK: %[[OFROWS:.+]] = linalg.generic {indexing_maps = [#[[ALL]], #[[ROWS]]], iterator_types = ["parallel", "reduction"]} ins(%[[A]]
// CHECK: arith.bitcast
// CHECK: arith.andi
// CHECK: arith.maxsi
// CHECK: %[[OFCOLUMNS:.+]] = linalg.generic {indexing_maps = [#[[ALL]], #[[COLUMNS]]], iterator_types = ["reduction", "parallel"]} ins(%[[B]]
// Both over them.
// CHECK: %[[SA:.+]] = linalg.generic {{.*}} ins(%[[A]], %[[OFROWS]]
// CHECK: arith.mulf
// CHECK: %[[SB:.+]] = linalg.generic {{.*}} ins(%[[B]], %[[OFCOLUMNS]]
// CHECK: sevenfold.combine {{.*}} ins(%[[SA]] grid [2, 2]
// CHECK: sevenfold.combine {{.*}} ins(%[[SB]] grid [2, 2]
// CHECK-COUNT-7: linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>, sevenfold.product}
// CHECK: %[[R:.+]] = linalg.generic {{.*}} ins(%{{.+}}, %[[OFROWS]], %[[OFCOLUMNS]] : {{.*}}) outs(%[[C]]
// CHECK-COUNT-2: arith.mulf
// CHECK: arith.addf
// CHECK: return %[[R]]
func.func @added(%a: tensor<8x6xf32>, %b: tensor<6x4xf32>, %c: tensor<8x4xf32>)
    -> tensor<8x4xf32> {
  %r = linalg.matmul
      {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"], scaling = rows>}
      ins(%a, %b : tensor<8x6xf32>, tensor<6x4xf32>)
      outs(%c : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %r : tensor<8x4xf32>
}
