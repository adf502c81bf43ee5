// Products of our own become packed, blocked, vectorised loops.
// RUN: sevenfold-opt %s --sevenfold-lower-gemm=vector-bytes=32 | FileCheck %s
// RUN: not sevenfold-opt %s --sevenfold-lower-gemm=vector-bytes=12 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WIDTH
// WIDTH: expected a power of two of at least 8 as 'vector-bytes'

// Equal products share a function.
// CHECK-LABEL: func @two_of_one
// CHECK: call @[[F:sevenfold_product[_0-9]*]](
// CHECK: call @[[F]](
func.func @two_of_one(%a: memref<12x8xf32>, %b: memref<8x16xf32>,
                      %c: memref<12x16xf32>) {
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<12x8xf32>, memref<8x16xf32>)
    outs(%c : memref<12x16xf32>)
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<12x8xf32>, memref<8x16xf32>)
    outs(%c : memref<12x16xf32>)
  return
}

// CHECK-LABEL: func @library
// CHECK: sevenfold.gemm "onednn"
func.func @library(%a: memref<8x8xf32>) {
  sevenfold.gemm "onednn" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%a : memref<8x8xf32>)
  return
}

// CHECK-LABEL: func @narrow
// CHECK: call @[[N:sevenfold_product[_0-9]*]](
func.func @narrow(%a: memref<7x9xi8>, %b: memref<17x9xi8>,
                  %c: memref<7x17xi32>) {
  sevenfold.gemm "codegen" alpha = 1.0, beta = 1.0
    ins(%a, transposed %b : memref<7x9xi8>, memref<17x9xi8>)
    outs(%c : memref<7x17xi32>)
  return
}

// Sums of blocks are formed where they are packed, in the type of C, and every
// block of C gets its share. It is another function, whose slabs are as deep as
// asked for.
// CHECK-LABEL: func @sums
// CHECK: call @[[S:sevenfold_product[_0-9]*]](
// CHECK-NOT: sevenfold.fused_gemm
func.func @sums(%a: memref<24x16xf16>, %b: memref<16x32xf16>,
                %c: memref<24x32xf32>) {
  sevenfold.fused_gemm grid [2, 2, 2] slab 4
    ins([1, 0, 0, -1] of %a : memref<24x16xf16>,
        [0, 1, 0, 0] of %b : memref<16x32xf16>)
    outs([1, 0, 0, 0.5] of %c : memref<24x32xf32>)
    accumulate [false, false, false, true]
  return
}

// Products of a level that are to be together are one function, in which each
// panel of C is computed by one after the other.
// CHECK-LABEL: func @together
// CHECK: call @[[T:sevenfold_product[_0-9]*]](
// CHECK-NOT: call
// CHECK: return
func.func @together(%a: memref<24x16xf32>, %b: memref<16x32xf32>,
                    %c: memref<24x32xf32>) {
  sevenfold.fused_gemm grid [2, 2, 2] together
    ins([1, 0, 0, 1] of %a : memref<24x16xf32>,
        [0, 1, 0, 0] of %b : memref<16x32xf32>)
    outs([1, 0, 0, 1] of %c : memref<24x32xf32>)
    accumulate [false, false, false, false]
  sevenfold.fused_gemm grid [2, 2, 2] together
    ins([1, 0, 0, 0] of %a : memref<24x16xf32>,
        [0, 1, 0, -1] of %b : memref<16x32xf32>)
    outs([0, 1, 0, 1] of %c : memref<24x32xf32>)
    accumulate [false, false, false, true]
  return
}

// A tile of 6 rows and 2 vectors of C in 12 registers; nothing is read from what
// is overwritten, but fetched ahead of time.
// CHECK: func private @[[F]](%[[A:.+]]: memref<12x8xf32, {{.+}}, %[[B:.+]]: memref<8x16xf32, {{.+}}, %[[C:.+]]: memref<12x16xf32
// CHECK: %[[PA:.+]] = memref.alloc() : memref<288xf32>
// CHECK: %[[PB:.+]] = memref.alloc() : memref<144xf32>
// CHECK: vector.store {{.*}}, %[[PA]]
// CHECK: scf.parallel
// CHECK: vector.store {{.*}}, %[[PB]]
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
// CHECK: memref.prefetch %[[C]]
// CHECK: vector.load %[[PB]]
// CHECK: memref.load %[[PA]]
// CHECK: arith.mulf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK-NOT: vector.load %[[C]]
// CHECK: vector.store {{.*}}, %[[C]]
// CHECK-NOT: vector.maskedstore

// Operands are converted where they are packed, squares of B that lie along k
// are turned, edges are masked.
// CHECK: func private @[[N]](
// CHECK: arith.extsi {{.*}} : vector<8xi8> to vector<8xi32>
// CHECK: vector.shuffle {{.*}} [0, 8, 1, 9, 2, 10, 3, 11] : vector<8xi32>
// CHECK: arith.muli {{.*}} : vector<8xi32>
// CHECK: vector.maskedload
// CHECK: vector.maskedstore

// CHECK: func private @[[S]](
// CHECK: %[[A0:.+]] = memref.subview %{{.*}}[0, 0] [12, 8]
// CHECK: %[[A3:.+]] = memref.subview %{{.*}}[12, 8] [12, 8]
// CHECK: scf.for {{.*}} = %c0{{.*}} to %c2{{.*}} step
// CHECK: vector.load %[[A0]]{{.*}} vector<8xf16>
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: vector.load %[[A3]]{{.*}} vector<8xf16>
// CHECK: arith.negf
// CHECK: arith.addf
// CHECK: arith.mulf {{.*}}, %{{.*}} : vector<8xf32>

// CHECK: func private @[[T]](
// CHECK: scf.parallel
// CHECK: scf.parallel
// CHECK: vector.store {{.+}} memref<12x16xf32
// CHECK: vector.store {{.+}} memref<12x16xf32
