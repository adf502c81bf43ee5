// RUN: not sevenfold-opt %s --convert-sevenfold-to-runtime 2>&1 | FileCheck %s
// CHECK: error: {{.*}}unknown provider 'cublas'
func.func @negative_provider(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  sevenfold.gemm "cublas" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%c : memref<4x4xf32>)
  return
}
