// Kernels run on the host, thread by thread.
// RUN: sevenfold-opt %s --sevenfold-gpu-to-loops -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s --implicit-check-not=gpu.

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

// @negative_barrier
module attributes {gpu.container_module} {
  func.func @negative_barrier() {
    %c1 = arith.constant 1 : index
    gpu.launch_func @sevenfold_kernels::@waits blocks in (%c1, %c1, %c1)
      threads in (%c1, %c1, %c1)
    return
  }
  gpu.module @sevenfold_kernels {
    gpu.func @waits() kernel {
      // expected-error @below {{cannot run on the host}}
      gpu.barrier
      gpu.return
    }
  }
}
