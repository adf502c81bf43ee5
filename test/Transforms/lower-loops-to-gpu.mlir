// What is left of a model becomes kernels; copies of rows stay.
// RUN: sevenfold-opt %s --sevenfold-lower-loops-to-gpu --canonicalize -split-input-file \
// RUN:   -verify-diagnostics | FileCheck %s --implicit-check-not=linalg. --implicit-check-not=scf.parallel

// CHECK-LABEL: func @elementwise
// CHECK: memref.copy
// CHECK: gpu.launch_func @sevenfold_kernels::@elementwise_loop blocks in (%c4,
// CHECK: gpu.func @elementwise_loop(%[[A:.+]]: memref<10x100xf32>, %[[B:.+]]: memref<10x100xf32>)
// CHECK: arith.cmpi ult, %{{.*}}, %c1000
// CHECK: scf.if
// CHECK-DAG: arith.remui %{{.*}}, %c100
// CHECK-DAG: arith.divui %{{.*}}, %c100
// CHECK: memref.load %[[A]]
// CHECK: arith.negf
// CHECK: memref.store %{{.*}}, %[[B]]
func.func @elementwise(%a: memref<10x100xf32>, %b: memref<10x100xf32>) {
  memref.copy %a, %b : memref<10x100xf32> to memref<10x100xf32>
  linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
    ins(%a : memref<10x100xf32>) outs(%b : memref<10x100xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// A sum of everything is one thread's work; a sum of rows is a thread a row.
// CHECK-LABEL: func @sums
// CHECK: gpu.launch_func @sevenfold_kernels::@sums_loop blocks in (%c1,
// CHECK: gpu.launch_func @sevenfold_kernels::@sums_loop_0 blocks in (%c1,
// CHECK: gpu.func @sums_loop(
// CHECK: scf.for
// CHECK: gpu.func @sums_loop_0(
// CHECK: scf.for
func.func @sums(%a: memref<10x100xf32>, %all: memref<f32>, %rows: memref<10xf32>) {
  linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>],
      iterator_types = ["reduction", "reduction"]}
    ins(%a : memref<10x100xf32>) outs(%all : memref<f32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  }
  linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]}
    ins(%a : memref<10x100xf32>) outs(%rows : memref<10xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Elementary functions become what GPUs have.
// CHECK-LABEL: func @functions
// CHECK: gpu.func @functions_loop(
// CHECK-NOT: math.rsqrt
// CHECK-NOT: math.exp
// CHECK-NOT: math.tanh
// CHECK: gpu.return
func.func @functions(%a: memref<64xf32>) {
  linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    outs(%a : memref<64xf32>) {
  ^bb0(%out: f32):
    %0 = math.rsqrt %out : f32
    %1 = math.exp %0 : f32
    %2 = math.tanh %1 : f32
    linalg.yield %2 : f32
  }
  return
}

// -----

// @negative_host_read
func.func @negative_host_read(%a: memref<f32>, %b: memref<4xf32>) {
  // expected-error @below {{a value computed on the GPU decides what the host does}}
  %0 = memref.load %a[] : memref<f32>
  linalg.fill ins(%0 : f32) outs(%b : memref<4xf32>)
  return
}

// -----

// A kernel is given a constant like any other buffer.
// CHECK-LABEL: func @constant
// CHECK: %[[WEIGHTS:.+]] = memref.get_global @weights
// CHECK: gpu.launch_func {{.*}}@constant_loop
// CHECK-SAME: args({{.*}}%[[WEIGHTS]] : memref<4xf32>
memref.global "private" constant @weights : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
func.func @constant(%b: memref<4xf32>) {
  %0 = memref.get_global @weights : memref<4xf32>
  linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%0 : memref<4xf32>) outs(%b : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %1 = arith.negf %in : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// @negative_constant_read
memref.global "private" constant @count : memref<f32> = dense<2.0>
func.func @negative_constant_read(%b: memref<4xf32>) {
  %0 = memref.get_global @count : memref<f32>
  // expected-error @below {{a value computed on the GPU decides what the host does}}
  %1 = memref.load %0[] : memref<f32>
  linalg.fill ins(%1 : f32) outs(%b : memref<4xf32>)
  return
}
