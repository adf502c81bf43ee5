// The operations survive printing and parsing, in both forms.
// RUN: sevenfold-opt %s | sevenfold-opt | FileCheck %s
// RUN: sevenfold-opt %s --mlir-print-op-generic | sevenfold-opt | FileCheck %s

// CHECK-LABEL: func @combine_tensors
// CHECK-SAME: (%[[A:.+]]: tensor<8x8xf32>, %[[E:.+]]: tensor<8x4xf32>)
func.func @combine_tensors(%a: tensor<8x8xf32>, %e: tensor<8x4xf32>)
    -> tensor<8x4xf32> {
  // CHECK: %[[S:.+]] = sevenfold.combine
  // CHECK-SAME: coefficients {{\[}}[1, 0, 0, 1], [0, 0, -1, 0]]
  // CHECK-SAME: ins(%[[A]] grid [2, 2] : tensor<8x8xf32>)
  // CHECK-SAME: outs(%[[E]] grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  %s = sevenfold.combine coefficients [[1, 0, 0, 1], [0, 0, -1, 0]]
         ins(%a grid [2, 2] : tensor<8x8xf32>)
         outs(%e grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  // CHECK: return %[[S]]
  return %s : tensor<8x4xf32>
}

// CHECK-LABEL: func @combine_memrefs
func.func @combine_memrefs(%p: memref<4x4xf64>, %q: memref<4x4xf64>,
                           %c: memref<8x4xf64, strided<[9, 1], offset: 3>>) {
  // CHECK: sevenfold.combine coefficients {{\[}}[1, 0], [1, -2]]
  // CHECK-SAME: ins(%{{.+}} grid [1, 1] : memref<4x4xf64>, %{{.+}} grid [1, 1]
  // CHECK-NOT: ->
  sevenfold.combine coefficients [[1, 0], [1, -2]]
    ins(%p grid [1, 1] : memref<4x4xf64>, %q grid [1, 1] : memref<4x4xf64>)
    outs(%c grid [2, 1] : memref<8x4xf64, strided<[9, 1], offset: 3>>)
  return
}

// Flags that agree are one word; mixed ones are listed.
// CHECK-LABEL: func @combine_accumulates
func.func @combine_accumulates(%a: tensor<4x4xf32>, %c: tensor<8x4xf32>)
    -> tensor<8x4xf32> {
  // CHECK: sevenfold.combine coefficients {{\[}}[1], [-1]] accumulate ins
  %0 = sevenfold.combine coefficients [[1], [-1]] accumulate
         ins(%a grid [1, 1] : tensor<4x4xf32>)
         outs(%c grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  // CHECK: sevenfold.combine coefficients {{\[}}[1], [0]] accumulate [false, true] ins
  %1 = sevenfold.combine coefficients [[1], [0]] accumulate [false, true]
         ins(%a grid [1, 1] : tensor<4x4xf32>)
         outs(%0 grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}

// Fractions keep every bit.
// CHECK-LABEL: func @combine_fractions
func.func @combine_fractions(%a: tensor<4x4xf64>, %c: tensor<4x4xf64>)
    -> tensor<4x4xf64> {
  // CHECK: coefficients {{\[}}[1.250000e-01, -0.33333333333333331]]
  %0 = sevenfold.combine coefficients [[0.125, -0.33333333333333331]]
         ins(%a grid [1, 1] : tensor<4x4xf64>, %a grid [1, 1] : tensor<4x4xf64>)
         outs(%c grid [1, 1] : tensor<4x4xf64>) -> tensor<4x4xf64>
  return %0 : tensor<4x4xf64>
}

// Neither do coefficients beyond what 64-bit integers hold become others.
// CHECK-LABEL: func @combine_large
func.func @combine_large(%a: tensor<4x4xf64>, %c: tensor<4x4xf64>)
    -> tensor<4x4xf64> {
  // CHECK: coefficients {{\[}}[1.000000e+30, 9007199254740992]]
  %0 = sevenfold.combine coefficients [[1.0e30, 9007199254740992]]
         ins(%a grid [1, 1] : tensor<4x4xf64>, %a grid [1, 1] : tensor<4x4xf64>)
         outs(%c grid [1, 1] : tensor<4x4xf64>) -> tensor<4x4xf64>
  return %0 : tensor<4x4xf64>
}

// CHECK-LABEL: func @gemm
func.func @gemm(%a: memref<64x32xf32>, %b: memref<48x32xf32>,
                %bt: memref<32x48xf32>, %at: memref<32x64xf32>,
                %c: memref<64x48xf32>) {
  // CHECK: sevenfold.gemm "onednn" alpha = 1.000000e+00, beta = 0.000000e+00
  // CHECK-SAME: transposed %{{.+}} : memref<64x32xf32>, memref<48x32xf32>)
  sevenfold.gemm "onednn" alpha = 1.0, beta = 0.0
    ins(%a, transposed %b : memref<64x32xf32>, memref<48x32xf32>)
    outs(%c : memref<64x48xf32>)
  // CHECK: sevenfold.gemm "" alpha = -5.000000e-01, beta = 1.000000e+00
  // CHECK-SAME: transposed %{{.+}}, %{{.+}} : memref<32x64xf32>
  sevenfold.gemm "" alpha = -0.5, beta = 1.0
    ins(transposed %at, %bt : memref<32x64xf32>, memref<32x48xf32>)
    outs(%c : memref<64x48xf32>)
  return
}

// CHECK-LABEL: func @fused_gemm
func.func @fused_gemm(%a: tensor<7x8xbf16>, %b: tensor<6x8xbf16>,
                      %c: tensor<7x6xf32>, %am: memref<8x8xi8>,
                      %cm: memref<8x8xi32>) -> tensor<7x6xf32> {
  // CHECK: sevenfold.fused_gemm grid [2, 2, 2]
  // CHECK-SAME: ins([1, 0, 0, -1] of %{{.+}} : tensor<7x8xbf16>, [0, 5.000000e-01, 0, 0] of transposed %{{.+}} : tensor<6x8xbf16>)
  // CHECK-SAME: outs([1, 0, 0, 2] of %{{.+}} : tensor<7x6xf32>) accumulate [true, false, false, false] -> tensor<7x6xf32>
  %0 = sevenfold.fused_gemm grid [2, 2, 2]
         ins([1, 0, 0, -1] of %a : tensor<7x8xbf16>,
             [0, 0.5, 0, 0] of transposed %b : tensor<6x8xbf16>)
         outs([1, 0, 0, 2] of %c : tensor<7x6xf32>)
         accumulate [true, false, false, false] -> tensor<7x6xf32>
  // CHECK: sevenfold.fused_gemm grid [1, 1, 1] ins([3] of %{{.+}} : memref<8x8xi8>
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([3] of %am : memref<8x8xi8>, [1] of %am : memref<8x8xi8>)
    outs([1] of %cm : memref<8x8xi32>) accumulate [true]
  return %0 : tensor<7x6xf32>
}

// CHECK-LABEL: func private @body
func.func private @body(index, index, memref<8xf32>)

// CHECK-LABEL: func @parallel
func.func @parallel(%a: memref<8xf32>, %n: index) {
  // CHECK: sevenfold.parallel @body count %{{.+}}(%{{.+}} : memref<8xf32>)
  sevenfold.parallel @body count %n (%a : memref<8xf32>)
  return
}
