// Contractions, however they are spelled, become linalg.matmul.
// RUN: sevenfold-opt %s --sevenfold-normalize-contractions | FileCheck %s

#a = affine_map<(b, m, n, k) -> (b, m, k)>
#b = affine_map<(b, m, n, k) -> (b, n, k)>
#c = affine_map<(b, m, n, k) -> (b, m, n)>

// CHECK-DAG: #[[KN:.+]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[NK:.+]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[MK:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[KM:.+]] = affine_map<(d0, d1, d2) -> (d2, d0)>

// What is a matmul already stays as it is.
// CHECK-LABEL: func @matmul
// CHECK-NEXT: linalg.matmul ins(%arg0, %arg0
// CHECK-NEXT: return
func.func @matmul(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
                     outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// A batch is a loop of matmuls with the batch's plan; each overwrites its own.
// CHECK-LABEL: func @batch
// CHECK-NOT: linalg.fill
// CHECK: %[[R:.+]] = scf.for %[[I:.+]] = %{{.+}} to %c3 step %{{.+}} iter_args(%[[C:.+]] = %{{.+}})
// CHECK: %[[A:.+]] = tensor.extract_slice %arg0[%[[I]], 0, 0] [1, 8, 6] {{.*}} to tensor<8x6xf32>
// CHECK: %[[B:.+]] = tensor.extract_slice %arg1[%[[I]], 0, 0] [1, 6, 4] {{.*}} to tensor<6x4xf32>
// CHECK: %[[D:.+]] = tensor.extract_slice %[[C]][%[[I]], 0, 0]
// CHECK: %[[F:.+]] = linalg.fill {{.*}} outs(%[[D]]
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>} ins(%[[A]], %[[B]] {{.*}} outs(%[[F]]
// CHECK: tensor.insert_slice
// CHECK: return %[[R]]
func.func @batch(%a: tensor<3x8x6xf32>, %b: tensor<3x6x4xf32>)
    -> tensor<3x8x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x8x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x8x4xf32>)
         -> tensor<3x8x4xf32>
  %0 = linalg.batch_matmul
         {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<3x8x6xf32>, tensor<3x6x4xf32>)
         outs(%f : tensor<3x8x4xf32>) -> tensor<3x8x4xf32>
  return %0 : tensor<3x8x4xf32>
}

