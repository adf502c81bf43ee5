// Multiplies until enough.
func.func @repeat(%x: tensor<32x32xf32>, %w: tensor<32x32xf32>, %times: tensor<i64>) -> tensor<32x32xf32> {
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %n = tensor.extract %times[] : tensor<i64>
  %z = arith.constant dense<0.0> : tensor<32x32xf32>
  %r:2 = scf.while (%i = %c0, %y = %x) : (i64, tensor<32x32xf32>) -> (i64, tensor<32x32xf32>) {
    %more = arith.cmpi slt, %i, %n : i64
    scf.condition(%more) %i, %y : i64, tensor<32x32xf32>
  } do {
  ^bb0(%i: i64, %y: tensor<32x32xf32>):
    %p = linalg.matmul ins(%y, %w : tensor<32x32xf32>, tensor<32x32xf32>) outs(%z : tensor<32x32xf32>) -> tensor<32x32xf32>
    %j = arith.addi %i, %c1 : i64
    scf.yield %j, %p : i64, tensor<32x32xf32>
  }
  return %r#1 : tensor<32x32xf32>
}
