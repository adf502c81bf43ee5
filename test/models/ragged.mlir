// Sizes no block grid divides, in both types, with accumulation and with each
// operand transposed.

#a = affine_map<(m, n, k) -> (m, k)>
#at = affine_map<(m, n, k) -> (k, m)>
#b = affine_map<(m, n, k) -> (k, n)>
#bt = affine_map<(m, n, k) -> (n, k)>
#c = affine_map<(m, n, k) -> (m, n)>

func.func @plain(%a: tensor<1000x1500xf32>, %b: tensor<1500x777xf32>)
    -> tensor<1000x777xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1000x777xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1000x777xf32>)
      -> tensor<1000x777xf32>
  %c = linalg.matmul
      ins(%a, %b : tensor<1000x1500xf32>, tensor<1500x777xf32>)
      outs(%start : tensor<1000x777xf32>) -> tensor<1000x777xf32>
  return %c : tensor<1000x777xf32>
}

func.func @accumulate(%a: tensor<1001x643xf64>, %b: tensor<643x1129xf64>,
                      %c: tensor<1001x1129xf64>) -> tensor<1001x1129xf64> {
  %sum = linalg.matmul
      ins(%a, %b : tensor<1001x643xf64>, tensor<643x1129xf64>)
      outs(%c : tensor<1001x1129xf64>) -> tensor<1001x1129xf64>
  return %sum : tensor<1001x1129xf64>
}

func.func @transposed_a(%a: tensor<911x1023xf32>, %b: tensor<911x1277xf32>)
    -> tensor<1023x1277xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1023x1277xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1023x1277xf32>)
      -> tensor<1023x1277xf32>
  %c = linalg.matmul indexing_maps = [#at, #b, #c]
      ins(%a, %b : tensor<911x1023xf32>, tensor<911x1277xf32>)
      outs(%start : tensor<1023x1277xf32>) -> tensor<1023x1277xf32>
  return %c : tensor<1023x1277xf32>
}

func.func @transposed_b(%a: tensor<613x1501xf64>, %b: tensor<819x1501xf64>)
    -> tensor<613x819xf64> {
  %zero = arith.constant 0.0 : f64
  %empty = tensor.empty() : tensor<613x819xf64>
  %start = linalg.fill ins(%zero : f64) outs(%empty : tensor<613x819xf64>)
      -> tensor<613x819xf64>
  %c = linalg.matmul indexing_maps = [#a, #bt, #c]
      ins(%a, %b : tensor<613x1501xf64>, tensor<819x1501xf64>)
      outs(%start : tensor<613x819xf64>) -> tensor<613x819xf64>
  return %c : tensor<613x819xf64>
}

func.func @tall(%a: tensor<4097x129xf32>, %b: tensor<129x65xf32>)
    -> tensor<4097x65xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4097x65xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<4097x65xf32>)
      -> tensor<4097x65xf32>
  %c = linalg.matmul ins(%a, %b : tensor<4097x129xf32>, tensor<129x65xf32>)
      outs(%start : tensor<4097x65xf32>) -> tensor<4097x65xf32>
  return %c : tensor<4097x65xf32>
}
