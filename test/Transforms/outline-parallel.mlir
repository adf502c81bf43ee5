// Parallel loops become functions over a range of their outermost dimension.
// RUN: sevenfold-opt %s --sevenfold-outline-parallel --canonicalize | FileCheck %s

// CHECK-LABEL: func @loop
// CHECK-SAME: (%[[A:.+]]: memref<6x8xf32>
// CHECK: %[[COUNT:.+]] = arith.constant 6 : index
// CHECK: sevenfold.parallel @[[BODY:.+]] count %[[COUNT]](%{{.*}}%[[A]]
// CHECK-NOT: scf.parallel
func.func @loop(%a: memref<6x8xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i, %j) = (%c0, %c0) to (%c6, %c8) step (%c1, %c1) {
    memref.store %x, %a[%i, %j] : memref<6x8xf32>
    scf.reduce
  }
  return
}

// Iterations are counted, whatever the bounds and the step.
// CHECK-LABEL: func @steps
// CHECK: %[[FOUR:.+]] = arith.constant 4 : index
// CHECK: sevenfold.parallel @{{.+}} count %[[FOUR]]
func.func @steps(%a: memref<16xf32>, %x: f32) {
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %c12 = arith.constant 12 : index
  scf.parallel (%i) = (%c2) to (%c12) step (%c3) {
    memref.store %x, %a[%i] : memref<16xf32>
    scf.reduce
  }
  return
}

// A sum over threads is none of ours.
// CHECK-LABEL: func @negative_reduction
// CHECK: scf.parallel
func.func @negative_reduction(%a: memref<16xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %zero = arith.constant 0.0 : f32
  %0 = scf.parallel (%i) = (%c0) to (%c16) step (%c1) init (%zero) -> f32 {
    %x = memref.load %a[%i] : memref<16xf32>
    scf.reduce(%x : f32) {
    ^bb0(%l: f32, %r: f32):
      %s = arith.addf %l, %r : f32
      scf.reduce.return %s : f32
    }
  }
  return %0 : f32
}

// The functions: the first dimension runs over the range, others inside.
// CHECK: func private @[[BODY]](%[[BEGIN:.+]]: index, %[[END:.+]]: index
// CHECK: scf.for %[[I:.+]] = %[[BEGIN]] to %[[END]]
// CHECK: scf.for %[[J:.+]] =
// CHECK: memref.store %{{.+}}, %{{.+}}[%[[I]], %[[J]]]
