// One level of a scheme becomes combines and products.
// RUN: sevenfold-opt %s --sevenfold-decompose -split-input-file | FileCheck %s
// RUN: sevenfold-opt %s --sevenfold-decompose=outline -split-input-file \
// RUN:   | FileCheck %s --check-prefix=OUTLINE
// RUN: sevenfold-opt %s --sevenfold-decompose=row-bytes=64 -split-input-file \
// RUN:   | FileCheck %s --check-prefix=ROWS
// RUN: not sevenfold-opt %s --sevenfold-decompose=row-bytes=12 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=BAD-ROWS
// BAD-ROWS: error: expected a multiple of 8 as 'row-bytes'

// Rows of temporaries start on multiples of so many bytes.
// ROWS-LABEL: func @breadth
// ROWS: %[[WIDE:.+]] = tensor.empty() : tensor<20x16xf32>
// ROWS: %[[SUMS:.+]] = tensor.extract_slice %[[WIDE]][0, 0] [20, 4] [1, 1]
// ROWS: sevenfold.combine {{.*}} outs(%[[SUMS]] grid [5, 1] : tensor<20x4xf32>)
// ROWS: return

// Breadth: one combine a side, one for what goes to several blocks; products
// with one destination are added to their block in place.
// CHECK-LABEL: func @breadth
// CHECK-SAME: (%[[A:.+]]: tensor<8x8xf32>, %[[B:.+]]: tensor<8x8xf32>, %[[C:.+]]: tensor<8x8xf32>)
// CHECK-NOT: linalg.fill {{.*}}tensor<8x8xf32>
// CHECK: %[[S:.+]] = sevenfold.combine coefficients {{\[}}[1, 0, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0], [-1, 0, 1, 0], [0, 1, 0, -1]]
// CHECK-SAME: ins(%[[A]] grid [2, 2] : tensor<8x8xf32>) outs(%{{.+}} grid [5, 1] : tensor<20x4xf32>)
// CHECK: %[[T:.+]] = sevenfold.combine
// CHECK-SAME: ins(%[[B]] grid [2, 2]
// CHECK: %[[S1:.+]] = tensor.extract_slice %[[S]][0, 0] [4, 4]
// CHECK: %[[T1:.+]] = tensor.extract_slice %[[T]][0, 0] [4, 4]
// CHECK: %[[P1:.+]] = linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>, sevenfold.product} ins(%[[S1]], %[[T1]]
// A sum of one block is a view of it.
// CHECK: tensor.extract_slice %[[B]][0, 0] [4, 4]
// CHECK-COUNT-4: linalg.matmul
// CHECK: %[[C1:.+]] = sevenfold.combine coefficients
// CHECK-SAME: accumulate ins(%[[P1]] grid [1, 1]
// CHECK-SAME: outs(%[[C]] grid [2, 2] : tensor<8x8xf32>)
// CHECK: %[[C22:.+]] = tensor.extract_slice %[[C1]][4, 4] [4, 4]
// CHECK: %[[P6:.+]] = linalg.matmul {{.*}} outs(%[[C22]]
// CHECK: %[[C2:.+]] = tensor.insert_slice %[[P6]] into %[[C1]][4, 4]
// CHECK: %[[C11:.+]] = tensor.extract_slice %[[C2]][0, 0] [4, 4]
// CHECK: %[[P7:.+]] = linalg.matmul {{.*}} outs(%[[C11]]
// CHECK: %[[C3:.+]] = tensor.insert_slice %[[P7]] into %[[C2]][0, 0]
// CHECK: return %[[C3]]
func.func @breadth(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>,
                   %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
         outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// A destination that was filled with zeros is overwritten instead.
// CHECK-LABEL: func @overwrite
// CHECK: %[[E:.+]] = tensor.empty() : tensor<8x8xf64>
// CHECK-COUNT-5: linalg.matmul
// CHECK: sevenfold.combine coefficients
// CHECK-NOT: accumulate
// CHECK-SAME: outs(%[[E]] grid [2, 2]
func.func @overwrite(%a: tensor<8x8xf64>, %b: tensor<8x8xf64>)
    -> tensor<8x8xf64> {
  %zero = arith.constant 0.0 : f64
  %e = tensor.empty() : tensor<8x8xf64>
  %c = linalg.fill ins(%zero : f64) outs(%e : tensor<8x8xf64>)
         -> tensor<8x8xf64>
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<8x8xf64>, tensor<8x8xf64>)
         outs(%c : tensor<8x8xf64>) -> tensor<8x8xf64>
  return %0 : tensor<8x8xf64>
}

// -----

