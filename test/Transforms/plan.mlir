// Matmuls get the plan that was asked for, and exactly one remark each.
// RUN: sevenfold-opt %s --sevenfold-plan="scheme=2x2x2-r7-winograd levels=2 execution=depth ragged=pad provider=openblas max-error-growth=500" \
// RUN:   | FileCheck %s
// RUN: sevenfold-opt %s --sevenfold-plan="scheme=2x2x2-r7-winograd levels=2 max-error-growth=500" \
// RUN:   --remarks-filter=.* --remark-format=yaml --remarks-output-file=%t.yaml \
// RUN:   -o /dev/null
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.yaml
// Twenty-one matmul-like operations are below; the product is none any more.
// RUN: grep -c '^--- ' %t.yaml | FileCheck %s --check-prefix=COUNT
// COUNT: {{^}}21{{$}}

#transposed = affine_map<(m, n, k) -> (n, k)>
#lhs = affine_map<(m, n, k) -> (m, k)>
#out = affine_map<(m, n, k) -> (m, n)>

// CHECK-LABEL: func @square
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<[depth "2x2x2-r7-winograd", depth "2x2x2-r7-winograd"], provider = "openblas", ragged = pad>}
// REMARK: --- !Passed
// REMARK-NEXT: Pass: sevenfold-plan
// REMARK-NEXT: Name: MatmulPlanned
// REMARK: plan.mlir
// REMARK: Function: square
// REMARK-NEXT: Args:
// REMARK-NEXT: m: '64'
// REMARK-NEXT: k: '48'
// REMARK-NEXT: n: '32'
// REMARK-NEXT: type: f32
// REMARK-NEXT: plan: '2x2x2-r7-winograd/breadth, 2x2x2-r7-winograd/breadth; any provider; peel'
func.func @square(%a: tensor<64x48xf32>, %b: tensor<48x32xf32>,
                  %c: tensor<64x32xf32>) -> tensor<64x32xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<64x48xf32>, tensor<48x32xf32>)
                     outs(%c : tensor<64x32xf32>) -> tensor<64x32xf32>
  return %0 : tensor<64x32xf32>
}

// Any way the operands are stored will do.
// CHECK-LABEL: func @transposed_b
// CHECK: linalg.matmul
// CHECK-SAME: sevenfold.plan =
// REMARK: --- !Passed
// REMARK: Function: transposed_b
// REMARK: n: '16'
func.func @transposed_b(%a: tensor<64x48xf64>, %b: tensor<16x48xf64>,
                        %c: tensor<64x16xf64>) -> tensor<64x16xf64> {
  %0 = linalg.matmul indexing_maps = [#lhs, #transposed, #out]
         ins(%a, %b : tensor<64x48xf64>, tensor<16x48xf64>)
         outs(%c : tensor<64x16xf64>) -> tensor<64x16xf64>
  return %0 : tensor<64x16xf64>
}

// A plan in the input is the user's word.
// CHECK-LABEL: func @planned_by_hand
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "3x3x3-r23"]>}
// REMARK: --- !Passed
// REMARK: Function: planned_by_hand
// REMARK: plan: '3x3x3-r23/breadth; any provider; peel'
func.func @planned_by_hand(%a: tensor<9x9xf32>) -> tensor<9x9xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "3x3x3-r23"]>}
         ins(%a, %a : tensor<9x9xf32>, tensor<9x9xf32>)
         outs(%a : tensor<9x9xf32>) -> tensor<9x9xf32>
  return %0 : tensor<9x9xf32>
}

