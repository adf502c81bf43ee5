// Matmuls of every kind the compiler takes.
#km = affine_map<(m, n, k) -> (k, m)>
#mk = affine_map<(m, n, k) -> (m, k)>
#kn = affine_map<(m, n, k) -> (k, n)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

func.func @overwrite(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<64x64xf32>)
         -> tensor<64x64xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

func.func @ragged(%a: tensor<65x67xf64>, %b: tensor<67x71xf64>)
    -> tensor<65x71xf64> {
  %zero = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<65x71xf64>
  %c = linalg.fill ins(%zero : f64) outs(%e : tensor<65x71xf64>)
         -> tensor<65x71xf64>
  %0 = linalg.matmul ins(%a, %b : tensor<65x67xf64>, tensor<67x71xf64>)
                     outs(%c : tensor<65x71xf64>) -> tensor<65x71xf64>
  return %0 : tensor<65x71xf64>
}

func.func @transposed(%a: tensor<64x32xf32>, %b: tensor<96x64xf32>)
    -> tensor<32x96xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<32x96xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<32x96xf32>)
         -> tensor<32x96xf32>
  %0 = linalg.matmul indexing_maps = [#km, #nk, #mn]
         ins(%a, %b : tensor<64x32xf32>, tensor<96x64xf32>)
         outs(%c : tensor<32x96xf32>) -> tensor<32x96xf32>
  return %0 : tensor<32x96xf32>
}

// Added to a value of the function's own: a C caller's C is an input, which is
// never written.
func.func @accumulate(%a: tensor<64x64xf32>, %b: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<64x64xf32>
  %c = linalg.fill ins(%one : f32) outs(%e : tensor<64x64xf32>)
         -> tensor<64x64xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<64x64xf32>, tensor<64x64xf32>)
                     outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

func.func @accumulate_ragged(%a: tensor<65x67xf32>, %b: tensor<67x71xf32>)
    -> tensor<65x71xf32> {
  %one = arith.constant 1.0 : f32
  %e = tensor.empty() : tensor<65x71xf32>
  %c = linalg.fill ins(%one : f32) outs(%e : tensor<65x71xf32>)
         -> tensor<65x71xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<65x67xf32>, tensor<67x71xf32>)
                     outs(%c : tensor<65x71xf32>) -> tensor<65x71xf32>
  return %0 : tensor<65x71xf32>
}
