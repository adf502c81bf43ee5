// Every size, declared or not, gives the product: entries are small integers,
// so that all sums are exact, and the number of wrong elements is printed.
// RUN: sevenfold-opt %s --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7-winograd ragged=peel})' -o %t.mlir
// RUN: FileCheck %s --check-prefix=GUARD --input-file=%t.mlir
// RUN: mlir-opt %t.mlir -one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   -buffer-deallocation-pipeline -convert-bufferization-to-memref \
// RUN:   -convert-linalg-to-loops -convert-scf-to-cf -expand-strided-metadata \
// RUN:   -lower-affine -convert-to-llvm -reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=i32 -shared-libs=%mlir_runner_utils | FileCheck %s
// CHECK: {{^}}0{{$}}

// GUARD: scf.if
// GUARD-COUNT-7: linalg.matmul {{.*}}sevenfold.product
// GUARD: } else {
// GUARD: linalg.matmul

#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
#both = affine_map<(m, n) -> (m, n)>

func.func private @matmul(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>,
                          %c: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = linalg.matmul {sevenfold.ranges = array<i64: 3, 5, 2, 4, 4, 6>}
         ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
         outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// The same, in a form that is none of ours.
func.func private @reference(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>,
                             %c: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = linalg.generic {indexing_maps = [#a, #b, #c],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>)
      outs(%c : tensor<?x?xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %n = arith.negf %p : f32
    %s = arith.subf %z, %n : f32
    linalg.yield %s : f32
  } -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func private @numbers(%rows: index, %columns: index, %seed: index)
    -> tensor<?x?xf32> {
  %0 = tensor.generate %rows, %columns {
  ^bb0(%i: index, %j: index):
    %c7 = arith.constant 7 : index
    %c5 = arith.constant 5 : index
    %c11 = arith.constant 11 : index
    %x = arith.muli %i, %c7 : index
    %y = arith.muli %j, %c5 : index
    %s = arith.addi %x, %y : index
    %t = arith.addi %s, %seed : index
    %r = arith.remui %t, %c11 : index
    %w = arith.index_cast %r : index to i32
    %f = arith.sitofp %w : i32 to f32
    tensor.yield %f : f32
  } : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func private @wrong(%m: index, %n: index, %k: index) -> i32 {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %a = call @numbers(%m, %k, %c1) : (index, index, index) -> tensor<?x?xf32>
  %b = call @numbers(%k, %n, %c2) : (index, index, index) -> tensor<?x?xf32>
  %c = call @numbers(%m, %n, %c3) : (index, index, index) -> tensor<?x?xf32>
  %x = call @matmul(%a, %b, %c)
    : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %y = call @reference(%a, %b, %c)
    : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<i32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<i32>) -> tensor<i32>
  %r = linalg.generic {indexing_maps = [#both, #both,
                                        affine_map<(m, n) -> ()>],
                       iterator_types = ["reduction", "reduction"]}
      ins(%x, %y : tensor<?x?xf32>, tensor<?x?xf32>) outs(%f : tensor<i32>) {
  ^bb0(%p: f32, %q: f32, %s: i32):
    %differs = arith.cmpf une, %p, %q : f32
    %one = arith.extui %differs : i1 to i32
    %t = arith.addi %s, %one : i32
    linalg.yield %t : i32
  } -> tensor<i32>
  %0 = tensor.extract %r[] : tensor<i32>
  return %0 : i32
}

// Sizes in all ranges, in some, and in none.
func.func @main() -> i32 {
  %zero = arith.constant 0 : i32
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %0 = scf.for %m = %c1 to %c8 step %c1 iter_args(%x = %zero) -> i32 {
    %1 = scf.for %n = %c1 to %c8 step %c1 iter_args(%y = %x) -> i32 {
      %2 = scf.for %k = %c1 to %c8 step %c1 iter_args(%z = %y) -> i32 {
        %w = func.call @wrong(%m, %n, %k) : (index, index, index) -> i32
        %s = arith.addi %z, %w : i32
        scf.yield %s : i32
      }
      scf.yield %2 : i32
    }
    scf.yield %1 : i32
  }
  return %0 : i32
}
