// Combines in device memory become kernels, one for each distinct combine, with
// 16-byte accesses where they are aligned.
// RUN: sevenfold-opt %s --sevenfold-lower-combine-to-gpu --canonicalize -split-input-file \
// RUN:   | FileCheck %s --implicit-check-not=sevenfold.combine
// RUN: not sevenfold-opt %s --sevenfold-lower-combine-to-gpu=threads=48 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=THREADS
// THREADS: expected a power of two from 32 to 1024 as 'threads'

// Both operands lie in the workspace: one kernel, no choice.
// CHECK-LABEL: func @workspace
// CHECK-NOT: scf.if
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_combine blocks in (%{{.*}}, %{{.*}}, %{{.*}}) threads in (%{{.*}}) args(%{{.*}} : memref<?xi8>)
// The same again is the same kernel.
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_combine blocks
// CHECK: gpu.module @sevenfold_kernels
// CHECK: gpu.func @sevenfold_combine(%{{.*}}: memref<?xi8>) kernel attributes {known_block_size = array<i32: 256, 1, 1>}
// CHECK-DAG: gpu.block_id x upper_bound 4
// CHECK-DAG: gpu.thread_id x upper_bound 256
// 64 x 64 blocks: 16 threads along the columns, whole tiles, no guard.
// CHECK-NOT: scf.if
// CHECK: %[[A:.+]] = vector.load {{.*}}alignment = 16{{.*}}vector<4xf32>
// CHECK: %[[B:.+]] = vector.load {{.*}}alignment = 16{{.*}}vector<4xf32>
// CHECK-NOT: vector.load
// CHECK: %[[D:.+]] = arith.subf %[[A]], %[[B]] : vector<4xf32>
// CHECK: vector.store %[[D]], {{.*}}alignment = 16
// CHECK: gpu.return
// CHECK-NOT: gpu.func
func.func @workspace(%w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 65536 : index
  %a = memref.view %w[%c0][] : memref<?xi8> to memref<128x128xf32>
  %s = memref.view %w[%c1][] : memref<?xi8> to memref<64x64xf32>
  sevenfold.combine coefficients [[1, 0, 0, -1]]
    ins(%a grid [2, 2] : memref<128x128xf32>)
    outs(%s grid [1, 1] : memref<64x64xf32>)
  sevenfold.combine coefficients [[1, 0, 0, -1]]
    ins(%a grid [2, 2] : memref<128x128xf32>)
    outs(%s grid [1, 1] : memref<64x64xf32>)
  return
}

// -----

// What a caller passes may start anywhere: the host looks.
// CHECK-LABEL: func @passed
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: %[[REST:.+]] = arith.andi %{{.*}}, %c15
// CHECK: %[[ALIGNED:.+]] = arith.cmpi eq, %[[REST]], %c0
// CHECK: scf.if %[[ALIGNED]]
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_combine blocks
// CHECK: else
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_combine_unaligned blocks
// CHECK: gpu.func @sevenfold_combine(
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: gpu.func @sevenfold_combine_unaligned(
// CHECK-NOT: vector<4xf32>
// CHECK: memref.load
// CHECK: memref.store
func.func @passed(%a: memref<64x64xf32, strided<[?, 1], offset: ?>>,
                  %s: memref<32x32xf32, strided<[?, 1], offset: ?>>) {
  sevenfold.combine coefficients [[1, 0, 0, 1]]
    ins(%a grid [2, 2] : memref<64x64xf32, strided<[?, 1], offset: ?>>)
    outs(%s grid [1, 1] : memref<32x32xf32, strided<[?, 1], offset: ?>>)
  return
}

// -----

// Blocks that start off a boundary are read in the pieces that are aligned.
// CHECK-LABEL: func @pieces
// CHECK: gpu.func @sevenfold_combine(
// CHECK: vector.load {{.*}}alignment = 16{{.*}}vector<8xf16>
// CHECK-COUNT-2: vector.load {{.*}}alignment = 8{{.*}}vector<4xf16>
// CHECK: arith.extf {{.*}} : vector<8xf16> to vector<8xf32>
// CHECK: arith.addf {{.*}} : vector<8xf32>
// CHECK: arith.truncf {{.*}} : vector<8xf32> to vector<8xf16>
// CHECK: vector.store {{.*}}alignment = 16
func.func @pieces(%w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 65536 : index
  %a = memref.view %w[%c0][] : memref<?xi8> to memref<64x72xf16>
  %wide = memref.view %w[%c1][] : memref<?xi8> to memref<64x40xf16>
  %s = memref.subview %wide[0, 0] [64, 36] [1, 1]
    : memref<64x40xf16> to memref<64x36xf16, strided<[40, 1]>>
  sevenfold.combine coefficients [[1, 1]]
    ins(%a grid [1, 2] : memref<64x72xf16>)
    outs(%s grid [1, 1] : memref<64x36xf16, strided<[40, 1]>>)
  return
}

// -----

// A ragged end: rows beyond it are left alone, and the last columns are walked
// one by one.
// CHECK-LABEL: func @ragged
// CHECK: gpu.func @sevenfold_combine(
// CHECK: arith.cmpi ult
// CHECK: scf.if
// CHECK: scf.if
// CHECK: vector.load {{.*}} vector<2xf64>
// CHECK: else
// CHECK: scf.for
// CHECK: memref.load
// CHECK: memref.store
func.func @ragged(%w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 65536 : index
  %a = memref.view %w[%c0][] : memref<?xi8> to memref<33x64xf64>
  %s = memref.view %w[%c1][] : memref<?xi8> to memref<33x64xf64>
  %a1 = memref.subview %a[0, 0] [33, 61] [1, 1]
    : memref<33x64xf64> to memref<33x61xf64, strided<[64, 1]>>
  %s1 = memref.subview %s[0, 0] [33, 61] [1, 1]
    : memref<33x64xf64> to memref<33x61xf64, strided<[64, 1]>>
  sevenfold.combine coefficients [[2]] accumulate
    ins(%a1 grid [1, 1] : memref<33x61xf64, strided<[64, 1]>>)
    outs(%s1 grid [1, 1] : memref<33x61xf64, strided<[64, 1]>>)
  return
}
