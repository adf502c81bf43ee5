// A second body without plans for other machines, and what chooses between the
// two.
// RUN: sevenfold-opt %s --split-input-file --verify-diagnostics \
// RUN:   --sevenfold-guard="hardware=here instruction-sets=avx2,fma" | FileCheck %s
// RUN: sevenfold-opt %S/Inputs/guarded.mlir --convert-sevenfold-to-runtime \
// RUN:   --reconcile-unrealized-casts --canonicalize | FileCheck %s --check-prefix=ENTRY
// RUN: not sevenfold-opt %S/Inputs/guarded.mlir --sevenfold-guard 2>&1 | FileCheck %s --check-prefix=NAMELESS
// NAMELESS: expected a 'hardware' to guard for

#plan = #sevenfold.plan<[breadth "2x2x2-r7"], provider = "openblas">

// CHECK-LABEL: func.func @f(
// CHECK-SAME: sevenfold.guard = {classical = "f.classical", hardware = "here", instruction_sets = "avx2,fma"}
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"], provider = "openblas">}
// CHECK-LABEL: func.func private @ours(
// CHECK-LABEL: func.func @f.classical(
// CHECK-SAME: attributes {sevenfold.classical}
// CHECK-NOT: sevenfold.plan
// CHECK: linalg.matmul ins(
// CHECK-NOT: func.func
func.func @f(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>)
    -> tensor<8x8xf32> {
  %d = linalg.matmul {sevenfold.plan = #plan}
      ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %d : tensor<8x8xf32>
}
func.func private @ours(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  return %a : tensor<8x8xf32>
}

// -----

// expected-error @+1 {{cannot be guarded, the name 'g_planned' is taken}}
func.func @g(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  return %a : tensor<8x8xf32>
}
func.func @g_planned(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  return %a : tensor<8x8xf32>
}

// Both bodies are inside the library; outside there are the choice and the
// query.
// ENTRY-DAG: llvm.mlir.global internal constant @sevenfold_guard.hardware("here\00")
// ENTRY-DAG: llvm.mlir.global internal constant @sevenfold_guard.instruction_sets("avx2,fma\00")
// ENTRY-LABEL: llvm.func internal @f.planned(
// ENTRY-LABEL: llvm.func @f(
// ENTRY: %[[YES:.+]] = llvm.call @sevenfold_guard(%{{.+}}, %{{.+}}) : (!llvm.ptr, !llvm.ptr) -> i32
// ENTRY: llvm.call @f.planned(
// ENTRY: llvm.call @f.classical(
// ENTRY-LABEL: llvm.func @f_planned() -> i32
// ENTRY: %[[ANSWER:.+]] = llvm.call @sevenfold_guard(
// ENTRY: llvm.return %[[ANSWER]] : i32
// ENTRY-LABEL: llvm.func internal @f.classical(
