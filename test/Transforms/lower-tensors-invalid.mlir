// RUN: sevenfold-opt %s --sevenfold-lower-tensors -split-input-file -verify-diagnostics

func.func @another_dialect(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{'tosa.add': run --tosa-to-linalg-named}}
  %0 = tosa.add %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @printed(%x: f32) {
  // expected-error@+1 {{'vector.print': vectors are not supported}}
  vector.print %x : f32
  return
}
