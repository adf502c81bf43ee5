func.func @switch(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>, %which: tensor<i64>) -> tensor<32x32xf32> {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %v = tensor.extract %which[] : tensor<i64>
  %i = arith.index_cast %v : i64 to index
  %r = scf.index_switch %i -> tensor<32x32xf32>
  case 0 {
    %0 = linalg.matmul ins(%x, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
    scf.yield %0 : tensor<32x32xf32>
  }
  case 1 {
    scf.yield %w : tensor<32x32xf32>
  }
  default {
    scf.yield %x : tensor<32x32xf32>
  }
  return %r : tensor<32x32xf32>
}
func.func @selected(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>, %p: tensor<i1>) -> tensor<32x32xf32> {
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %b = tensor.extract %p[] : tensor<i1>
  %0 = linalg.matmul ins(%x, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
  %1 = linalg.matmul ins(%w, %x : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
  %s = arith.select %b, %0, %1 : tensor<32x32xf32>
  return %s : tensor<32x32xf32>
}