// Products of a plan are never planned again, and say nothing again.
// CHECK-LABEL: func @product
// CHECK: linalg.matmul {sevenfold.product} ins
// REMARK-NOT: Function: product
func.func @product(%a: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %0 = linalg.matmul {sevenfold.product}
         ins(%a, %a : tensor<64x64xf32>, tensor<64x64xf32>)
         outs(%a : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// Edges of sizes that are not known are peeled.
// CHECK-LABEL: func @dynamic
// CHECK: scf.if
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<{{.*}}>, sevenfold.ranges = array<i64: 4, 1048576, 64, 64, 64, 64>} ins
// CHECK: linalg.matmul {sevenfold.product} ins
// REMARK: --- !Passed
// REMARK: Function: dynamic
// REMARK: least_m: '4'
func.func @dynamic(%a: tensor<?x64xf32>, %b: tensor<64x64xf32>,
                            %c: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x64xf32>)
                     outs(%c : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// CHECK-LABEL: func @negative_memrefs
// CHECK: linalg.matmul ins
// REMARK: --- !Missed
// REMARK: Function: negative_memrefs
// REMARK: Reason: operands are not tensors
func.func @negative_memrefs(%a: memref<64x64xf32>, %c: memref<64x64xf32>) {
  linalg.matmul ins(%a, %a : memref<64x64xf32>, memref<64x64xf32>)
                outs(%c : memref<64x64xf32>)
  return
}

// CHECK-LABEL: func @integers
// CHECK: linalg.matmul {sevenfold.plan =
// REMARK: --- !Passed
// REMARK: Function: integers
// REMARK: type: i32
func.func @integers(%a: tensor<64x64xi32>) -> tensor<64x64xi32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
                     ins(%a, %a : tensor<64x64xi32>, tensor<64x64xi32>)
                     outs(%a : tensor<64x64xi32>) -> tensor<64x64xi32>
  return %0 : tensor<64x64xi32>
}

// Bytes are widened before they are summed up.
// CHECK-LABEL: func @bytes
// CHECK: linalg.matmul {sevenfold.plan =
// REMARK: --- !Passed
// REMARK: Function: bytes
// REMARK: type: i8-i32
func.func @bytes(%a: tensor<64x64xi8>, %c: tensor<64x64xi32>)
    -> tensor<64x64xi32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
                     ins(%a, %a : tensor<64x64xi8>, tensor<64x64xi8>)
                     outs(%c : tensor<64x64xi32>) -> tensor<64x64xi32>
  return %0 : tensor<64x64xi32>
}

// bf16 is summed up in f32, which linalg does not: the remark says so.
// CHECK-LABEL: func @brain_floats
// CHECK: linalg.matmul {sevenfold.plan =
// REMARK: --- !Passed
// REMARK: Function: brain_floats
// REMARK: type: bf16
// REMARK-NEXT: accumulator: f32
func.func @brain_floats(%a: tensor<64x64xbf16>) -> tensor<64x64xbf16> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
                     ins(%a, %a : tensor<64x64xbf16>, tensor<64x64xbf16>)
                     outs(%a : tensor<64x64xbf16>) -> tensor<64x64xbf16>
  return %0 : tensor<64x64xbf16>
}

// CHECK-LABEL: func @negative_wrapping_bytes
// CHECK: linalg.matmul ins
// REMARK: --- !Missed
// REMARK: Function: negative_wrapping_bytes
// REMARK: Reason: element type i8 is none of f32, f64, f16, bf16 and i32
func.func @negative_wrapping_bytes(%a: tensor<64x64xi8>) -> tensor<64x64xi8> {
  %0 = linalg.matmul ins(%a, %a : tensor<64x64xi8>, tensor<64x64xi8>)
                     outs(%a : tensor<64x64xi8>) -> tensor<64x64xi8>
  return %0 : tensor<64x64xi8>
}

// CHECK-LABEL: func @negative_unsigned
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_unsigned
// REMARK: Reason: operands are extended without their sign
func.func @negative_unsigned(%a: tensor<64x64xi8>, %c: tensor<64x64xi32>)
    -> tensor<64x64xi32> {
  %0 = linalg.matmul {cast = #linalg.type_fn<cast_unsigned>}
                     ins(%a, %a : tensor<64x64xi8>, tensor<64x64xi8>)
                     outs(%c : tensor<64x64xi32>) -> tensor<64x64xi32>
  return %0 : tensor<64x64xi32>
}

// CHECK-LABEL: func @negative_mixed_types
// CHECK: linalg.matmul ins
// REMARK: --- !Missed
// REMARK: Function: negative_mixed_types
// REMARK: Reason: mixed element types f16, f16 and f64
func.func @negative_mixed_types(%a: tensor<64x64xf16>, %c: tensor<64x64xf64>)
    -> tensor<64x64xf64> {
  %0 = linalg.matmul ins(%a, %a : tensor<64x64xf16>, tensor<64x64xf16>)
                     outs(%c : tensor<64x64xf64>) -> tensor<64x64xf64>
  return %0 : tensor<64x64xf64>
}

// CHECK-LABEL: func @negative_provider
// CHECK: linalg.matmul ins
// REMARK: --- !Missed
// REMARK: Function: negative_provider
// REMARK: Reason: 'provider ''openblas'' cannot multiply i32 matrices'
func.func @negative_provider(%a: tensor<64x64xi32>) -> tensor<64x64xi32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<
                        [breadth "2x2x2-r7"], provider = "openblas">}
                     ins(%a, %a : tensor<64x64xi32>, tensor<64x64xi32>)
                     outs(%a : tensor<64x64xi32>) -> tensor<64x64xi32>
  return %0 : tensor<64x64xi32>
}

