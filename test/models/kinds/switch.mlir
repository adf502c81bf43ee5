// Branches to one of three, which come together again.
func.func @main(%flag: i32, %a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  cf.switch %flag : i32, [
    default: ^other,
    0: ^join(%a : tensor<4x4xf32>),
    1: ^twice
  ]
^twice:
  %e = tensor.empty() : tensor<4x4xf32>
  %t = linalg.add ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
    outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  cf.br ^join(%t : tensor<4x4xf32>)
^other:
  %f = tensor.empty() : tensor<4x4xf32>
  %s = linalg.mul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
    outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  cf.br ^join(%s : tensor<4x4xf32>)
^join(%r: tensor<4x4xf32>):
  return %r : tensor<4x4xf32>
}
