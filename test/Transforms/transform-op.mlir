// The rewrite as an operation of the transform dialect.
// RUN: sevenfold-opt %s --transform-interpreter -split-input-file -verify-diagnostics | FileCheck %s

// CHECK-LABEL: func @matmul
// CHECK: sevenfold.combine
// The handle holds the products of all levels.
// CHECK-COUNT-49: linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>, sevenfold.product, transformed}
// CHECK-NOT: transformed}
// CHECK: return
func.func @matmul(%a: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
                     outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %matmul = transform.structured.match ops{["linalg.matmul"]} in %root
      : (!transform.any_op) -> !transform.any_op
    %products = transform.sevenfold.decompose %matmul
      by <[breadth "2x2x2-r7", depth "2x2x2-r7"]>
      : (!transform.any_op) -> !transform.any_op
    transform.annotate %products "transformed" : !transform.any_op
    transform.yield
  }
}

// -----

func.func @negative_small(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>)
    -> tensor<1x8xf32> {
  // expected-note @+1 {{to this operation}}
  %0 = linalg.matmul ins(%a, %b : tensor<1x8xf32>, tensor<8x8xf32>)
                     outs(%a : tensor<1x8xf32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}
module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %matmul = transform.structured.match ops{["linalg.matmul"]} in %root
      : (!transform.any_op) -> !transform.any_op
    // expected-error @+1 {{the plan cannot be applied: size 1x8x8 is smaller than the plan's format 2x2x2}}
    %products = transform.sevenfold.decompose %matmul
      by <[breadth "2x2x2-r7"]>
      : (!transform.any_op) -> !transform.any_op
    transform.yield
  }
}
