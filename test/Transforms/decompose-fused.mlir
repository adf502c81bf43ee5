// A fused level becomes one operation a product, each on whole operands, and
// nothing else.
// RUN: sevenfold-opt %s --sevenfold-decompose -split-input-file | FileCheck %s
// RUN: sevenfold-opt %s --sevenfold-decompose=outline -split-input-file | FileCheck %s --check-prefix=OUTLINE
// RUN: sevenfold-opt %s --sevenfold-decompose=outline --canonicalize --sevenfold-bufferize -split-input-file | FileCheck %s --check-prefix=BUFFERS
// RUN: sevenfold-opt %s --sevenfold-decompose --convert-sevenfold-to-linalg -split-input-file | FileCheck %s --check-prefix=LINALG
// RUN: sevenfold-opt %s --sevenfold-decompose --sevenfold-bufferize --sevenfold-lower-gemm -split-input-file | FileCheck %s --check-prefix=HOST

// The first product to reach a block of C overwrites it.
// CHECK-LABEL: func @overwrite
// CHECK-SAME: (%[[A:.+]]: tensor<8x8xf32>, %[[B:.+]]: tensor<8x8xf32>)
// CHECK-NOT: linalg.fill
// CHECK-NOT: sevenfold.combine
// CHECK: %[[C:.+]] = tensor.empty() : tensor<8x8xf32>
// CHECK: %[[C1:.+]] = sevenfold.fused_gemm grid [2, 2, 2] ins([1, 0, 0, 1] of %[[A]] : tensor<8x8xf32>, [1, 0, 0, 1] of %[[B]] : tensor<8x8xf32>) outs([1, 0, 0, 1] of %[[C]] : tensor<8x8xf32>) accumulate [false, false, false, false]
// CHECK: %[[C2:.+]] = sevenfold.fused_gemm {{.*}} of %[[C1]] : tensor<8x8xf32>) accumulate [true, false, false, true]
// CHECK-COUNT-4: sevenfold.fused_gemm
// CHECK: %[[C7:.+]] = sevenfold.fused_gemm {{.*}} accumulate [true, true, true, true]
// CHECK-NEXT: return %[[C7]]
// In plain linalg each product has its sums and its updates beside it.
// LINALG-LABEL: func @overwrite
// LINALG-NOT: sevenfold
// LINALG-COUNT-7: linalg.matmul
// On the host each is a function.
// HOST-LABEL: func @overwrite
// HOST-NOT: sevenfold.fused_gemm
// HOST-COUNT-7: call @sevenfold_product
// BUFFERS-LABEL: func @overwrite
// BUFFERS-NOT: memref.alloc
// BUFFERS-NOT: memref.copy
// BUFFERS-COUNT-7: sevenfold.fused_gemm
// BUFFERS-NOT: sevenfold.fused_gemm
// BUFFERS: return
func.func @overwrite(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<8x8xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[fused "2x2x2-r7"], provider = "codegen">}
         ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// What does not divide is peeled off, or lies beyond the ends of operands that
// stay as they are. Narrow integers are not widened before.
// CHECK-LABEL: func @peel
// CHECK: tensor.extract_slice %{{.*}}[0, 0] [8, 6] [1, 1] : tensor<9x7xi8> to tensor<8x6xi8>
// CHECK-COUNT-7: sevenfold.fused_gemm grid [2, 2, 2] {{.*}} : tensor<8x6xi8>, {{.*}} : tensor<8x8xi32>) accumulate [true, true, true, true]
// CHECK-COUNT-3: linalg.matmul
func.func @peel(%a: tensor<9x7xi8>, %b: tensor<7x9xi8>, %c: tensor<9x9xi32>) -> tensor<9x9xi32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[fused "2x2x2-r7"], provider = "codegen">}
         ins(%a, %b : tensor<9x7xi8>, tensor<7x9xi8>) outs(%c : tensor<9x9xi32>) -> tensor<9x9xi32>
  return %0 : tensor<9x9xi32>
}

// -----

// LINALG-LABEL: func @pad
// LINALG: arith.extf
// LINALG-COUNT-7: linalg.matmul indexing_maps
// CHECK-LABEL: func @pad
// CHECK-COUNT-7: sevenfold.fused_gemm grid [2, 2, 2] ins({{.*}} of transposed %arg0 : tensor<7x9xf16>, {{.*}} of %arg1 : tensor<7x9xf16>) outs({{.*}} : tensor<9x9xf32>)
// CHECK-NOT: linalg.matmul
func.func @pad(%a: tensor<7x9xf16>, %b: tensor<7x9xf16>, %c: tensor<9x9xf32>) -> tensor<9x9xf32> {
  %0 = linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]
         {sevenfold.plan = #sevenfold.plan<[fused "2x2x2-r7"], provider = "codegen", ragged = pad>}
         ins(%a, %b : tensor<7x9xf16>, tensor<7x9xf16>) outs(%c : tensor<9x9xf32>) -> tensor<9x9xf32>
  return %0 : tensor<9x9xf32>
}

// -----

// Below another level it is one function, called by each of its products.
// OUTLINE-LABEL: func @below
// OUTLINE: sevenfold.combine
// OUTLINE: call @sevenfold_level_8x8x8
// OUTLINE: func private @sevenfold_level_8x8x8
// OUTLINE-NOT: sevenfold.combine
// OUTLINE-COUNT-7: sevenfold.fused_gemm
// OUTLINE: return
func.func @below(%a: tensor<16x16xf64>, %b: tensor<16x16xf64>, %c: tensor<16x16xf64>) -> tensor<16x16xf64> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7", fused "2x2x2-r7"], provider = "codegen">}
         ins(%a, %b : tensor<16x16xf64>, tensor<16x16xf64>) outs(%c : tensor<16x16xf64>) -> tensor<16x16xf64>
  return %0 : tensor<16x16xf64>
}