// CHECK-LABEL: func @negative_broadcast
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_broadcast
// REMARK: Reason: an operand is broadcast
func.func @negative_broadcast(%a: tensor<64xf32>, %b: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  %0 = linalg.matmul
         indexing_maps = [affine_map<(m, n, k) -> (k)>,
                          affine_map<(m, n, k) -> (k, n)>, #out]
         ins(%a, %b : tensor<64xf32>, tensor<64x64xf32>)
         outs(%b : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// CHECK-LABEL: func @batched
// CHECK: linalg.batch_matmul {sevenfold.plan =
// REMARK: --- !Passed
// REMARK: Function: batched
// REMARK: n: '64'
// REMARK-NEXT: batch: '2'
func.func @batched(%a: tensor<2x64x64xf32>) -> tensor<2x64x64xf32> {
  %0 = linalg.batch_matmul
         ins(%a, %a : tensor<2x64x64xf32>, tensor<2x64x64xf32>)
         outs(%a : tensor<2x64x64xf32>) -> tensor<2x64x64xf32>
  return %0 : tensor<2x64x64xf32>
}

// CHECK-LABEL: func @negative_small
// CHECK: linalg.matmul ins
// REMARK: --- !Missed
// REMARK: Function: negative_small
// REMARK: m: '3'
// REMARK: Reason: 'size 3x64x64 is smaller than the plan''s format 4x4x4'
func.func @negative_small(%a: tensor<3x64xf32>, %b: tensor<64x64xf32>)
    -> tensor<3x64xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<3x64xf32>, tensor<64x64xf32>)
                     outs(%a : tensor<3x64xf32>) -> tensor<3x64xf32>
  return %0 : tensor<3x64xf32>
}

// A generic that multiplies and adds is a matmul.
// CHECK-LABEL: func @generic
// CHECK: linalg.generic
// CHECK-SAME: sevenfold.plan
// REMARK: --- !Passed
// REMARK: Function: generic
// REMARK: m: '8'
func.func @generic(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.generic {
      indexing_maps = [#lhs, affine_map<(m, n, k) -> (k, n)>, #out],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%a : tensor<8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %s = arith.addf %p, %z : f32
    linalg.yield %s : f32
  } -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// A generic that contracts otherwise is matmul-like, and is told why it is left
// alone.
// CHECK-LABEL: func @negative_max_plus
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_max_plus
// REMARK: Reason: the body is not an addition of a product
func.func @negative_max_plus(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.generic {
      indexing_maps = [#lhs, affine_map<(m, n, k) -> (k, n)>, #out],
      iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%a : tensor<8x8xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.addf %x, %y : f32
    %s = arith.maximumf %p, %z : f32
    linalg.yield %s : f32
  } -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// CHECK-LABEL: func @negative_vector
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_vector
// REMARK: Reason: an operand is a vector
func.func @negative_vector(%a: tensor<8x8xf32>, %b: tensor<8xf32>)
    -> tensor<8xf32> {
  %0 = linalg.contract indexing_maps = [affine_map<(m, k) -> (m, k)>,
                                        affine_map<(m, k) -> (k)>,
                                        affine_map<(m, k) -> (m)>]
         ins(%a, %b : tensor<8x8xf32>, tensor<8xf32>)
         outs(%b : tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: func @negative_batch_reduce
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_batch_reduce
// REMARK: Reason: the dimensions summed over do not lie side by side
func.func @negative_batch_reduce(%a: tensor<2x8x8xf32>, %c: tensor<8x8xf32>)
    -> tensor<8x8xf32> {
  %0 = linalg.batch_reduce_matmul
         ins(%a, %a : tensor<2x8x8xf32>, tensor<2x8x8xf32>)
         outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// CHECK-LABEL: func @negative_batch_last
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_batch_last
// REMARK: Reason: the last dimension of an operand is a batch
func.func @negative_batch_last(%a: tensor<8x8x2xf32>) -> tensor<8x8x2xf32> {
  %0 = linalg.contract indexing_maps = [affine_map<(b, m, n, k) -> (m, k, b)>,
                                        affine_map<(b, m, n, k) -> (k, n, b)>,
                                        affine_map<(b, m, n, k) -> (m, n, b)>]
         ins(%a, %a : tensor<8x8x2xf32>, tensor<8x8x2xf32>)
         outs(%a : tensor<8x8x2xf32>) -> tensor<8x8x2xf32>
  return %0 : tensor<8x8x2xf32>
}

// CHECK-LABEL: func @negative_zero
// CHECK-NOT: sevenfold.plan
// REMARK: --- !Missed
// REMARK: Function: negative_zero
// REMARK: Reason: a size is zero
func.func @negative_zero(%a: tensor<8x0xf32>, %b: tensor<0x8xf32>,
                         %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x0xf32>, tensor<0x8xf32>)
                     outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// Work that is no matmul is none of ours.
// CHECK-LABEL: func @elementwise
// REMARK-NOT: Function: elementwise
func.func @elementwise(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.add ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
                  outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
