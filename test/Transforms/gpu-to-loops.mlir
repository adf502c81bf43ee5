// Kernels run on the host, thread by thread, or on an emulator.
// RUN: sevenfold-opt %s --sevenfold-gpu-to-loops -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s --implicit-check-not=gpu. --implicit-check-not=nvvm.

// CHECK-LABEL: func @launches
// CHECK: scf.parallel (%[[BLOCK:.+]]) =
// CHECK: scf.for %[[THREAD:.+]] =
// CHECK: call @store(%{{.*}}, %[[BLOCK]], %[[THREAD]])
// CHECK: func private @store(%[[A:.+]]: memref<8xindex>, %[[B:.+]]: index, %[[T:.+]]: index)
// CHECK: %[[SUM:.+]] = arith.addi %[[B]], %[[T]]
// CHECK: memref.store %[[SUM]], %[[A]][%[[T]]]
module attributes {gpu.container_module} {
  func.func @launches(%a: memref<8xindex>) {
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    gpu.launch_func @sevenfold_kernels::@store blocks in (%c1, %c1, %c1)
      threads in (%c8, %c1, %c1) args(%a : memref<8xindex>)
    return
  }
  gpu.module @sevenfold_kernels {
    gpu.func @store(%a: memref<8xindex>) kernel {
      %b = gpu.block_id x
      %t = gpu.thread_id x
      %s = arith.addi %b, %t : index
      memref.store %s, %a[%t] : memref<8xindex>
      gpu.return
    }
  }
}

// -----

// Threads that share memory are run by an emulator, block by block.
// CHECK-LABEL: func @shares
// CHECK: scf.parallel (%[[BLOCK:.+]]) =
// CHECK-NOT: scf.for
// CHECK: call @turn(%{{.*}}, %[[BLOCK]])
// CHECK: func private @turn_thread(%[[T:.+]]: index, %{{.*}}: index, %[[A:.+]]: memref<8xf32>, %[[S:.+]]: memref<8xf32>, %[[B:.+]]: index)
// CHECK: memref.store %{{.*}}, %[[S]][%[[T]]] : memref<8xf32>
// CHECK: call @sevenfold_emulate_barrier()
// CHECK: memref.load %[[S]]
// CHECK: call @sevenfold_emulate_tf32(%{{.*}}) : (f32) -> i32
// CHECK: llvm.store %{{.*}} : i32, !llvm.ptr
// CHECK: call @sevenfold_emulate_mma_m16n8k8_tf32(%{{.*}}) : (i64, i64, i64) -> ()
// CHECK: func private @turn(%[[A:.+]]: memref<8xf32>, %[[B:.+]]: index)
// CHECK: %[[S:.+]] = memref.alloca() {alignment = 128 : i64} : memref<8xf32>
// CHECK: call @sevenfold_emulate_spoil(%{{.*}}, %c32
// CHECK: sevenfold.parallel @turn_thread count %c32{{.*}}(%[[A]], %[[S]], %[[B]] : {{.*}}) {runner = "sevenfold_emulate_threads"}
module attributes {gpu.container_module} {
  func.func @shares(%a: memref<8xf32>) {
    %c1 = arith.constant 1 : index
    %c32 = arith.constant 32 : index
    gpu.launch_func @sevenfold_kernels::@turn blocks in (%c1, %c1, %c1)
      threads in (%c32, %c1, %c1) args(%a : memref<8xf32>)
    return
  }
  gpu.module @sevenfold_kernels {
    gpu.func @turn(%a: memref<8xf32>)
        workgroup(%s: memref<8xf32, #gpu.address_space<workgroup>>)
        kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
      %c7 = arith.constant 7 : index
      %t = gpu.thread_id x
      %before = memref.load %a[%t] : memref<8xf32>
      memref.store %before, %s[%t] : memref<8xf32, #gpu.address_space<workgroup>>
      gpu.barrier
      %other = arith.subi %c7, %t : index
      %after = memref.load %s[%other] : memref<8xf32, #gpu.address_space<workgroup>>
      memref.store %after, %a[%t] : memref<8xf32>
      %r = nvvm.convert.float.to.tf32 %after {rnd = #nvvm.fp_rnd_mode<rna>}
      %d = nvvm.mma.sync A[%r, %r, %r, %r] B[%r, %r] C[%after, %after, %after, %after]
        {layoutA = #nvvm.mma_layout<row>, layoutB = #nvvm.mma_layout<col>,
         multiplicandAPtxType = #nvvm.mma_type<tf32>,
         multiplicandBPtxType = #nvvm.mma_type<tf32>,
         shape = #nvvm.shape<m = 16, n = 8, k = 8>}
        : (i32, i32, f32) -> !llvm.struct<(f32, f32, f32, f32)>
      gpu.return
    }
  }
}

// -----

// @negative_clock
module attributes {gpu.container_module} {
  func.func @negative_clock() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @sevenfold_kernels::@waits blocks in (%c1, %c1, %c1)
      threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @sevenfold_kernels {
    gpu.func @waits() kernel attributes {known_block_size = array<i32: 1, 1, 1>} {
      gpu.barrier
      // expected-error @below {{cannot run on the host}}
      %size = gpu.grid_dim x
      gpu.return
    }
  }
}
