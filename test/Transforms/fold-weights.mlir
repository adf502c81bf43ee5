// Sums of constants are computed when compiling, within the limit.
// RUN: sevenfold-opt %s --sevenfold-fold-weights="limit=68" --canonicalize | FileCheck %s
// RUN: sevenfold-opt %s --sevenfold-fold-weights="limit=39" -o /dev/null \
// RUN:   --remarks-filter="sevenfold.*" --remark-format=emitRemark 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: sevenfold-opt %s --sevenfold-fold-weights | FileCheck %s --check-prefix=OFF

// Without a limit nothing is folded.
// OFF-COUNT-4: sevenfold.combine

// 32 bytes fit, the next 32 do not, 4 fit again.
// REMARK: [Passed] SumsFolded
// REMARK-SAME: bytes=32
// REMARK: [Missed] SumsNotFolded
// REMARK-SAME: the sums need 32 bytes, which is beyond the limit of 39 for all
// REMARK: [Passed] SumsFolded
// REMARK-SAME: bytes=4

// [[1, 2], [3, 4]]: 1 + 2 = 3 and 3 - 4 = -1, each at the start of a row of
// four, the rest zeros.
// CHECK-LABEL: func.func @dense(
// CHECK: %[[SUMS:.+]] = arith.constant dense_resource<sevenfold_sums> : tensor<2x4xf32>
// CHECK: %[[SLICE:.+]] = tensor.extract_slice %[[SUMS]][0, 0] [2, 1] [1, 1]
// CHECK: return %[[SLICE]]
func.func @dense() -> tensor<2x1xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %s = tensor.extract_slice %e[0, 0] [2, 1] [1, 1]
      : tensor<2x4xf32> to tensor<2x1xf32>
  %sums = sevenfold.combine coefficients [[1, 1, 0, 0], [0, 0, 1, -1]]
      ins(%w grid [2, 2] : tensor<2x2xf32>)
      outs(%s grid [2, 1] : tensor<2x1xf32>) -> tensor<2x1xf32>
  return %sums : tensor<2x1xf32>
}

// A slice of a resource in f64: 0.1 + 0.2, and 0.5 * 0.3 where the other block
// of the last sum is beyond the edge.
// CHECK-LABEL: func.func @resource(
// CHECK: arith.constant dense_resource<sevenfold_sums_1> : tensor<4x1xf64>
func.func @resource() -> tensor<4x1xf64> {
  %w = arith.constant dense_resource<weights> : tensor<2x3xf64>
  %part = tensor.extract_slice %w[1, 0] [1, 3] [1, 1]
      : tensor<2x3xf64> to tensor<1x3xf64>
  %e = tensor.empty() : tensor<4x1xf64>
  %sums = sevenfold.combine coefficients [[1, 1, 0, 0], [0, 0, 0.5, 1],
                                          [0, 0, 0, 1], [0, 0, 0, 0]]
      ins(%part grid [1, 4] : tensor<1x3xf64>)
      outs(%e grid [4, 1] : tensor<4x1xf64>) -> tensor<4x1xf64>
  return %sums : tensor<4x1xf64>
}

// A splat is a constant like any other.
// CHECK-LABEL: func.func @splat(
// CHECK: arith.constant dense_resource<sevenfold_sums_2> : tensor<1x1xf32>
func.func @splat() -> tensor<1x1xf32> {
  %w = arith.constant dense<3.0> : tensor<1x2xf32>
  %e = tensor.empty() : tensor<1x1xf32>
  %sums = sevenfold.combine coefficients [[1, 2]]
      ins(%w grid [1, 2] : tensor<1x2xf32>)
      outs(%e grid [1, 1] : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %sums : tensor<1x1xf32>
}

// CHECK-LABEL: func.func @negative_argument(
// CHECK: sevenfold.combine
func.func @negative_argument(%w: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %e = tensor.empty() : tensor<1x1xf32>
  %sums = sevenfold.combine coefficients [[1, 2]]
      ins(%w grid [1, 2] : tensor<1x2xf32>)
      outs(%e grid [1, 1] : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %sums : tensor<1x1xf32>
}

// The data, after four bytes of alignment: 3, 0, 0, 0, -1, 0, 0, 0 in f32;
// 0.30000000000000004, 0.15, 0, 0 in f64; 9 in f32.
// CHECK: dialect_resources
// CHECK-DAG: sevenfold_sums: "0x40000000{{(00)*}}00004040000000000000000000000000000080BF000000000000000000000000"
// CHECK-DAG: sevenfold_sums_1: "0x40000000343333333333D33F333333333333C33F00000000000000000000000000000000"
// CHECK-DAG: sevenfold_sums_2: "0x4000000000001041"

{-#
  dialect_resources: {
    builtin: {
      weights: "0x08000000000000000000F03F000000000000F03F000000000000F03F9A9999999999B93F9A9999999999C93F333333333333D33F"
    }
  }
#-}
