// Tiles by linalg.pack, a product of tiles, and back.
func.func @tiles(%a: tensor<32x32xf32>, %b: tensor<32x32xf32>) -> tensor<32x32xf32> {
  %zero = arith.constant 0.0 : f32
  %ea = tensor.empty() : tensor<4x4x8x8xf32>
  %pa = linalg.pack %a inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %ea : tensor<32x32xf32> -> tensor<4x4x8x8xf32>
  %eb = tensor.empty() : tensor<4x4x8x8xf32>
  %pb = linalg.pack %b outer_dims_perm = [1, 0] inner_dims_pos = [1, 0] inner_tiles = [8, 8] into %eb : tensor<32x32xf32> -> tensor<4x4x8x8xf32>
  %ec = tensor.empty() : tensor<4x4x8x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%ec : tensor<4x4x8x8xf32>) -> tensor<4x4x8x8xf32>
  %p = linalg.mmt4d ins(%pa, %pb : tensor<4x4x8x8xf32>, tensor<4x4x8x8xf32>) outs(%f : tensor<4x4x8x8xf32>) -> tensor<4x4x8x8xf32>
  %e = tensor.empty() : tensor<32x32xf32>
  %r = linalg.unpack %p inner_dims_pos = [0, 1] inner_tiles = [8, 8] into %e : tensor<4x4x8x8xf32> -> tensor<32x32xf32>
  return %r : tensor<32x32xf32>
}
