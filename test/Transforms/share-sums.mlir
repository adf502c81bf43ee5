// Sums of an operand that several products use are formed once.
// RUN: sevenfold-opt %s --sevenfold-share-sums | FileCheck %s

// The query and key projections of one input: the sums of %x serve both, those
// of the weights are their own. Slices of one part of it are one operand.
// CHECK-LABEL: func.func @projections(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<9x8xf32>
// CHECK: %[[SLICE:.+]] = tensor.extract_slice %[[X]]
// CHECK: %[[SUMS:.+]] = sevenfold.combine coefficients {{\[}}[1, 1, 0, 0], [0, 0, 1, 1]] ins(%[[SLICE]]
// CHECK: sevenfold.combine {{.*}} ins(%{{.+}} grid [2, 2] : tensor<8x6xf32>)
// CHECK: sevenfold.combine {{.*}} ins(%{{.+}} grid [2, 2] : tensor<8x6xf32>)
// CHECK-NOT: sevenfold.combine
// CHECK: return %[[SUMS]], %{{.+}}, %[[SUMS]], %{{.+}}
func.func @projections(%x: tensor<9x8xf32>, %q: tensor<8x6xf32>,
                       %k: tensor<8x6xf32>)
    -> (tensor<8x4xf32>, tensor<4x3xf32>, tensor<8x4xf32>, tensor<4x3xf32>) {
  %x0 = tensor.extract_slice %x[0, 0] [8, 8] [1, 1]
      : tensor<9x8xf32> to tensor<8x8xf32>
  %e0 = tensor.empty() : tensor<8x16xf32>
  %s0 = tensor.extract_slice %e0[0, 0] [8, 4] [1, 1]
      : tensor<8x16xf32> to tensor<8x4xf32>
  %a0 = sevenfold.combine coefficients [[1, 1, 0, 0], [0, 0, 1, 1]]
      ins(%x0 grid [2, 2] : tensor<8x8xf32>)
      outs(%s0 grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  %e1 = tensor.empty() : tensor<4x3xf32>
  %b0 = sevenfold.combine coefficients [[1, 0, 0, 1]]
      ins(%q grid [2, 2] : tensor<8x6xf32>)
      outs(%e1 grid [1, 1] : tensor<4x3xf32>) -> tensor<4x3xf32>
  %x1 = tensor.extract_slice %x[0, 0] [8, 8] [1, 1]
      : tensor<9x8xf32> to tensor<8x8xf32>
  %e2 = tensor.empty() : tensor<8x16xf32>
  %s2 = tensor.extract_slice %e2[0, 0] [8, 4] [1, 1]
      : tensor<8x16xf32> to tensor<8x4xf32>
  %a1 = sevenfold.combine coefficients [[1, 1, 0, 0], [0, 0, 1, 1]]
      ins(%x1 grid [2, 2] : tensor<8x8xf32>)
      outs(%s2 grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  %e3 = tensor.empty() : tensor<4x3xf32>
  %b1 = sevenfold.combine coefficients [[1, 0, 0, 1]]
      ins(%k grid [2, 2] : tensor<8x6xf32>)
      outs(%e3 grid [1, 1] : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %a0, %b0, %a1, %b1
      : tensor<8x4xf32>, tensor<4x3xf32>, tensor<8x4xf32>, tensor<4x3xf32>
}

// Another slice, other sums, sums that are added to something, and a
// destination that is not fresh all stay.
// CHECK-LABEL: func.func @negative_different(
// CHECK-COUNT-6: sevenfold.combine
// CHECK: return
func.func @negative_different(%x: tensor<9x8xf32>, %into: tensor<4x4xf32>)
    -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>,
        tensor<4x4xf32>, tensor<4x4xf32>) {
  %e = tensor.empty() : tensor<4x4xf32>
  %x0 = tensor.extract_slice %x[0, 0] [8, 8] [1, 1]
      : tensor<9x8xf32> to tensor<8x8xf32>
  %x1 = tensor.extract_slice %x[1, 0] [8, 8] [1, 1]
      : tensor<9x8xf32> to tensor<8x8xf32>
  %0 = sevenfold.combine coefficients [[1, 1, 0, 0]]
      ins(%x0 grid [2, 2] : tensor<8x8xf32>)
      outs(%e grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = sevenfold.combine coefficients [[1, 1, 0, 0]]
      ins(%x1 grid [2, 2] : tensor<8x8xf32>)
      outs(%e grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = sevenfold.combine coefficients [[1, -1, 0, 0]]
      ins(%x0 grid [2, 2] : tensor<8x8xf32>)
      outs(%e grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  %3 = sevenfold.combine coefficients [[1, 1, 0, 0]] accumulate
      ins(%x0 grid [2, 2] : tensor<8x8xf32>)
      outs(%into grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  %4 = sevenfold.combine coefficients [[1, 1, 0, 0]]
      ins(%x0 grid [2, 2] : tensor<8x8xf32>)
      outs(%into grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  %5 = sevenfold.combine coefficients [[1, 1, 0, 0]]
      ins(%x0 grid [2, 2] : tensor<8x8xf32>)
      outs(%into grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<4x4xf32>, tensor<4x4xf32>,
      tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}

// What a branch forms does not serve the other one.
// CHECK-LABEL: func.func @negative_branches(
// CHECK-COUNT-2: sevenfold.combine
func.func @negative_branches(%x: tensor<8x8xf32>, %which: i1)
    -> tensor<4x4xf32> {
  %r = scf.if %which -> tensor<4x4xf32> {
    %e = tensor.empty() : tensor<4x4xf32>
    %0 = sevenfold.combine coefficients [[1, 1, 0, 0]]
        ins(%x grid [2, 2] : tensor<8x8xf32>)
        outs(%e grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
    scf.yield %0 : tensor<4x4xf32>
  } else {
    %e = tensor.empty() : tensor<4x4xf32>
    %0 = sevenfold.combine coefficients [[1, 1, 0, 0]]
        ins(%x grid [2, 2] : tensor<8x8xf32>)
        outs(%e grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
    scf.yield %0 : tensor<4x4xf32>
  }
  return %r : tensor<4x4xf32>
}

// A function that was measured without sharing stays so.
// CHECK-LABEL: func.func @negative_separate(
// CHECK-COUNT-2: sevenfold.combine
func.func @negative_separate(%x: tensor<8x8xf32>)
    -> (tensor<8x4xf32>, tensor<8x4xf32>) attributes {sevenfold.separate_sums} {
  %e0 = tensor.empty() : tensor<8x4xf32>
  %a0 = sevenfold.combine coefficients [[1, 1, 0, 0], [0, 0, 1, 1]]
      ins(%x grid [2, 2] : tensor<8x8xf32>)
      outs(%e0 grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  %e1 = tensor.empty() : tensor<8x4xf32>
  %a1 = sevenfold.combine coefficients [[1, 1, 0, 0], [0, 0, 1, 1]]
      ins(%x grid [2, 2] : tensor<8x8xf32>)
      outs(%e1 grid [2, 1] : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %a0, %a1 : tensor<8x4xf32>, tensor<8x4xf32>
}