// CHECK-LABEL: func @contract
// CHECK: scf.for
// CHECK: linalg.matmul indexing_maps = [#[[MK]], #[[NK]], #{{.+}}]
func.func @contract(%a: tensor<3x8x6xf32>, %b: tensor<3x4x6xf32>,
                    %c: tensor<3x8x4xf32>) -> tensor<3x8x4xf32> {
  %0 = linalg.contract indexing_maps = [#a, #b, #c]
         ins(%a, %b : tensor<3x8x6xf32>, tensor<3x4x6xf32>)
         outs(%c : tensor<3x8x4xf32>) -> tensor<3x8x4xf32>
  return %0 : tensor<3x8x4xf32>
}

// A result stored transposed is the product of the transposed operands.
// CHECK-LABEL: func @generic_transposed_result
// CHECK: linalg.matmul indexing_maps = [#[[KM]], #[[NK]], #{{.+}}] ins(%arg1, %arg0 :
// CHECK-SAME: outs(%arg2
func.func @generic_transposed_result(%a: tensor<8x6xf64>, %b: tensor<6x4xf64>,
                                     %c: tensor<4x8xf64>) -> tensor<4x8xf64> {
  %0 = linalg.generic {
      indexing_maps = [affine_map<(k, n, m) -> (m, k)>,
                       affine_map<(k, n, m) -> (k, n)>,
                       affine_map<(k, n, m) -> (n, m)>],
      iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%a, %b : tensor<8x6xf64>, tensor<6x4xf64>)
      outs(%c : tensor<4x8xf64>) {
  ^bb0(%x: f64, %y: f64, %z: f64):
    %p = arith.mulf %y, %x : f64
    %s = arith.addf %z, %p : f64
    linalg.yield %s : f64
  } -> tensor<4x8xf64>
  return %0 : tensor<4x8xf64>
}

// A linear layer on a batch of sequences is one matmul of more rows.
// CHECK-LABEL: func @linear
// CHECK-DAG: %[[A:.+]] = tensor.collapse_shape %arg0 {{\[}}[0, 1], [2]] : tensor<2x8x6xf32> into tensor<16x6xf32>
// CHECK-DAG: %[[C:.+]] = tensor.collapse_shape %arg2 {{\[}}[0, 1], [2]]
// CHECK: %[[R:.+]] = linalg.matmul indexing_maps = [#[[MK]], #[[NK]], {{.*}} ins(%[[A]], %arg1 {{.*}} outs(%[[C]]
// CHECK: tensor.expand_shape %[[R]] {{\[}}[0, 1], [2]]
func.func @linear(%a: tensor<2x8x6xf32>, %w: tensor<4x6xf32>,
                  %c: tensor<2x8x4xf32>) -> tensor<2x8x4xf32> {
  %0 = linalg.contract
         indexing_maps = [#a, affine_map<(b, m, n, k) -> (n, k)>, #c]
         ins(%a, %w : tensor<2x8x6xf32>, tensor<4x6xf32>)
         outs(%c : tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return %0 : tensor<2x8x4xf32>
}

// Heads inside of rows, as attention has them: rows of a slice lie apart.
// CHECK-LABEL: func @attention
// CHECK: scf.for %[[B:.+]] = %c0{{.*}} to %c2
// CHECK: scf.for %[[H:.+]] = %c0{{.*}} to %c3
// CHECK: tensor.extract_slice %arg0[%[[B]], 0, %[[H]], 0] [1, 8, 1, 4] {{.*}} to tensor<8x4xf32>
// CHECK: linalg.matmul indexing_maps = [#[[MK]], #[[NK]],
func.func @attention(%q: tensor<2x8x3x4xf32>, %k: tensor<2x5x3x4xf32>,
                     %c: tensor<2x3x8x5xf32>) -> tensor<2x3x8x5xf32> {
  %0 = linalg.contract
         indexing_maps = [affine_map<(b, h, m, n, k) -> (b, m, h, k)>,
                          affine_map<(b, h, m, n, k) -> (b, n, h, k)>,
                          affine_map<(b, h, m, n, k) -> (b, h, m, n)>]
         ins(%q, %k : tensor<2x8x3x4xf32>, tensor<2x5x3x4xf32>)
         outs(%c : tensor<2x3x8x5xf32>) -> tensor<2x3x8x5xf32>
  return %0 : tensor<2x3x8x5xf32>
}

// Dimensions summed over that lie side by side are one.
// CHECK-LABEL: func @two_sums
// CHECK: linalg.matmul {{.*}}tensor<8x6xf32>, tensor<6x4xf32>
func.func @two_sums(%a: tensor<8x2x3xf32>, %b: tensor<2x3x4xf32>,
                    %c: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %0 = linalg.contract
         indexing_maps = [affine_map<(m, n, k, l) -> (m, k, l)>,
                          affine_map<(m, n, k, l) -> (k, l, n)>,
                          affine_map<(m, n, k, l) -> (m, n)>]
         ins(%a, %b : tensor<8x2x3xf32>, tensor<2x3x4xf32>)
         outs(%c : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// CHECK-LABEL: func @transposes
// CHECK: linalg.matmul indexing_maps = [#[[KM]], #[[KN]], {{.*}} ins(%arg0, %arg1 : tensor<6x8xf32>, tensor<6x4xf32>)
func.func @transposes(%a: tensor<6x8xf32>, %b: tensor<6x4xf32>,
                      %c: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %ea = tensor.empty() : tensor<8x6xf32>
  %ta = linalg.transpose ins(%a : tensor<6x8xf32>)
          outs(%ea : tensor<8x6xf32>) permutation = [1, 0]
  %eb = tensor.empty() : tensor<4x6xf32>
  %tb = linalg.transpose ins(%b : tensor<6x4xf32>)
          outs(%eb : tensor<4x6xf32>) permutation = [1, 0]
  %ebb = tensor.empty() : tensor<6x4xf32>
  %tbb = linalg.transpose ins(%tb : tensor<4x6xf32>)
          outs(%ebb : tensor<6x4xf32>) permutation = [1, 0]
  %0 = linalg.matmul ins(%ta, %tbb : tensor<8x6xf32>, tensor<6x4xf32>)
                     outs(%c : tensor<8x4xf32>) -> tensor<8x4xf32>
  return %0 : tensor<8x4xf32>
}

// A transposition that is no layout stays.
// CHECK-LABEL: func @transpose_to_batch
// CHECK: %[[T:.+]] = linalg.transpose
// CHECK: scf.for
// CHECK: tensor.extract_slice %[[T]]
func.func @transpose_to_batch(%a: tensor<8x6x3xf32>, %b: tensor<3x4x6xf32>,
                              %c: tensor<3x8x4xf32>) -> tensor<3x8x4xf32> {
  %e = tensor.empty() : tensor<3x8x6xf32>
  %t = linalg.transpose ins(%a : tensor<8x6x3xf32>)
         outs(%e : tensor<3x8x6xf32>) permutation = [2, 0, 1]
  %0 = linalg.contract indexing_maps = [#a, #b, #c]
         ins(%t, %b : tensor<3x8x6xf32>, tensor<3x4x6xf32>)
         outs(%c : tensor<3x8x4xf32>) -> tensor<3x8x4xf32>
  return %0 : tensor<3x8x4xf32>
}

// CHECK-LABEL: func @negative_vector
// CHECK: linalg.contract
func.func @negative_vector(%a: tensor<8x6xf32>, %b: tensor<6xf32>,
                           %c: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.contract indexing_maps = [affine_map<(m, k) -> (m, k)>,
                                        affine_map<(m, k) -> (k)>,
                                        affine_map<(m, k) -> (m)>]
         ins(%a, %b : tensor<8x6xf32>, tensor<6xf32>)
         outs(%c : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
