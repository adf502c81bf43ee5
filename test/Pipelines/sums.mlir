// Two projections of one input by constants: on the way to the host the sums of
// the input are formed once, those of the weights not at all, and nothing is
// copied.
// DEFINE: %{passes} =
// DEFINE: %{host} = sevenfold-opt %s --sevenfold-plan="scheme=2x2x2-r7" --sevenfold-decompose="outline row-bytes=64" %{passes} \
// DEFINE:   --canonicalize --sevenfold-bufferize --canonicalize --cse --canonicalize | FileCheck %s --implicit-check-not=memref.copy

// For each of the two the sums of x, those of the weights, and C.
// RUN: %{host} --check-prefix=EACH --implicit-check-not=sevenfold.combine
// EACH-LABEL: func.func @projections(
// EACH-COUNT-6: sevenfold.combine

// REDEFINE: %{passes} = --sevenfold-share-sums
// RUN: %{host} --check-prefix=SHARED --implicit-check-not=sevenfold.combine
// SHARED-LABEL: func.func @projections(
// SHARED-SAME: %[[X:[a-z0-9]+]]: memref<64x32xf32>
// SHARED: sevenfold.combine {{.*}} ins(%[[X]] grid [2, 2]
// SHARED-COUNT-4: sevenfold.combine

// REDEFINE: %{passes} = --sevenfold-share-sums --sevenfold-fold-weights=limit=100000
// RUN: %{host} --check-prefix=FOLDED --implicit-check-not=sevenfold.combine
// FOLDED-DAG: memref.global "private" constant @{{.+}} : memref<80x32xf32> = dense_resource<sevenfold_sums>
// FOLDED-DAG: memref.global "private" constant @{{.+}} : memref<80x32xf32> = dense_resource<sevenfold_sums_1>
// FOLDED-LABEL: func.func @projections(
// FOLDED-SAME: %[[X:[a-z0-9]+]]: memref<64x32xf32>
// FOLDED: sevenfold.combine {{.*}} ins(%[[X]] grid [2, 2]
// FOLDED-COUNT-2: sevenfold.combine

func.func @projections(%x: tensor<64x32xf32>)
    -> (tensor<64x48xf32>, tensor<64x48xf32>) {
  %q = arith.constant dense<0.5> : tensor<32x48xf32>
  %k = arith.constant dense<0.25> : tensor<32x48xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64x48xf32>
  %start = linalg.fill ins(%zero : f32) outs(%e : tensor<64x48xf32>)
      -> tensor<64x48xf32>
  %0 = linalg.matmul ins(%x, %q : tensor<64x32xf32>, tensor<32x48xf32>)
      outs(%start : tensor<64x48xf32>) -> tensor<64x48xf32>
  %1 = linalg.matmul ins(%x, %k : tensor<64x32xf32>, tensor<32x48xf32>)
      outs(%start : tensor<64x48xf32>) -> tensor<64x48xf32>
  return %0, %1 : tensor<64x48xf32>, tensor<64x48xf32>
}
