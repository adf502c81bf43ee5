// One accepted and one refused case for every constraint of the verifiers. The
// accepted cases stand at the edge of what is allowed.
// RUN: sevenfold-opt %s -split-input-file -verify-diagnostics -o /dev/null

func.func @dialect_c1(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>}
         ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
         outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @negative_dialect_c1_type(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expected 'sevenfold.plan' to be a #sevenfold.plan but got 1}}
  %0 = linalg.matmul {sevenfold.plan = 1 : i32}
         ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
         outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

// expected-error @+1 {{'sevenfold.plan' is allowed on linalg operations only}}
func.func private @negative_dialect_c1_place() attributes {
  sevenfold.plan = #sevenfold.plan<[]>}

// -----

func.func @dialect_c2(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = linalg.matmul {sevenfold.product}
         ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
         outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @negative_dialect_c2(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{expected 'sevenfold.product' to be a unit attribute}}
  %0 = linalg.matmul {sevenfold.product = true}
         ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>)
         outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func private @dialect_c3() attributes {sevenfold.workspace_bytes = 0 : i64}

// -----

// expected-error @+1 {{expected 'sevenfold.workspace_bytes' to be an integer}}
func.func private @negative_dialect_c3() attributes {
  sevenfold.workspace_bytes = "many"}

// -----

func.func private @dialect_c4() attributes {
  sevenfold.guard = {classical = "f", hardware = "here",
                     instruction_sets = "avx2"}}

// -----

// expected-error @+1 {{expected 'sevenfold.guard' to name 'classical', 'hardware' and 'instruction_sets'}}
func.func private @negative_dialect_c4() attributes {
  sevenfold.guard = {classical = "f", hardware = "here"}}

// -----

func.func private @dialect_c5() attributes {sevenfold.classical}

// -----

// expected-error @+1 {{expected 'sevenfold.classical' to be a unit attribute}}
func.func private @negative_dialect_c5() attributes {
  sevenfold.classical = "yes"}

// -----

func.func private @dialect_c9() attributes {sevenfold.separate_sums}

// -----

// expected-error @+1 {{expected 'sevenfold.separate_sums' to be a unit attribute}}
func.func private @negative_dialect_c9() attributes {
  sevenfold.separate_sums = false}

// -----

// expected-error @+1 {{expected 'sevenfold.stacked' to be a unit attribute of a combine}}
func.func private @negative_dialect_c12() attributes {sevenfold.stacked}

// -----

func.func private @dialect_c7() attributes {other.attribute}

// -----

// expected-error @+1 {{unknown attribute 'sevenfold.plans'}}
func.func private @negative_dialect_c7() attributes {sevenfold.plans}

// -----

func.func @combine_c1(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : memref<4x4xf32>) outs(%c grid [1, 1] : memref<4x4xf32>)
  return
}

// -----

func.func @negative_combine_c1(%a: memref<4x4xf32>, %c: memref<4x4xf32>,
                               %d: memref<4x4xf32>) {
  // expected-error @+1 {{expected one destination but got 2}}
  sevenfold.combine coefficients [[1], [1]]
    ins(%a grid [1, 1] : memref<4x4xf32>)
    outs(%c grid [1, 1] : memref<4x4xf32>, %d grid [1, 1] : memref<4x4xf32>)
  return
}

// -----

func.func @negative_combine_c1_none(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected one destination but got 0}}
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : memref<4x4xf32>) outs()
  return
}

// -----

// A grid may be finer than its operand: what lies beyond its end is zero.
func.func @combine_c2(%a: memref<3x4xf32>, %c: memref<1x1xf32>) {
  sevenfold.combine coefficients [[1, 1, 1, 1, 1, 1, 1, 1]]
    ins(%a grid [4, 2] : memref<3x4xf32>) outs(%c grid [1, 1] : memref<1x1xf32>)
  return
}

// -----

func.func @negative_combine_c2(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected a grid of positive sizes for each operand}}
  sevenfold.combine coefficients [[1]]
    ins(%a grid [0, 1] : memref<4x4xf32>) outs(%c grid [1, 1] : memref<4x4xf32>)
  return
}

// -----

func.func @negative_combine_c2_count(%a: memref<4x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected a grid of positive sizes for each operand}}
  "sevenfold.combine"(%a, %c) <{
    accumulate = array<i1: false>, coefficients = array<f64: 1.0>,
    grids = array<i64: 1, 1>, operandSegmentSizes = array<i32: 1, 1>}>
    : (memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @combine_c3(%a: memref<4x4xf64>, %c: memref<4x4xf64>) {
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : memref<4x4xf64>) outs(%c grid [1, 1] : memref<4x4xf64>)
  return
}

// -----

