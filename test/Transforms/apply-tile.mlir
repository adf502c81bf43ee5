// REQUIRES: search
// The weight of counted numbers comes from a tool that other tests have.
// RUN: rm -rf %t && mkdir %t && %cc -std=c11 -O2 %S/../Tools/Inputs/npy.c -o %t/npy
// RUN: %t/npy write 64 64 2 > %t/w.npy
// RUN: sevenfold tile fit --weight %t/w.npy --tile 2 --rank 7 --budget 1steps -o %t/w.tile.json
// RUN: sevenfold tile fit --weight %t/w.npy --tile 2 --rank 7 --layout tiles --budget 1steps -o %t/t.tile.json
// RUN: sevenfold-opt --sevenfold-apply-tile="function=f argument=1 file=%t/w.tile.json" %s | FileCheck %s --check-prefixes=CHECK,BLOCKS
// RUN: sevenfold-opt --sevenfold-apply-tile="function=f argument=1 file=%t/t.tile.json" %s | FileCheck %s --check-prefixes=CHECK,TILES
// RUN: not sevenfold-opt --sevenfold-apply-tile="function=g argument=1 file=%t/w.tile.json" %s 2>&1 | FileCheck %s --check-prefix=FUNCTION
// RUN: not sevenfold-opt --sevenfold-apply-tile="function=f argument=7 file=%t/w.tile.json" %s 2>&1 | FileCheck %s --check-prefix=ARGUMENT
// RUN: not sevenfold-opt --sevenfold-apply-tile="function=f argument=0 file=%t/w.tile.json" %s 2>&1 | FileCheck %s --check-prefix=LEFT

// CHECK-LABEL: func.func @f
// CHECK-SAME: (%[[X:.*]]: tensor<64x64xf32>, %{{.*}}: tensor<64x64xf32>)
// CHECK-DAG: %[[WH:.*]] = arith.constant dense_resource<f_1_tile> : tensor<7x32x32xf32>
// BLOCKS-NOT: linalg.transpose
// TILES: linalg.transpose ins(%{{.*}} : tensor<32x2x32x2xf32>) outs(%{{.*}} : tensor<2x32x2x32xf32>) permutation = [1, 0, 3, 2]
// CHECK: sevenfold.combine
// CHECK: linalg.batch_matmul ins(%{{.*}}, %[[WH]] : tensor<7x32x32xf32>, tensor<7x32x32xf32>)
// CHECK: sevenfold.combine
// TILES: linalg.transpose ins(%{{.*}} : tensor<2x32x2x32xf32>) outs(%{{.*}} : tensor<32x2x32x2xf32>) permutation = [1, 0, 3, 2]
// CHECK: return
// FUNCTION: sevenfold-apply-tile: there is no function 'g' with a body
// ARGUMENT: sevenfold-apply-tile: 'f' has no argument 7
// LEFT: argument 0 of 'f' is the right operand of no matmul of static sizes
func.func @f(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>)
         -> tensor<64x64xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}
