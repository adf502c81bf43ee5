// Elementwise work on a product is done on parts of it, in the function that
// computes it.
// RUN: sevenfold-opt %s --split-input-file \
// RUN:   --sevenfold-lower-gemm="vector-bytes=32 cache-bytes=4096" | FileCheck %s

#identity = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d1)>

// A bias and a residual, written to another buffer; and the same on others.
// CHECK-LABEL: func @bias
// CHECK-NOT: linalg.generic
// CHECK: call @[[F:sevenfold_product[_0-9]*]](%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) :
// CHECK-NOT: linalg.generic
// CHECK: call @[[F]](
// CHECK-NEXT: return
func.func @bias(%a: memref<12x8xf32>, %b: memref<8x128xf32>,
                %bias: memref<128xf32>, %residual: memref<12x128xf32>,
                %out: memref<12x128xf32>, %out2: memref<12x128xf32>) {
  %c = memref.alloc() : memref<12x128xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<12x8xf32>, memref<8x128xf32>)
    outs(%c : memref<12x128xf32>)
  linalg.generic {indexing_maps = [#identity, #row, #identity, #identity],
                  iterator_types = ["parallel", "parallel"]}
      ins(%c, %bias, %residual : memref<12x128xf32>, memref<128xf32>,
                                 memref<12x128xf32>)
      outs(%out : memref<12x128xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32, %old: f32):
    %sum = arith.addf %x, %y : f32
    %all = arith.addf %sum, %z : f32
    linalg.yield %all : f32
  }
  %d = memref.alloc() : memref<12x128xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<12x8xf32>, memref<8x128xf32>)
    outs(%d : memref<12x128xf32>)
  linalg.generic {indexing_maps = [#identity, #row, #identity, #identity],
                  iterator_types = ["parallel", "parallel"]}
      ins(%d, %bias, %out : memref<12x128xf32>, memref<128xf32>,
                            memref<12x128xf32>)
      outs(%out2 : memref<12x128xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32, %old: f32):
    %sum = arith.addf %x, %y : f32
    %all = arith.addf %sum, %z : f32
    linalg.yield %all : f32
  }
  return
}

// After the panels of a group, on as many of their columns.
// CHECK: func private @[[F]](
// CHECK: scf.parallel
// CHECK: vector.store
// CHECK: memref.subview %arg2[%{{.+}}, %{{.+}}] [%{{.+}}, %{{.+}}] [1, 1]
// CHECK: memref.subview %arg3[%{{.+}}] [%{{.+}}] [1]
// CHECK: memref.subview %arg4[
// CHECK: memref.subview %arg5[
// CHECK: linalg.generic

// -----

#identity = affine_map<(d0, d1) -> (d0, d1)>