func.func @combine_c3_dynamic(%a: memref<4x?xf32>, %c: memref<4x4xf32>) {
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : memref<4x?xf32>) outs(%c grid [1, 1] : memref<4x4xf32>)
  return
}

// -----

func.func @negative_combine_c3_type(%a: memref<4x4xf64>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected element type 'f32' but got 'f64'}}
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : memref<4x4xf64>) outs(%c grid [1, 1] : memref<4x4xf32>)
  return
}

// -----

func.func @combine_c4(%a: memref<4x4xf32>, %c: memref<2x4xf32>) {
  sevenfold.combine coefficients [[1, 0.5], [-2, 0]]
    ins(%a grid [2, 1] : memref<4x4xf32>) outs(%c grid [1, 2] : memref<2x4xf32>)
  return
}

// -----

func.func @negative_combine_c4(%a: memref<4x4xf32>, %c: memref<2x4xf32>) {
  // expected-error @+1 {{expected 1 x 2 coefficients but got 3}}
  sevenfold.combine coefficients [[1, 1, 1]]
    ins(%a grid [2, 1] : memref<4x4xf32>) outs(%c grid [1, 1] : memref<2x4xf32>)
  return
}

// -----

func.func @negative_combine_c4_infinite(%a: memref<4x4xf32>,
                                        %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected finite coefficients}}
  "sevenfold.combine"(%a, %c) <{
    accumulate = array<i1: false>,
    coefficients = array<f64: 0x7FF0000000000000>,
    grids = array<i64: 1, 1, 1, 1>,
    operandSegmentSizes = array<i32: 1, 1>}>
    : (memref<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// -----

func.func @combine_c5(%a: memref<4x4xf32>, %c: memref<8x4xf32>) {
  sevenfold.combine coefficients [[1], [1]] accumulate [true, false]
    ins(%a grid [1, 1] : memref<4x4xf32>) outs(%c grid [2, 1] : memref<8x4xf32>)
  return
}

// -----

func.func @negative_combine_c5(%a: memref<4x4xf32>, %c: memref<8x4xf32>) {
  // expected-error @+1 {{expected 2 accumulate flags but got 1}}
  sevenfold.combine coefficients [[1], [1]] accumulate [true]
    ins(%a grid [1, 1] : memref<4x4xf32>) outs(%c grid [2, 1] : memref<8x4xf32>)
  return
}

// -----

func.func @combine_c6(%a: tensor<4x4xf32>, %c: tensor<4x4xf32>)
    -> tensor<4x4xf32> {
  %0 = sevenfold.combine coefficients [[1]]
         ins(%a grid [1, 1] : tensor<4x4xf32>)
         outs(%c grid [1, 1] : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// -----

func.func @negative_combine_c6_mixed(%a: tensor<4x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected all tensors or all memrefs}}
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : tensor<4x4xf32>) outs(%c grid [1, 1] : memref<4x4xf32>)
  return
}

// -----

func.func @negative_combine_c6_result(%a: tensor<4x4xf32>, %c: tensor<4x4xf32>) {
  // expected-error @+1 {{expected the destination's type as the result}}
  sevenfold.combine coefficients [[1]]
    ins(%a grid [1, 1] : tensor<4x4xf32>) outs(%c grid [1, 1] : tensor<4x4xf32>)
  return
}

// -----

func.func @gemm_c1(%a: memref<4x4xf64>, %c: memref<4x4xf64>) {
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf64>, memref<4x4xf64>) outs(%c : memref<4x4xf64>)
  return
}

// -----

func.func @negative_gemm_c1(%a: memref<4x4xf32>, %c: memref<4x4xf64>) {
  // expected-error @+1 {{expected one element type but got 'f32', 'f32' and 'f64'}}
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%c : memref<4x4xf64>)
  return
}

// -----

func.func @gemm_c2(%a: memref<4x4xf32, strided<[?, 1], offset: ?>>,
                   %c: memref<4x4xf32>) {
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32, strided<[?, 1], offset: ?>>,
                 memref<4x4xf32, strided<[?, 1], offset: ?>>)
    outs(%c : memref<4x4xf32>)
  return
}

// -----

func.func @negative_gemm_c2(%a: memref<4x4xf32, strided<[8, 2]>>,
                            %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected a unit inner stride but got 'memref<4x4xf32, strided<[8, 2]>>'}}
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32, strided<[8, 2]>>,
                 memref<4x4xf32, strided<[8, 2]>>)
    outs(%c : memref<4x4xf32>)
  return
}

// -----

func.func @gemm_c3(%a: memref<3x2xf32>, %b: memref<5x3xf32>,
                   %c: memref<2x5xf32>) {
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(transposed %a, transposed %b : memref<3x2xf32>, memref<5x3xf32>)
    outs(%c : memref<2x5xf32>)
  return
}