// Depth: a product's sums are formed just before it, and it is scattered just
// after, so that one product is alive at a time.
// CHECK-LABEL: func @depth
// CHECK-COUNT-2: sevenfold.combine coefficients {{\[}}[1, 0, 0, 1]] ins
// CHECK-NEXT: tensor.empty
// CHECK: linalg.matmul
// CHECK-NEXT: sevenfold.combine coefficients {{\[}}[1], [0], [0], [1]] accumulate ins
// CHECK: sevenfold.combine coefficients {{\[}}[0, 0, 1, 1]] ins
// CHECK: linalg.matmul
func.func @depth(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>,
                 %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[depth "2x2x2-r7"]>}
         ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
         outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Composed levels are one combine over the grid of their product: 4 x 4 blocks
// and 49 products.
// CHECK-LABEL: func @composed
// CHECK: sevenfold.combine {{.*}} grid [4, 4] : tensor<8x8xf32>
// CHECK: sevenfold.combine {{.*}} grid [4, 4] : tensor<8x8xf32>
// CHECK-COUNT-49: linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>, sevenfold.product}{{.*}}tensor<2x2xf32>
// CHECK-NOT: linalg.matmul
func.func @composed(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>,
                    %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<
           [composed breadth "2x2x2-r7", breadth "2x2x2-r7-winograd"]>}
         ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
         outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Levels of different schemes; outlined, each is one function.
// CHECK-LABEL: func @mixed
// CHECK-COUNT-105: linalg.matmul {sevenfold.plan = #sevenfold.plan<[], provider = "openblas">, sevenfold.product}
// CHECK-NOT: linalg.matmul

// OUTLINE-LABEL: func @mixed
// OUTLINE-NOT: linalg.matmul
// OUTLINE-COUNT-7: call @sevenfold_level_6x4x6{{[_0-9]*}}(
// OUTLINE-NOT: call
// One function for products that overwrite, one for those that add.
// OUTLINE: func private @sevenfold_level_6x4x6
// OUTLINE-COUNT-15: linalg.matmul
// OUTLINE: func private @sevenfold_level_6x4x6
// OUTLINE-COUNT-15: linalg.matmul
// OUTLINE-NOT: {{func private|linalg.matmul}}
func.func @mixed(%a: tensor<12x8xf32>, %b: tensor<8x12xf32>)
    -> tensor<12x12xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<12x12xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<12x12xf32>)
         -> tensor<12x12xf32>
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<
           [depth "2x2x2-r7", breadth "3x2x3-r15"], provider = "openblas">}
         ins(%a, %b : tensor<12x8xf32>, tensor<8x12xf32>)
         outs(%c : tensor<12x12xf32>) -> tensor<12x12xf32>
  return %0 : tensor<12x12xf32>
}

// -----

// Three levels, and not a function more than there are distinct products.
// CHECK-LABEL: func @three_levels
// CHECK-COUNT-343: linalg.matmul
// CHECK-NOT: linalg.matmul

// OUTLINE-LABEL: func @three_levels
// OUTLINE-COUNT-7: call @sevenfold_level_8x8x8{{[_0-9]*}}(
// OUTLINE-NOT: call @sevenfold_level_8x8x8
// OUTLINE-COUNT-2: func private @sevenfold_level_8x8x8
// OUTLINE-NOT: func private @sevenfold_level_8x8x8
// OUTLINE-COUNT-2: func private @sevenfold_level_4x4x4
// OUTLINE-NOT: func private
// OUTLINE: linalg.matmul {sevenfold.plan = #sevenfold.plan<[]>, sevenfold.product} {{.*}}tensor<2x2xf32>
func.func @three_levels(%a: tensor<16x16xf32>, %b: tensor<16x16xf32>)
    -> tensor<16x16xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<16x16xf32>
  %c = linalg.fill ins(%zero : f32) outs(%e : tensor<16x16xf32>)
         -> tensor<16x16xf32>
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<
           [depth "2x2x2-r7", depth "2x2x2-r7", depth "2x2x2-r7"]>}
         ins(%a, %b : tensor<16x16xf32>, tensor<16x16xf32>)
         outs(%c : tensor<16x16xf32>) -> tensor<16x16xf32>
  return %0 : tensor<16x16xf32>
}

// -----

// Peel: the largest part the levels divide, then the borders: k of the core,
// columns, rows.
// CHECK-LABEL: func @peel
// CHECK: sevenfold.combine {{.*}} grid [2, 2] : tensor<8x10xf32>
// CHECK-COUNT-7: linalg.matmul {{.*}}tensor<4x5xf32>, tensor<5x4xf32>
// CHECK-DAG: linalg.matmul {{.*}}ins({{.*}} : tensor<8x1xf32>, tensor<1x8xf32>)
// CHECK-DAG: linalg.matmul {{.*}}ins({{.*}} : tensor<8x11xf32>, tensor<11x1xf32>)
// CHECK-DAG: linalg.matmul {{.*}}ins({{.*}} : tensor<1x11xf32>, tensor<11x9xf32>)
// CHECK-NOT: linalg.matmul
func.func @peel(%a: tensor<9x11xf32>, %b: tensor<11x9xf32>,
                %c: tensor<9x9xf32>) -> tensor<9x9xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<9x11xf32>, tensor<11x9xf32>)
         outs(%c : tensor<9x9xf32>) -> tensor<9x9xf32>
  return %0 : tensor<9x9xf32>
}

