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

// Panels of 6 rows and of 2 vectors, a tile of C in 12 registers; nothing is
// read from what is overwritten.
// CHECK: func private @[[F]](%[[A:.+]]: memref<12x8xf32, {{.+}}, %[[B:.+]]: memref<8x16xf32, {{.+}}, %[[C:.+]]: memref<12x16xf32
// CHECK: memref.alloc() : memref<2x8x6xf32>
// CHECK: memref.alloc() : memref<1x8x16xf32>
// CHECK: scf.for {{.*}} iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>) {
// CHECK: arith.mulf {{.*}} fastmath<contract> : vector<8xf32>
// CHECK-NOT: vector.load %[[C]]
// CHECK: vector.store {{.*}}, %[[C]]
// CHECK-NOT: masked

// Operands are converted where they are packed, edges are masked.
// CHECK: func private @[[N]](
// CHECK: memref.alloc() : memref<2x9x6xi32>
// CHECK: arith.extsi {{.*}} : i8 to i32
// CHECK: memref.alloc() : memref<2x9x16xi32>
// CHECK: arith.muli {{.*}} : vector<8xi32>
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