// -----

func.func @negative_gemm_c3(%a: memref<3x2xf32>, %b: memref<5x3xf32>,
                            %c: memref<2x5xf32>) {
  // expected-error @+1 {{expected shapes m x k, k x n and m x n but got 3 x 2, 3 x 5 and 2 x 5}}
  sevenfold.gemm "" alpha = 1.0, beta = 0.0
    ins(%a, transposed %b : memref<3x2xf32>, memref<5x3xf32>)
    outs(%c : memref<2x5xf32>)
  return
}

// -----

// Narrow operands are summed up in wider ones.
func.func @gemm_c1_widened(%a: memref<4x4xbf16>, %c: memref<4x4xf32>) {
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xbf16>, memref<4x4xbf16>) outs(%c : memref<4x4xf32>)
  return
}

// -----

func.func @gemm_c4(%a: memref<4x4xi32>) {
  sevenfold.gemm "codegen" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<4x4xi32>, memref<4x4xi32>) outs(%a : memref<4x4xi32>)
  return
}

// -----

func.func @negative_gemm_c4(%a: memref<4x4xi32>) {
  // expected-error @+1 {{expected f32 or f64 for a library but got 'i32'}}
  sevenfold.gemm "onednn" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<4x4xi32>, memref<4x4xi32>) outs(%a : memref<4x4xi32>)
  return
}

// -----

func.func @negative_gemm_c4_factor(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected alpha of 1 and beta of 0 or 1 for 'codegen'}}
  sevenfold.gemm "codegen" alpha = 2.0, beta = 1.0
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%a : memref<4x4xf32>)
  return
}

// -----

func.func @combine_c7(%a: memref<4x4xi32>, %c: memref<2x4xi32>) {
  sevenfold.combine coefficients [[2, -1]]
    ins(%a grid [2, 1] : memref<4x4xi32>) outs(%c grid [1, 1] : memref<2x4xi32>)
  return
}

// -----

func.func @negative_combine_c7(%a: memref<4x4xi32>, %c: memref<2x4xi32>) {
  // expected-error @+1 {{expected integer coefficients for element type 'i32'}}
  sevenfold.combine coefficients [[0.5, 1]]
    ins(%a grid [2, 1] : memref<4x4xi32>) outs(%c grid [1, 1] : memref<2x4xi32>)
  return
}

// -----

func.func private @body(index, index, f32)
func.func @parallel_c1(%n: index, %x: f32) {
  sevenfold.parallel @body count %n (%x : f32)
  return
}

// -----

func.func private @body(index, f32)
func.func @negative_parallel_c1(%n: index, %x: f32) {
  // expected-error @+1 {{expected 'body' to take two indices and the arguments and to return nothing}}
  sevenfold.parallel @body count %n (%x : f32)
  return
}

// -----

func.func private @body(index, index) -> index
func.func @negative_parallel_c1_result(%n: index) {
  // expected-error @+1 {{expected 'body' to take two indices}}
  sevenfold.parallel @body count %n ()
  return
}

// -----

func.func @negative_parallel_unknown(%n: index) {
  // expected-error @+1 {{unknown function 'nobody'}}
  sevenfold.parallel @nobody count %n ()
  return
}

// -----

func.func @dialect_c8(%a: memref<8x8xf32>, %b: memref<8x8xf32>) {
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%b : memref<8x8xf32>)
    {sevenfold.stream = 2 : i32}
  return
}

// -----

func.func @negative_dialect_c8(%a: memref<8x8xf32>, %b: memref<8x8xf32>) {
  // expected-error @+1 {{expected 'sevenfold.stream' to be a 32-bit integer of at least 0}}
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 1.0
    ins(%a, %a : memref<8x8xf32>, memref<8x8xf32>) outs(%b : memref<8x8xf32>)
    {sevenfold.stream = -1 : i32}
  return
}

// -----

// expected-error @+1 {{'sevenfold.stream' is allowed on products only}}
func.func private @negative_dialect_c8_function() attributes {sevenfold.stream = 1 : i32}

// -----

// f16 and bf16 are multiplied by a GPU's library, whatever the result.
func.func @gemm_c4_gpu(%a: memref<8x8xf16>, %b: memref<8x8xf16>, %c: memref<8x8xf32>) {
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<8x8xf16>, memref<8x8xf16>) outs(%b : memref<8x8xf16>)
  sevenfold.gemm "cublaslt" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<8x8xf16>, memref<8x8xf16>) outs(%c : memref<8x8xf32>)
  return
}

// -----

