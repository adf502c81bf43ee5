// Products of our own in device memory become kernels, one for each distinct
// product, on tensor cores where the device has those for their type.
// RUN: sevenfold-opt %s --sevenfold-lower-gemm-to-gpu=processors=1 --canonicalize -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,FMA
// RUN: sevenfold-opt %s --sevenfold-lower-gemm-to-gpu="architecture=80 processors=1 tf32" --canonicalize -split-input-file \
// RUN:   | FileCheck %s --check-prefixes=CHECK,TENSOR
// RUN: not sevenfold-opt %s --sevenfold-lower-gemm-to-gpu=architecture=60 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OPTIONS
// OPTIONS: expected at least 70 as 'architecture'

// All operands lie in the workspace: one kernel, no choice; the same again is
// the same kernel. Other providers' products stay.
// CHECK-LABEL: func @workspace
// CHECK-NOT: scf.if
// FMA: gpu.launch_func @sevenfold_kernels::@sevenfold_product blocks in (%c4, %c1, %c1) threads in (%c256, %c1, %c1)
// TENSOR: gpu.launch_func @sevenfold_kernels::@sevenfold_product blocks in (%c4, %c1, %c1) threads in (%c128, %c1, %c1)
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_product blocks
// CHECK: sevenfold.gemm "cublaslt"
// CHECK: gpu.func @sevenfold_product(
// FMA-SAME: workgroup(%[[A:.+]] : memref<2x8x132xf32, #gpu.address_space<workgroup>> {llvm.align = 128 : i64}, %[[B:.+]] : memref<2x8x132xf32, #gpu.address_space<workgroup>> {llvm.align = 128 : i64})
// A tile of A is transposed on its way, one of B is not.
// FMA: vector.load {{.*}}alignment = 16
// FMA-COUNT-4: memref.store {{.*}}, %[[A]]
// FMA: vector.store {{.*}}, %[[B]]{{.*}}alignment = 16
// FMA: gpu.barrier
// FMA: scf.for
// The next tile is loaded before this one is multiplied.
// FMA: scf.if
// FMA: vector.load {{.*}}alignment = 16
// FMA-COUNT-128: arith.addf {{.*}} fastmath<contract> : vector<4xf32>
// FMA-NOT: arith.addf {{.*}} fastmath<contract>
// FMA: gpu.barrier
// FMA: scf.yield
// FMA-COUNT-16: vector.store {{.*}}alignment = 16
// TENSOR-SAME: workgroup(%{{.*}} : memref<24576xi8, #gpu.address_space<workgroup>> {llvm.align = 128 : i64}, %{{.*}} : memref<24576xi8, #gpu.address_space<workgroup>> {llvm.align = 128 : i64})
// TENSOR: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg :
// TENSOR: nvvm.cp.async.commit.group
// TENSOR: scf.for
// TENSOR: nvvm.cp.async.wait.group 1
// TENSOR: gpu.barrier
// TENSOR: nvvm.cp.async.shared.global
// TENSOR: nvvm.ldmatrix
// TENSOR: nvvm.convert.float.to.tf32 {{.*}}rna
// TENSOR-COUNT-64: nvvm.mma.sync {{.*}}k = 8
// TENSOR-NOT: nvvm.mma.sync
// CHECK: gpu.return
// CHECK-NOT: gpu.func
func.func @workspace(%w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 262144 : index
  %c2 = arith.constant 524288 : index
  %a = memref.view %w[%c0][] : memref<?xi8> to memref<256x256xf32>
  %b = memref.view %w[%c1][] : memref<?xi8> to memref<256x256xf32>
  %c = memref.view %w[%c2][] : memref<?xi8> to memref<256x256xf32>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<256x256xf32>, memref<256x256xf32>)
    outs(%c : memref<256x256xf32>)
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%b, %a : memref<256x256xf32>, memref<256x256xf32>)
    outs(%c : memref<256x256xf32>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%b, %a : memref<256x256xf32>, memref<256x256xf32>)
    outs(%c : memref<256x256xf32>)
  return
}

// -----

