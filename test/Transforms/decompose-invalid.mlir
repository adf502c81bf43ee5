// A plan in the IR that cannot be applied is an error that says why.
// RUN: sevenfold-opt %s --sevenfold-decompose -split-input-file -verify-diagnostics

func.func @negative_small(%a: tensor<1x8xf32>, %b: tensor<8x8xf32>)
    -> tensor<1x8xf32> {
  // expected-error @+1 {{cannot be decomposed: size 1x8x8 is smaller than the plan's format 2x2x2}}
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<1x8xf32>, tensor<8x8xf32>)
         outs(%a : tensor<1x8xf32>) -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// -----

func.func @negative_unknown_scheme(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{cannot be decomposed: no scheme is named '2x2x2-r6'}}
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r6"]>}
         ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
         outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @negative_fused(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  // expected-error @+1 {{cannot be decomposed: execution 'fused' needs provider 'codegen'}}
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[fused "2x2x2-r7"]>}
         ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
         outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @negative_memrefs(%a: memref<8x8xf32>, %c: memref<8x8xf32>) {
  // expected-error @+1 {{cannot be decomposed: operands are not tensors}}
  linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  return
}

// -----

func.func @negative_batch_reduce(%a: tensor<2x8x8xf32>, %c: tensor<8x8xf32>)
    -> tensor<8x8xf32> {
  // expected-error @+1 {{cannot be decomposed: the dimensions summed over do not lie side by side}}
  %0 = linalg.batch_reduce_matmul
         {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %a : tensor<2x8x8xf32>, tensor<2x8x8xf32>)
         outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

func.func @negative_provider(%a: tensor<20x20xi32>) -> tensor<20x20xi32> {
  // expected-error @+1 {{cannot be decomposed: provider 'onednn' cannot multiply i32 matrices}}
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"],
                                                       provider = "onednn">}
         ins(%a, %a : tensor<20x20xi32>, tensor<20x20xi32>)
         outs(%a : tensor<20x20xi32>) -> tensor<20x20xi32>
  return %0 : tensor<20x20xi32>
}

// -----

func.func @negative_modulo_2(%a: tensor<20x20xf32>) -> tensor<20x20xf32> {
  // expected-error @+1 {{cannot be decomposed: scheme '3x4x5-r47-z2' holds modulo 2 only}}
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "3x4x5-r47-z2"]>}
         ins(%a, %a : tensor<20x20xf32>, tensor<20x20xf32>)
         outs(%a : tensor<20x20xf32>) -> tensor<20x20xf32>
  return %0 : tensor<20x20xf32>
}
