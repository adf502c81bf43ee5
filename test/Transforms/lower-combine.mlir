// Combines on buffers become vectorised loops, one function for each distinct
// combine.
// RUN: sevenfold-opt %s --sevenfold-lower-combine --canonicalize -split-input-file \
// RUN:   | FileCheck %s --implicit-check-not=sevenfold.combine
// RUN: sevenfold-opt %s --sevenfold-lower-combine=vector-bytes=32 --canonicalize -split-input-file \
// RUN:   | FileCheck %s --check-prefix=NARROW
// RUN: sevenfold-opt %s --sevenfold-lower-combine=streaming-bytes=1 --canonicalize -split-input-file \
// RUN:   | FileCheck %s --check-prefix=STREAM

// CHECK-LABEL: func @sum
// CHECK: call @[[SUM:sevenfold_combine[_0-9]*]](
// The same combine again is the same function, whatever the strides.
// CHECK-LABEL: func @same
// CHECK: call @[[SUM]](
// Other coefficients are not.
// CHECK-LABEL: func @different
// CHECK: call @[[DIFFERENT:sevenfold_combine[_0-9]*]](
// CHECK: func private @[[SUM]](%[[A:.+]]: memref<64x64xf32, strided<[?, 1], offset: ?>>, %[[S:.+]]: memref<32x32xf32, strided<[?, 1], offset: ?>>)
// CHECK: scf.parallel
// CHECK: scf.for
// CHECK: %[[A11:.+]] = vector.load %[[A]]{{.*}} vector<16xf32>
// CHECK: %[[A22:.+]] = vector.load %[[A]]{{.*}} vector<16xf32>
// CHECK-NOT: vector.load
// CHECK: %[[D:.+]] = arith.subf %[[A11]], %[[A22]] : vector<16xf32>
// CHECK: vector.store %[[D]], %[[S]]
// CHECK: func private @[[DIFFERENT]](
// CHECK: arith.addf

// NARROW: vector.load {{.*}} vector<8xf32>
// NARROW-NOT: vector<16xf32>

// STREAM: func private
// STREAM: vector.store {{.*}}nontemporal
func.func @sum(%a: memref<64x64xf32>, %s: memref<32x32xf32>) {
  sevenfold.combine coefficients [[1, 0, 0, -1]]
    ins(%a grid [2, 2] : memref<64x64xf32>)
    outs(%s grid [1, 1] : memref<32x32xf32>)
  return
}
func.func @same(%a: memref<64x64xf32, strided<[100, 1]>>,
                %s: memref<32x32xf32>) {
  sevenfold.combine coefficients [[1, 0, 0, -1]]
    ins(%a grid [2, 2] : memref<64x64xf32, strided<[100, 1]>>)
    outs(%s grid [1, 1] : memref<32x32xf32>)
  return
}
func.func @different(%a: memref<64x64xf32>, %s: memref<32x32xf32>) {
  sevenfold.combine coefficients [[1, 0, 0, 1]]
    ins(%a grid [2, 2] : memref<64x64xf32>)
    outs(%s grid [1, 1] : memref<32x32xf32>)
  return
}

// -----

// Accumulation reads its destination, overwriting does not; an untouched block
// is neither read nor written.
// CHECK-LABEL: func @accumulate
// CHECK: func private @sevenfold_combine(%[[P:.+]]: memref<16x16xf32, strided<[?, 1], offset: ?>>, %[[C:.+]]: memref<64x16xf32, strided<[?, 1], offset: ?>>)
// CHECK: vector.load %[[P]]
// CHECK-COUNT-1: vector.load %[[C]]
// CHECK-NOT: vector.load
// CHECK: return
func.func @accumulate(%p: memref<16x16xf32>, %c: memref<64x16xf32>) {
  sevenfold.combine coefficients [[1], [1], [0], [0]]
    accumulate [true, false, true, false]
    ins(%p grid [1, 1] : memref<16x16xf32>)
    outs(%c grid [4, 1] : memref<64x16xf32>)
  return
}

// -----

// Sub-sums are shared: Winograd's four sums of A take four additions.
// CHECK-LABEL: func @shared_sums
// CHECK: func private @sevenfold_combine
// CHECK-COUNT-4: arith.{{addf|subf}} {{.*}} : vector<16xf32>
// CHECK-NOT: arith.{{addf|subf}} {{.*}} : vector<16xf32>
// CHECK: return
func.func @shared_sums(%a: memref<32x32xf32>, %s: memref<64x16xf32>) {
  sevenfold.combine coefficients [[0, 0, 1, 1], [-1, 0, 1, 1], [1, 0, -1, 0], [1, 1, -1, -1]]
    ins(%a grid [2, 2] : memref<32x32xf32>)
    outs(%s grid [4, 1] : memref<64x16xf32>)
  return
}

// -----

// Ragged: what lies beyond an operand's end is neither read nor written; a
// width that vectors do not divide ends in masked vectors.
// CHECK-LABEL: func @ragged
// CHECK: func private @sevenfold_combine
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
// CHECK: return
func.func @ragged(%a: memref<63x35xf32>, %s: memref<32x18xf32>) {
  sevenfold.combine coefficients [[1, 1, 1, 1]]
    ins(%a grid [2, 2] : memref<63x35xf32>)
    outs(%s grid [1, 1] : memref<32x18xf32>)
  return
}

// -----

// Rows of the workspace may be wider than what is used of them. Where they
// start on vectors, nothing is asked at run time before they are streamed.
// STREAM-LABEL: func @padded
// STREAM: func private @sevenfold_combine
// STREAM: memref.view %{{.+}} to memref<64x32xf32>
// STREAM: memref.subview %{{.+}} : memref<64x32xf32> to memref<64x18xf32, strided<[32, 1]>>
// STREAM-NOT: scf.if {{.*}} else
// STREAM-COUNT-2: vector.store {{.*}}nontemporal
// STREAM-NOT: vector.store
// STREAM: vector.maskedstore
// STREAM: return
func.func @padded(%a: memref<64x36xf32>, %w: memref<?xi8>) {
  %zero = arith.constant 0 : index
  %wide = memref.view %w[%zero][] : memref<?xi8> to memref<64x32xf32>
  %s = memref.subview %wide[0, 0] [64, 18] [1, 1]
    : memref<64x32xf32> to memref<64x18xf32, strided<[32, 1]>>
  sevenfold.combine coefficients [[1, 0, 0, 1], [0, 1, 1, 0]]
    ins(%a grid [2, 2] : memref<64x36xf32>)
    outs(%s grid [2, 1] : memref<64x18xf32, strided<[32, 1]>>)
  return
}
