// A guarded function and its classical one after bufferisation.
func.func @f(%a: memref<4x4xf32>, %b: memref<4x4xf32>) attributes {
    sevenfold.guard = {classical = "f.classical", hardware = "here",
                       instruction_sets = "avx2,fma"}} {
  sevenfold.gemm "openblas" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>)
    outs(%b : memref<4x4xf32>)
  return
}
func.func @f.classical(%a: memref<4x4xf32>, %b: memref<4x4xf32>) attributes {
    sevenfold.classical} {
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>)
    outs(%b : memref<4x4xf32>)
  return
}
