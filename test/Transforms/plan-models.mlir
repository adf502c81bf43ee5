// What frontends write around products, as the plan pass sees it.
// RUN: sevenfold-opt %s --sevenfold-plan="scheme=2x2x2-r7" --remarks-filter=.* \
// RUN:   --remark-format=yaml --remarks-output-file=%t.yaml | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.yaml

// Nothing says what it adds to.
// CHECK-LABEL: func @undefined
// CHECK: linalg.matmul {sevenfold.plan
// REMARK: !Passed
// REMARK: undefined
// REMARK: nothing defines the accumulator, which is taken for zero
func.func @undefined(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// Static sizes hide behind casts.
// CHECK-LABEL: func @cast
// CHECK: linalg.matmul {sevenfold.plan = {{.*}} ins(%{{.*}}, %{{.*}} : tensor<64x64xf32>, tensor<64x64xf32>)
// REMARK: !Passed
// REMARK: cast
func.func @cast(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>, %c: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %d = tensor.cast %x : tensor<64x64xf32> to tensor<?x64xf32>
  %o = tensor.cast %c : tensor<64x64xf32> to tensor<?x64xf32>
  %0 = linalg.matmul ins(%d, %w : tensor<?x64xf32>, tensor<64x64xf32>) outs(%o : tensor<?x64xf32>) -> tensor<?x64xf32>
  %r = tensor.cast %0 : tensor<?x64xf32> to tensor<64x64xf32>
  return %r : tensor<64x64xf32>
}

// One weight for a whole batch: its rows are those of one product.
// CHECK-LABEL: func @shared_weight
// CHECK: linalg.batch_matmul {sevenfold.plan
// REMARK: shared_weight
// REMARK: m: {{.*}}256
func.func @shared_weight(%x: tensor<8x32x64xf32>, %w: tensor<64x64xf32>, %c: tensor<8x32x64xf32>) -> tensor<8x32x64xf32> {
  %e = tensor.empty() : tensor<8x64x64xf32>
  %b = linalg.broadcast ins(%w : tensor<64x64xf32>) outs(%e : tensor<8x64x64xf32>) dimensions = [0]
  %0 = linalg.batch_matmul ins(%x, %b : tensor<8x32x64xf32>, tensor<8x64x64xf32>) outs(%c : tensor<8x32x64xf32>) -> tensor<8x32x64xf32>
  return %0 : tensor<8x32x64xf32>
}

// CHECK-LABEL: func @matvec
// CHECK-NOT: sevenfold.plan
// REMARK: !Missed
// REMARK: matvec
// REMARK: an operand is a vector
func.func @matvec(%a: tensor<32x16xf32>, %x: tensor<16xf32>, %y: tensor<32xf32>) -> tensor<32xf32> {
  %0 = linalg.matvec ins(%a, %x : tensor<32x16xf32>, tensor<16xf32>) outs(%y : tensor<32xf32>) -> tensor<32xf32>
  return %0 : tensor<32xf32>
}