// What a caller passes may start anywhere: the host looks.
// CHECK-LABEL: func @passed
// CHECK: memref.extract_aligned_pointer_as_index
// CHECK: %[[REST:.+]] = arith.andi %{{.*}}, %c15
// CHECK: %[[ALIGNED:.+]] = arith.cmpi eq, %[[REST]], %c0
// CHECK: scf.if %[[ALIGNED]]
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_product blocks
// CHECK: else
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_product_unaligned blocks
// C is added to, 8 bytes or 16 at a time.
// CHECK: gpu.func @sevenfold_product(
// TENSOR: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<col>
// TENSOR: nvvm.ldmatrix {{.*}}layout = #nvvm.mma_layout<row>
// TENSOR-COUNT-64: nvvm.mma.sync {{.*}}multiplicandAPtxType = #nvvm.mma_type<bf16>
// TENSOR: vector.load {{.*}}alignment = 8
// TENSOR: arith.addf
// TENSOR: vector.store {{.*}}alignment = 8
// FMA: arith.extf {{.*}} : vector<8xbf16> to vector<8xf32>
// FMA: vector.load {{.*}}alignment = 16
// FMA: arith.addf
// FMA: vector.store {{.*}}alignment = 16
// CHECK: gpu.func @sevenfold_product_unaligned(
// CHECK-NOT: nvvm.cp.async
// CHECK: memref.load {{.*}} : memref<128x64xbf16
// CHECK: memref.store {{.*}} : memref<64x64xf32
func.func @passed(%a: memref<128x64xbf16, strided<[?, 1], offset: ?>>,
                  %b: memref<64x128xbf16, strided<[?, 1], offset: ?>>,
                  %c: memref<64x64xf32, strided<[?, 1], offset: ?>>) {
  sevenfold.gemm "codegen" alpha = 1.0, beta = 1.0
    ins(transposed %a, transposed %b : memref<128x64xbf16, strided<[?, 1], offset: ?>>,
                                       memref<64x128xbf16, strided<[?, 1], offset: ?>>)
    outs(%c : memref<64x64xf32, strided<[?, 1], offset: ?>>)
  return
}

// -----

// Rows that cannot all be aligned: element by element, and only as far as the
// matrices go.
// CHECK-LABEL: func @ragged
// CHECK-NOT: scf.if
// CHECK: gpu.launch_func @sevenfold_kernels::@sevenfold_product_unaligned blocks
// CHECK: gpu.func @sevenfold_product_unaligned(
// CHECK: arith.cmpi ult
// CHECK: scf.if
// CHECK: memref.load
// CHECK-NOT: gpu.func
func.func @ragged(%a: memref<33x31xf64>, %b: memref<31x35xf64>, %c: memref<33x35xf64>) {
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<33x31xf64>, memref<31x35xf64>) outs(%c : memref<33x35xf64>)
  return
}

// -----

// Sizes that tiles do not divide, on aligned rows: whole accesses inside, zeros
// or single elements at the ends.
// CHECK-LABEL: func @ends
// CHECK: gpu.func @sevenfold_product(
// FMA: scf.if
// FMA: vector.load {{.*}}alignment = 16
// FMA: else
// FMA: memref.load
// TENSOR: nvvm.cp.async.shared.global {{.*}}, 16, cache = cg, %{{.*}} :
func.func @ends(%w: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %wide = memref.view %w[%c0][] : memref<?xi8> to memref<64x64xf32>
  %a = memref.subview %wide[0, 0] [61, 59] [1, 1]
    : memref<64x64xf32> to memref<61x59xf32, strided<[64, 1]>>
  %b = memref.subview %wide[0, 0] [59, 61] [1, 1]
    : memref<64x64xf32> to memref<59x61xf32, strided<[64, 1]>>
  %c = memref.subview %wide[0, 0] [61, 61] [1, 1]
    : memref<64x64xf32> to memref<61x61xf32, strided<[64, 1]>>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %b : memref<61x59xf32, strided<[64, 1]>>, memref<59x61xf32, strided<[64, 1]>>)
    outs(%c : memref<61x61xf32, strided<[64, 1]>>)
  return
}

// -----

// Integers are multiplied likewise. Few tiles are small ones.
// CHECK-LABEL: func @integers
// CHECK: gpu.func @sevenfold_product
// CHECK: arith.extsi {{.*}} : vector<8xi8> to vector<8xi32>
// CHECK: arith.muli {{.*}} : vector<4xi32>
// CHECK: arith.addi {{.*}} : vector<4xi32>
func.func @integers(%w: memref<?xi8>, %c: memref<16x16xi32>) {
  %c0 = arith.constant 0 : index
  %a = memref.view %w[%c0][] : memref<?xi8> to memref<16x16xi8>
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<16x16xi8>, memref<16x16xi8>) outs(%c : memref<16x16xi32>)
  return
}