func.func @negative_gemm_c4_narrow(%a: memref<8x8xf16>, %b: memref<8x8xf16>) {
  // expected-error @+1 {{expected a result of f32 for 'codegen' but got 'f16'}}
  sevenfold.gemm "codegen" alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<8x8xf16>, memref<8x8xf16>) outs(%b : memref<8x8xf16>)
  return
}

// -----

func.func @negative_fused_gemm_c1(%a: tensor<4x4xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected all tensors or all memrefs}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([1] of %a : tensor<4x4xf32>, [1] of %a : tensor<4x4xf32>)
    outs([1] of %c : memref<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c1_result(%a: tensor<4x4xf32>) {
  // expected-error @+1 {{expected C's type as the result of the tensor form}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([1] of %a : tensor<4x4xf32>, [1] of %a : tensor<4x4xf32>)
    outs([1] of %a : tensor<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c1_stride(%a: memref<4x4xf32, strided<[8, 2]>>,
                                         %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected a unit inner stride}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([1] of %a : memref<4x4xf32, strided<[8, 2]>>, [1] of %c : memref<4x4xf32>)
    outs([1] of %c : memref<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c2(%a: memref<4x3xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{expected shapes m x k, k x n and m x n}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([1] of %a : memref<4x3xf32>, [1] of %c : memref<4x4xf32>)
    outs([1] of %c : memref<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c3(%a: memref<4x4xf16>) {
  // expected-error @+1 {{expected f32, f64 or i32, or narrower operands of f32 or i32}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([1] of %a : memref<4x4xf16>, [1] of %a : memref<4x4xf16>)
    outs([1] of %a : memref<4x4xf16>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_grid(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected a grid of three positive sizes}}
  sevenfold.fused_gemm grid [1, 0, 1]
    ins([] of %a : memref<4x4xf32>, [] of %a : memref<4x4xf32>)
    outs([1] of %a : memref<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c4(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected 2 coefficients of B but got 1}}
  sevenfold.fused_gemm grid [1, 2, 1]
    ins([1, 1] of %a : memref<4x4xf32>, [1] of %a : memref<4x4xf32>)
    outs([1] of %a : memref<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c4_integer(%a: memref<4x4xi32>) {
  // expected-error @+1 {{expected integer coefficients of A}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([0.5] of %a : memref<4x4xi32>, [1] of %a : memref<4x4xi32>)
    outs([1] of %a : memref<4x4xi32>) accumulate [true]
  return
}

// -----

func.func @negative_fused_gemm_c5(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected 1 accumulate flags but got 2}}
  sevenfold.fused_gemm grid [1, 1, 1]
    ins([1] of %a : memref<4x4xf32>, [1] of %a : memref<4x4xf32>)
    outs([1] of %a : memref<4x4xf32>) accumulate [true, true]
  return
}

// -----

func.func @negative_fused_gemm_c6(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected a slab from 1 to 65536 but got -3}}
  sevenfold.fused_gemm grid [1, 1, 1] slab -3
    ins([1] of %a : memref<4x4xf32>, [1] of %a : memref<4x4xf32>)
    outs([1] of %a : memref<4x4xf32>) accumulate [true]
  return
}

// -----

func.func @negative_gemm_c5(%a: memref<4x4xf32>) {
  // expected-error @+1 {{expected a slab from 1 to 65536 but got 65537}}
  sevenfold.gemm "codegen" slab 65537 alpha = 1.0, beta = 0.0
    ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%a : memref<4x4xf32>)
  return
}

// -----

// expected-error @+1 {{expected 'sevenfold.result_sizes' to be an affine map}}
func.func @negative_dialect_c10() attributes {sevenfold.result_sizes = 3 : i64} {
  return
}

// -----

// expected-error @+1 {{expected 'sevenfold.size_rules' to be an integer set}}
func.func @negative_dialect_c10_rules() attributes {sevenfold.size_rules = 3 : i64} {
  return
}

// -----

// expected-error @+1 {{unknown attribute '"sevenfold.other"'}}
func.func @negative_dialect_c11(%x: tensor<?xf32> {sevenfold.other}) {
  return
}

// -----

// expected-error @+1 {{expected a dimension and a range from 1 to 1048576 but got 0, 9 to 1}}
func.func @negative_dialect_c11_order(
    %x: tensor<?xf32> {sevenfold.range = array<i64: 0, 9, 1>}) {
  return
}

// -----

// expected-error @+1 {{expected 'none', or 'rows' of a plan with levels}}
func.func private @negative_plan_scaling() attributes {test.plan = #sevenfold.plan<[], scaling = rows>}

// -----

// expected-error @+1 {{expected 'none', or 'rows' of a plan with levels}}
func.func private @negative_plan_scaling_word() attributes {test.plan = #sevenfold.plan<[breadth "2x2x2-r7"], scaling = columns>}