// The products of a level that are the last to add to a block.
// CHECK-LABEL: func @level
// CHECK: call @[[FIRST:sevenfold_product[_0-9]*]](
// CHECK: call @[[SECOND:sevenfold_product[_0-9]*]](
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @level(%a: memref<24x16xf32>, %b: memref<16x32xf32>,
                 %c: memref<24x32xf32>) {
  sevenfold.fused_gemm grid [2, 2, 2]
    ins([1, 0, 0, 1] of %a : memref<24x16xf32>,
        [0, 1, 0, 0] of %b : memref<16x32xf32>)
    outs([0, 1, 1, 1] of %c : memref<24x32xf32>)
    accumulate [false, false, false, false]
  sevenfold.fused_gemm grid [2, 2, 2]
    ins([1, 0, 0, -1] of %a : memref<24x16xf32>,
        [0, 1, 0, 0] of %b : memref<16x32xf32>)
    outs([1, 0, 1, 0] of %c : memref<24x32xf32>)
    accumulate [false, false, true, false]
  linalg.generic {indexing_maps = [#identity],
                  iterator_types = ["parallel", "parallel"]}
      outs(%c : memref<24x32xf32>) {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  }
  return
}
// CHECK: func private @[[FIRST]](
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: func private @[[SECOND]](
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic

// -----

#identity = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d2)>

// Sequences of a batch are rows of one matrix.
// CHECK-LABEL: func @batch
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @batch(%a: memref<12x8xf32>, %b: memref<8x16xf32>,
                 %bias: memref<16xf32>, %residual: memref<3x4x16xf32>,
                 %out: memref<3x4x16xf32>) {
  %c = memref.alloc() : memref<12x16xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<12x8xf32>, memref<8x16xf32>)
    outs(%c : memref<12x16xf32>)
  %view = memref.expand_shape %c [[0, 1], [2]] output_shape [3, 4, 16]
    : memref<12x16xf32> into memref<3x4x16xf32>
  linalg.generic {indexing_maps = [#identity, #row, #identity, #identity],
                  iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%view, %bias, %residual : memref<3x4x16xf32>, memref<16xf32>,
                                    memref<3x4x16xf32>)
      outs(%out : memref<3x4x16xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32, %old: f32):
    %sum = arith.addf %x, %y : f32
    %all = arith.addf %sum, %z : f32
    linalg.yield %all : f32
  }
  return
}
// CHECK: func private
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]

// -----

#identity = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>

// What cannot be done part by part stays: C read across, an operand of the
// product overwritten, other work on C in between, an index, blocks of C that no
// product reaches.
// CHECK-LABEL: func @apart
// CHECK-COUNT-5: linalg.generic
// CHECK: func private
// CHECK-NOT: linalg.generic
func.func @apart(%a: memref<16x16xf32>, %b: memref<16x16xf32>,
                 %out: memref<16x16xf32>, %index: memref<16x16xindex>) {
  %c = memref.alloc() : memref<16x16xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<16x16xf32>, memref<16x16xf32>)
    outs(%c : memref<16x16xf32>)
  linalg.generic {indexing_maps = [#turned, #identity],
                  iterator_types = ["parallel", "parallel"]}
      ins(%c : memref<16x16xf32>) outs(%out : memref<16x16xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  }
  %d = memref.alloc() : memref<16x16xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<16x16xf32>, memref<16x16xf32>)
    outs(%d : memref<16x16xf32>)
  linalg.generic {indexing_maps = [#identity, #identity],
                  iterator_types = ["parallel", "parallel"]}
      ins(%d : memref<16x16xf32>) outs(%a : memref<16x16xf32>) {
  ^bb0(%x: f32, %old: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  }
  %e = memref.alloc() : memref<16x16xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<16x16xf32>, memref<16x16xf32>)
    outs(%e : memref<16x16xf32>)
  memref.copy %e, %out : memref<16x16xf32> to memref<16x16xf32>
  linalg.generic {indexing_maps = [#identity],
                  iterator_types = ["parallel", "parallel"]}
      outs(%e : memref<16x16xf32>) {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  }
  %f = memref.alloc() : memref<16x16xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<16x16xf32>, memref<16x16xf32>)
    outs(%f : memref<16x16xf32>)
  linalg.generic {indexing_maps = [#identity, #identity],
                  iterator_types = ["parallel", "parallel"]}
      ins(%f : memref<16x16xf32>) outs(%index : memref<16x16xindex>) {
  ^bb0(%x: f32, %old: index):
    %y = linalg.index 0 : index
    linalg.yield %y : index
  }
  sevenfold.fused_gemm grid [2, 2, 2]
    ins([1, 0, 0, 1] of %a : memref<16x16xf32>,
        [0, 1, 0, 0] of %b : memref<16x16xf32>)
    outs([1, 1, 1, 0] of %out : memref<16x16xf32>)
    accumulate [false, false, false, false]
  linalg.generic {indexing_maps = [#identity],
                  iterator_types = ["parallel", "parallel"]}
      outs(%out : memref<16x16xf32>) {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    linalg.yield %y : f32
  }
  return
}
