// Fills and matmuls on buffers become calls of a provider.
// RUN: sevenfold-opt %s --sevenfold-form-gemm=provider=blis | FileCheck %s

// CHECK-LABEL: func @overwrite
// CHECK-NOT: linalg.fill
// CHECK: sevenfold.gemm "blis" alpha = 1.000000e+00, beta = 0.000000e+00
// CHECK-NOT: linalg.matmul
func.func @overwrite(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<4x4xf32>)
  linalg.matmul ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>)
                outs(%c : memref<4x4xf32>)
  return
}

// CHECK-LABEL: func @accumulate
// CHECK: sevenfold.gemm "blis" alpha = 1.000000e+00, beta = 1.000000e+00
func.func @accumulate(%a: memref<4x4xf64>, %c: memref<4x4xf64>) {
  linalg.matmul ins(%a, %a : memref<4x4xf64>, memref<4x4xf64>)
                outs(%c : memref<4x4xf64>)
  return
}

// Only zeros are nothing to add.
// CHECK-LABEL: func @filled_with_ones
// CHECK: linalg.fill
// CHECK: sevenfold.gemm {{.*}} beta = 1.000000e+00
func.func @filled_with_ones(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  %one = arith.constant 1.0 : f32
  linalg.fill ins(%one : f32) outs(%c : memref<4x4xf32>)
  linalg.matmul ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>)
                outs(%c : memref<4x4xf32>)
  return
}

// A fill that something else may read stays.
// CHECK-LABEL: func @fill_is_read
// CHECK: linalg.fill
// CHECK: call @read
// CHECK: sevenfold.gemm {{.*}} beta = 1.000000e+00
func.func private @read(memref<4x4xf32>)
func.func @fill_is_read(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<4x4xf32>)
  func.call @read(%c) : (memref<4x4xf32>) -> ()
  linalg.matmul ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>)
                outs(%c : memref<4x4xf32>)
  return
}

// CHECK-LABEL: func @transposed
// CHECK: sevenfold.gemm "blis" {{.*}}transposed %{{.+}}, transposed %
func.func @transposed(%a: memref<6x4xf32>, %b: memref<8x6xf32>,
                      %c: memref<4x8xf32>) {
  linalg.matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>,
                                 affine_map<(m, n, k) -> (n, k)>,
                                 affine_map<(m, n, k) -> (m, n)>]
    ins(%a, %b : memref<6x4xf32>, memref<8x6xf32>) outs(%c : memref<4x8xf32>)
  return
}

// The plan's provider goes before the pass's.
// CHECK-LABEL: func @named
// CHECK: sevenfold.gemm "onednn"
func.func @named(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  linalg.matmul {sevenfold.plan = #sevenfold.plan<[], provider = "onednn">,
                 sevenfold.product}
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%c : memref<4x4xf32>)
  return
}

// CHECK-LABEL: func @generated
// CHECK: sevenfold.gemm "codegen"
func.func @generated(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  linalg.matmul {sevenfold.plan = #sevenfold.plan<[], provider = "codegen">,
                 sevenfold.product}
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%c : memref<4x4xf32>)
  return
}

// No library has integers or narrow floats.
// CHECK-LABEL: func @integers
// CHECK-NOT: linalg.fill
// CHECK: sevenfold.gemm "codegen" alpha = 1.000000e+00, beta = 0.000000e+00
func.func @integers(%a: memref<4x4xi8>, %c: memref<4x4xi32>) {
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%c : memref<4x4xi32>)
  linalg.matmul ins(%a, %a : memref<4x4xi8>, memref<4x4xi8>)
                outs(%c : memref<4x4xi32>)
  return
}

// CHECK-LABEL: func @halves
// CHECK: sevenfold.gemm "codegen"
func.func @halves(%a: memref<4x4xf16>, %c: memref<4x4xf32>) {
  linalg.matmul ins(%a, %a : memref<4x4xf16>, memref<4x4xf16>)
                outs(%c : memref<4x4xf32>)
  return
}

// Bytes without a sign are others, and sums of bytes wrap around.
// CHECK-LABEL: func @negative_unsigned
// CHECK: linalg.matmul
func.func @negative_unsigned(%a: memref<4x4xi8>, %c: memref<4x4xi32>) {
  linalg.matmul {cast = #linalg.type_fn<cast_unsigned>}
                ins(%a, %a : memref<4x4xi8>, memref<4x4xi8>)
                outs(%c : memref<4x4xi32>)
  return
}

// CHECK-LABEL: func @negative_bytes
// CHECK: linalg.matmul ins
func.func @negative_bytes(%a: memref<4x4xi8>) {
  linalg.matmul ins(%a, %a : memref<4x4xi8>, memref<4x4xi8>)
                outs(%a : memref<4x4xi8>)
  return
}

// Sizes may be known only when the code runs.
// CHECK-LABEL: func @dynamic
// CHECK: sevenfold.gemm
func.func @dynamic(%a: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul ins(%a, %a : memref<?x?xf32>, memref<?x?xf32>)
                outs(%c : memref<?x?xf32>)
  return
}

// No row has gaps.
// CHECK-LABEL: func @negative_inner_stride
// CHECK: linalg.matmul ins
func.func @negative_inner_stride(%a: memref<4x4xf32, strided<[8, 2]>>,
                                 %c: memref<4x4xf32>) {
  linalg.matmul ins(%a, %a : memref<4x4xf32, strided<[8, 2]>>,
                             memref<4x4xf32, strided<[8, 2]>>)
                outs(%c : memref<4x4xf32>)
  return
}
