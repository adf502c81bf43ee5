// A gated block in bf16 with arithmetic on bf16 around the products.
func.func @block(%x: tensor<32x64xbf16>, %gate: tensor<64x96xbf16>, %up: tensor<64x96xbf16>, %down: tensor<96x64xbf16>) -> tensor<32x64xbf16> {
  %zero = arith.constant 0.0 : bf16
  %one = arith.constant 1.0 : bf16
  %e = tensor.empty() : tensor<32x96xbf16>
  %f = linalg.fill ins(%zero : bf16) outs(%e : tensor<32x96xbf16>) -> tensor<32x96xbf16>
  %g = linalg.matmul ins(%x, %gate : tensor<32x64xbf16>, tensor<64x96xbf16>) outs(%f : tensor<32x96xbf16>) -> tensor<32x96xbf16>
  %u = linalg.matmul ins(%x, %up : tensor<32x64xbf16>, tensor<64x96xbf16>) outs(%f : tensor<32x96xbf16>) -> tensor<32x96xbf16>
  %h = linalg.map ins(%g, %u : tensor<32x96xbf16>, tensor<32x96xbf16>) outs(%e : tensor<32x96xbf16>)
    (%a: bf16, %b: bf16, %o: bf16) {
      %n = arith.negf %a : bf16
      %x0 = math.exp %n : bf16
      %d = arith.addf %x0, %one : bf16
      %s = arith.divf %a, %d : bf16
      %r = arith.mulf %s, %b : bf16
      linalg.yield %r : bf16
    }
  %e2 = tensor.empty() : tensor<32x64xbf16>
  %f2 = linalg.fill ins(%zero : bf16) outs(%e2 : tensor<32x64xbf16>) -> tensor<32x64xbf16>
  %y = linalg.matmul ins(%h, %down : tensor<32x96xbf16>, tensor<96x64xbf16>) outs(%f2 : tensor<32x64xbf16>) -> tensor<32x64xbf16>
  %r = arith.addf %y, %x : tensor<32x64xbf16>
  return %r : tensor<32x64xbf16>
}
