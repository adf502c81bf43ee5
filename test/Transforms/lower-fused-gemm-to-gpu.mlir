// Fused products become kernels that load every term of a sum and store to every
// block of C.
// RUN: sevenfold-opt %s --sevenfold-lower-gemm-to-gpu=processors=1 --canonicalize -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,FMA
// RUN: sevenfold-opt %s --sevenfold-lower-gemm-to-gpu="architecture=80 processors=1 tf32" --canonicalize -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,TENSOR

// A sum of A, a block of B as it is, two destinations: the first is overwritten,
// the second subtracted from.
// CHECK-LABEL: func @workspace
// CHECK-NOT: scf.if
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_fused_product blocks in (%c1, %c1, %c1)
// CHECK: gpu.func @sevenfold_fused_product(
// CHECK-DAG: %[[A0:.+]] = memref.subview %{{.+}}[0, 0] [128, 128]
// CHECK-DAG: %[[A3:.+]] = memref.subview %{{.+}}[128, 128] [128, 128]
// CHECK-DAG: %[[B1:.+]] = memref.subview %{{.+}}[0, 128] [128, 128]
// FMA: %[[T0:.+]] = vector.load %[[A0]]{{.*}}alignment = 16
// FMA: %[[T1:.+]] = vector.load %[[A3]]{{.*}}alignment = 16
// FMA: %[[MINUS:.+]] = arith.negf %[[T1]]
// FMA: arith.addf %[[T0]], %[[MINUS]]
// The terms of the next tile are loaded before this one is multiplied, and summed
// up after it.
// FMA: scf.for
// FMA: %[[NEXT:.+]]:3 = scf.if
// FMA: vector.load
// FMA: vector.load
// FMA: vector.load
// FMA-COUNT-128: arith.addf {{.*}} fastmath<contract> : vector<4xf32>
// FMA: arith.negf %[[NEXT]]#1
// FMA: gpu.barrier
// FMA: scf.yield
// TENSOR: nvvm.cp.async.shared.global
// TENSOR: scf.for
// TENSOR: nvvm.cp.async.wait.group 1
// TENSOR: gpu.barrier
// What cp.async cannot bring is loaded between the products.
// TENSOR: nvvm.cp.async.shared.global
// TENSOR: vector.load %{{.*}}alignment = 16
// TENSOR: nvvm.mma.sync
// TENSOR: arith.addf
// TENSOR: llvm.store {{.*}}alignment = 16
// TENSOR: nvvm.mma.sync
// TENSOR: scf.yield
// CHECK: vector.store {{.*}}alignment
// CHECK: arith.negf
// CHECK: vector.load {{.*}}alignment
// CHECK: arith.addf
// CHECK: vector.store {{.*}}alignment
// CHECK: gpu.return
// CHECK-NOT: gpu.func
func.func @workspace(%w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 262144 : index
  %c2 = arith.constant 524288 : index
  %a = memref.view %w[%c0][] : memref<?xi8> to memref<256x256xf32>
  %b = memref.view %w[%c1][] : memref<?xi8> to memref<256x256xf32>
  %c = memref.view %w[%c2][] : memref<?xi8> to memref<256x256xf32>
  sevenfold.fused_gemm grid [2, 2, 2]
    ins([1, 0, 0, -1] of %a : memref<256x256xf32>, [0, 1, 0, 0] of %b : memref<256x256xf32>)
    outs([1, 0, 0, -1] of %c : memref<256x256xf32>) accumulate [false, false, false, true]
  return
}

// -----

// Blocks that start off a 16-byte boundary are read element by element, and those
// that end beyond their operand as far as it goes.
// CHECK-LABEL: func @ragged
// CHECK-NOT: scf.if
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_fused_product_unaligned blocks
// CHECK: gpu.func @sevenfold_fused_product_unaligned(
// CHECK-DAG: memref.subview %{{.+}}[0, 0] [6, 6]
// CHECK-DAG: memref.subview %{{.+}}[6, 6] [5, 6]
// CHECK: memref.load
func.func @ragged(%a: memref<11x12xf64>, %b: memref<12x12xf64>, %c: memref<11x12xf64>) {
  sevenfold.fused_gemm grid [2, 2, 4]
    ins([1, 0, 0, 1] of %a : memref<11x12xf64>, [1, 0, 0, 0, 0, 0, 0, 0] of %b : memref<12x12xf64>)
    outs([1, 0, 0, 0, 0, 1, 0, 0] of %c : memref<11x12xf64>)
    accumulate [false, false, false, false, false, false, false, false]
  return
}

// -----

// A block without an element is none, and nothing times anything is nothing.
// CHECK-LABEL: func @beyond
// CHECK: gpu.func @sevenfold_fused_product
// CHECK-NOT: scf.for
// CHECK-NOT: memref.load
// CHECK: store
// CHECK: gpu.return
func.func @beyond(%a: memref<5x4xf32>, %b: memref<4x4xf32>, %c: memref<5x4xf32>) {
  sevenfold.fused_gemm grid [4, 1, 1]
    ins([0, 0, 0, 1] of %a : memref<5x4xf32>, [1] of %b : memref<4x4xf32>)
    outs([1, 0, 0, 0] of %c : memref<5x4xf32>) accumulate [false, false, false, false]
  return
}

// -----

// Sums of narrow numbers are formed in what they are summed up in.
// CHECK-LABEL: func @narrow
// CHECK: gpu.func @sevenfold_fused_product(
// FMA: arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
// FMA: arith.addf {{.*}} : vector<8xf32>
// FMA-NOT: arith.truncf
// TENSOR: arith.extf %{{.*}} : vector<8xf16> to vector<8xf32>
// TENSOR: arith.addf {{.*}} : vector<8xf32>
// TENSOR: arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
// CHECK: gpu.return
func.func @narrow(%a: memref<256x256xf16>, %b: memref<256x256xf16>, %c: memref<256x256xf32>) {
  sevenfold.fused_gemm grid [2, 2, 2]
    ins([1, 1, 0, 0] of transposed %a : memref<256x256xf16>, [0.5, 0, 0, 1] of transposed %b : memref<256x256xf16>)
    outs([0, 1, 0, 0] of %c : memref<256x256xf32>) accumulate [true, true, true, true]
  return
}
