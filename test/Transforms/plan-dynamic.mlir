// Matmuls of dynamic sizes are planned where their sizes are declared.
// RUN: sevenfold-opt %s --sevenfold-plan="scheme=2x2x2-r7 max-error-growth=1e6" \
// RUN:   --remarks-filter=.* --remark-format=yaml --remarks-output-file=%t.yaml \
// RUN:   | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.yaml
// One remark for each of them.
// RUN: grep -c '^--- ' %t.yaml | FileCheck %s --check-prefix=COUNT
// COUNT: {{^}}6{{$}}

// A size that is declared exactly is a cast behind a guard, and all of C a part. C
// of the caller is copied once, for all versions.
// CHECK-LABEL: func @exact
// CHECK-DAG: %[[M:.+]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[C64:.+]] = arith.constant 64 : index
// CHECK-DAG: %[[COPY:.+]] = linalg.copy ins(%arg2
// CHECK: %[[IS:.+]] = arith.cmpi eq, %[[M]], %[[C64]]
// CHECK: %[[R:.+]] = scf.if %[[IS]] -> (tensor<?x64xf32>) {
// CHECK: %[[A:.+]] = tensor.cast %arg0 : tensor<?x32xf32> to tensor<64x32xf32>
// CHECK: %[[C:.+]] = tensor.extract_slice %[[COPY]][0, 0] [64, 64] [1, 1] : tensor<?x64xf32> to tensor<64x64xf32>
// CHECK: %[[P:.+]] = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>} ins(%[[A]], %arg1 {{.*}} outs(%[[C]]
// CHECK: tensor.insert_slice %[[P]] into %[[COPY]][0, 0] [64, 64] [1, 1] : tensor<64x64xf32> into tensor<?x64xf32>
// CHECK: } else {
// CHECK: linalg.matmul {sevenfold.product} ins(%arg0, %arg1 {{.*}} outs(%[[COPY]]
// CHECK: return %[[R]]
// REMARK: --- !Passed
// REMARK: Function: exact
// REMARK: m: '64'
func.func @exact(%a: tensor<?x32xf32>, %b: tensor<32x64xf32>,
                 %c: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linalg.matmul
         {sevenfold.ranges = array<i64: 64, 64, 64, 64, 32, 32>}
         ins(%a, %b : tensor<?x32xf32>, tensor<32x64xf32>)
         outs(%c : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// In a range sizes stay what they are, and the range is known further on. C is
// zeroed by the version that is taken.
// CHECK-LABEL: func @range
// CHECK-NOT: linalg.fill
// CHECK-DAG: arith.cmpi uge, %[[M:.+]], %{{.+}} : index
// CHECK-DAG: arith.cmpi ule, %[[M]], %{{.+}} : index
// CHECK: scf.if
// CHECK: linalg.fill
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>, sevenfold.ranges = array<i64: 33, 64, 48, 48, 32, 32>} ins(%arg0, %arg1
// CHECK: } else {
// CHECK: linalg.fill
// CHECK: linalg.matmul {sevenfold.product} ins
// REMARK: --- !Passed
// REMARK: Function: range
// REMARK: type: f16-f32
func.func @range(%a: tensor<?x32xf16>, %b: tensor<32x48xf16>, %m: index)
    -> tensor<?x48xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%m) : tensor<?x48xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x48xf32>)
         -> tensor<?x48xf32>
  %0 = linalg.matmul
         {sevenfold.ranges = array<i64: 33, 64, 48, 48, 32, 32>}
         ins(%a, %b : tensor<?x32xf16>, tensor<32x48xf16>)
         outs(%f : tensor<?x48xf32>) -> tensor<?x48xf32>
  return %0 : tensor<?x48xf32>
}

// A plan that is spelled out is for all sizes that its levels divide.
// CHECK-LABEL: func @undeclared
// CHECK: scf.if
// CHECK: linalg.matmul {sevenfold.plan = {{.*}}, sevenfold.ranges = array<i64: 2, 1048576, 2, 1048576, 2, 1048576>} ins
// REMARK: --- !Passed
// REMARK: Function: undeclared
func.func @undeclared(%a: tensor<?x?xf32>, %c: tensor<?x?xf32>)
    -> tensor<?x?xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<?x?xf32>, tensor<?x?xf32>)
                     outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// Without a plan for the declared sizes there is nothing to choose.
// CHECK-LABEL: func @negative_no_plan
// CHECK-NEXT: %[[R:.+]] = linalg.matmul {{.*}}ins(%arg0, %arg0
// CHECK: return %[[R]]
// REMARK: --- !Missed
// REMARK: Function: negative_no_plan
// REMARK: Reason: {{.*}}is smaller than the plan
func.func @negative_no_plan(%a: tensor<?x?xf32>, %c: tensor<?x?xf32>)
    -> tensor<?x?xf32> {
  %0 = linalg.matmul {sevenfold.ranges = array<i64: 1, 1, 1, 1, 1, 1>}
                     ins(%a, %a : tensor<?x?xf32>, tensor<?x?xf32>)
                     outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func @negative_other_size
// CHECK-NOT: scf.if
// REMARK: --- !Missed
// REMARK: Function: negative_other_size
// REMARK: Reason: a declared range is not the size it is known to be
func.func @negative_other_size(%a: tensor<?x32xf32>, %b: tensor<32x64xf32>,
                               %c: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linalg.matmul
         {sevenfold.ranges = array<i64: 64, 64, 64, 64, 16, 32>}
         ins(%a, %b : tensor<?x32xf32>, tensor<32x64xf32>)
         outs(%c : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// Sizes that are known need no ranges.
// CHECK-LABEL: func @static
// CHECK-NOT: scf.if
// CHECK: linalg.matmul {sevenfold.plan = {{[^}]*}}} ins
// REMARK: --- !Passed
// REMARK: Function: static
func.func @static(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul {sevenfold.ranges = array<i64: 8, 8, 8, 8, 8, 8>}
                     ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
                     outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
