// refused: complex<f32>
func.func @main(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %z = arith.constant dense<(0.0, 0.0)> : tensor<4x4xcomplex<f32>>
  %m = arith.constant dense<(1.0, 2.0)> : tensor<4x4xcomplex<f32>>
  %r = linalg.matmul ins(%m, %m : tensor<4x4xcomplex<f32>>, tensor<4x4xcomplex<f32>>)
    outs(%z : tensor<4x4xcomplex<f32>>) -> tensor<4x4xcomplex<f32>>
  %e = tensor.empty() : tensor<4x4xf32>
  %o = linalg.map ins(%r : tensor<4x4xcomplex<f32>>) outs(%e : tensor<4x4xf32>)
    (%x: complex<f32>, %old: f32) {
      %y = complex.re %x : complex<f32>
      linalg.yield %y : f32
    }
  return %o : tensor<4x4xf32>
}
