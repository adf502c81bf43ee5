// Copies become loops that threads can share.
// RUN: sevenfold-opt %s --sevenfold-lower-copy | FileCheck %s

// CHECK-LABEL: func @strided
// CHECK-NOT: memref.copy
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
func.func @strided(%a: memref<4x4xf32, strided<[8, 1], offset: ?>>,
                   %b: memref<4x4xf32>) {
  memref.copy %a, %b : memref<4x4xf32, strided<[8, 1], offset: ?>>
                    to memref<4x4xf32>
  return
}

// CHECK-LABEL: func @negative_unranked
// CHECK: memref.copy
func.func @negative_unranked(%a: memref<*xf32>, %b: memref<*xf32>) {
  memref.copy %a, %b : memref<*xf32> to memref<*xf32>
  return
}
