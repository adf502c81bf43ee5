// RUN: sevenfold-opt %s --sevenfold-assign-workspace=max-workspace=8191 -verify-diagnostics
// RUN: not sevenfold-opt %s --sevenfold-assign-workspace=max-workspace=4096 2>&1 | FileCheck %s
// CHECK: needs a workspace of 8192 bytes, the limit is 4096

// expected-error @+1 {{needs a workspace of 8192 bytes, the limit is 8191}}
func.func @negative_limit(%x: f32) {
  %a = memref.alloc() : memref<2048xf32>
  linalg.fill ins(%x : f32) outs(%a : memref<2048xf32>)
  return
}
