// RUN: sevenfold-opt %s --sevenfold-fuse-elementwise --split-input-file \
// RUN:   | FileCheck %s

#map = affine_map<(d0, d1) -> (d0, d1)>

// CHECK-LABEL: @fuses_a_chain
// CHECK-COUNT-1: linalg.generic
// CHECK: arith.addf
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @fuses_a_chain(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %e = tensor.empty() : tensor<8x4xf32>
  %twice = linalg.generic {
      indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%v: f32, %o: f32):
    %s = arith.addf %v, %v : f32
    linalg.yield %s : f32
  } -> tensor<8x4xf32>
  %square = linalg.generic {
      indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%twice : tensor<8x4xf32>) outs(%e : tensor<8x4xf32>) {
  ^bb0(%v: f32, %o: f32):
    %s = arith.mulf %v, %v : f32
    linalg.yield %s : f32
  } -> tensor<8x4xf32>
  return %square : tensor<8x4xf32>
}

// -----

#cube = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// Attention: shares of the softmax, times the values, back to one row a token.
// CHECK-LABEL: @negative_reshaped_product_stays_named
// CHECK: linalg.batch_matmul
// CHECK: linalg.matmul
func.func @negative_reshaped_product_stays_named(
    %scores: tensor<6x4x4xf32>, %values: tensor<6x4x2xf32>,
    %weights: tensor<12x12xf32>, %c: tensor<4x12xf32>) -> tensor<4x12xf32> {
  %e = tensor.empty() : tensor<6x4x4xf32>
  %shares = linalg.generic {
      indexing_maps = [#cube, #cube],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%scores : tensor<6x4x4xf32>) outs(%e : tensor<6x4x4xf32>) {
  ^bb0(%v: f32, %o: f32):
    %s = arith.mulf %v, %v : f32
    linalg.yield %s : f32
  } -> tensor<6x4x4xf32>
  %zero = arith.constant 0.0 : f32
  %m = tensor.empty() : tensor<6x4x2xf32>
  %start = linalg.fill ins(%zero : f32) outs(%m : tensor<6x4x2xf32>)
      -> tensor<6x4x2xf32>
  %mixed = linalg.batch_matmul
      ins(%shares, %values : tensor<6x4x4xf32>, tensor<6x4x2xf32>)
      outs(%start : tensor<6x4x2xf32>) -> tensor<6x4x2xf32>
  %t = tensor.empty() : tensor<4x6x2xf32>
  %turned = linalg.transpose ins(%mixed : tensor<6x4x2xf32>)
      outs(%t : tensor<4x6x2xf32>) permutation = [1, 0, 2]
  %rows = tensor.collapse_shape %turned [[0], [1, 2]]
      : tensor<4x6x2xf32> into tensor<4x12xf32>
  %y = linalg.matmul ins(%rows, %weights : tensor<4x12xf32>, tensor<12x12xf32>)
      outs(%c : tensor<4x12xf32>) -> tensor<4x12xf32>
  return %y : tensor<4x12xf32>
}