// -----

// Pad: blocks reach beyond the operands, and no operand is copied for it.
// CHECK-LABEL: func @pad
// CHECK-SAME: (%[[A:.+]]: tensor<9x11xf32>
// CHECK-NOT: tensor.pad
// CHECK: sevenfold.combine {{.*}} ins(%[[A]] grid [2, 2] : tensor<9x11xf32>) outs(%{{.+}} grid [{{[0-9]+}}, 1] : tensor<{{[0-9]+}}x6xf32>)
// CHECK-COUNT-7: linalg.matmul
// CHECK-NOT: linalg.matmul
func.func @pad(%a: tensor<9x11xf32>, %b: tensor<11x9xf32>,
               %c: tensor<9x9xf32>) -> tensor<9x9xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"],
                                                       ragged = pad>}
         ins(%a, %b : tensor<9x11xf32>, tensor<11x9xf32>)
         outs(%c : tensor<9x9xf32>) -> tensor<9x9xf32>
  return %0 : tensor<9x9xf32>
}

// -----

// Transposed operands stay so: their blocks are numbered as they are stored,
// and the products carry the maps.
#lhs = affine_map<(m, n, k) -> (k, m)>
#rhs = affine_map<(m, n, k) -> (n, k)>
#out = affine_map<(m, n, k) -> (m, n)>
// CHECK-DAG: #[[KM:.+]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK-DAG: #[[NK:.+]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-LABEL: func @transposed
// CHECK: sevenfold.combine coefficients {{\[}}[1, 0, 0, 1], [0, 1, 0, 1], [1, 0, 1, 0], [-1, 1, 0, 0], [0, 0, 1, -1]]
// CHECK-SAME: grid [2, 2] : tensor<8x4xf32>) outs(%{{.+}} grid [5, 1] : tensor<20x2xf32>)
// CHECK-COUNT-7: linalg.matmul indexing_maps = [#[[KM]], #[[NK]], #{{.+}}] {{.*}}tensor<4x2xf32>, tensor<6x4xf32>
func.func @transposed(%a: tensor<8x4xf32>, %b: tensor<12x8xf32>,
                      %c: tensor<4x12xf32>) -> tensor<4x12xf32> {
  %0 = linalg.matmul indexing_maps = [#lhs, #rhs, #out]
         {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<8x4xf32>, tensor<12x8xf32>)
         outs(%c : tensor<4x12xf32>) -> tensor<4x12xf32>
  return %0 : tensor<4x12xf32>
}

// -----

// A plan without levels leaves one product.
// CHECK-LABEL: func @classical
// CHECK-NOT: sevenfold.combine
// CHECK: linalg.matmul {sevenfold.plan = #sevenfold.plan<[], provider = "blis">, sevenfold.product}
func.func @classical(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[], provider = "blis">}
         ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
         outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// CHECK-LABEL: func @without_a_plan
// CHECK: linalg.matmul ins
func.func @without_a_plan(%a: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul ins(%a, %a : tensor<8x8xf32>, tensor<8x8xf32>)
                     outs(%a : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}

// -----

// Sums that are kept in a narrow type are halved, so that they cannot overflow;
// C's combine undoes it, also for the two products with one destination.
// CHECK-LABEL: func @narrow
// CHECK: sevenfold.combine coefficients {{\[}}[5.000000e-01, 0, 0, 5.000000e-01], [0, 0, 5.000000e-01, 5.000000e-01], [5.000000e-01, 5.000000e-01, 0, 0], [5.000000e-01, 0, -5.000000e-01, 0], [0, 5.000000e-01, 0, -5.000000e-01]]
// CHECK-SAME: tensor<20x4xf16>
// CHECK: sevenfold.combine {{.*}}tensor<20x4xf16>
// CHECK-COUNT-7: linalg.matmul
// CHECK: sevenfold.combine coefficients {{\[}}[4, 0, 0, -2, -2, 0, 4],
// CHECK-SAME: [4, -2, 2, 0, 0, -4, 0]] accumulate
// CHECK-NOT: linalg.matmul
// CHECK: return
func.func @narrow(%a: tensor<8x8xf16>, %b: tensor<8x8xf16>,
                  %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul {sevenfold.plan = #sevenfold.plan<[breadth "2x2x2-r7"]>}
         ins(%a, %b : tensor<8x8xf16>, tensor<8x8xf16>)
         outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
