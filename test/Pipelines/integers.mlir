// Integers are exact modulo 2^32, through batches, transpositions and bytes:
// the number of elements that differ from plain loops is printed.
// RUN: sevenfold-opt %s --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7-winograd levels=2 ragged=pad max-error-growth=1000})' -o %t.mlir
// RUN: FileCheck %s --check-prefix=PLANNED --input-file=%t.mlir
// RUN: mlir-opt %t.mlir -convert-elementwise-to-linalg -one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   -buffer-deallocation-pipeline -convert-bufferization-to-memref \
// RUN:   -convert-linalg-to-loops -convert-scf-to-cf -expand-strided-metadata \
// RUN:   -lower-affine -convert-to-llvm -reconcile-unrealized-casts \
// RUN:   | mlir-runner -e main -entry-point-result=i32 -shared-libs=%mlir_runner_utils \
// RUN:   | FileCheck %s
// CHECK: {{^}}0{{$}}
// PLANNED-LABEL: func private @batch
// PLANNED: scf.for
// PLANNED-COUNT-49: linalg.matmul {{.*}}sevenfold.product
// PLANNED-LABEL: func private @bytes
// PLANNED: arith.extsi
// PLANNED-COUNT-49: linalg.matmul {{.*}}sevenfold.product{{.*}}xi32>

#mk = affine_map<(b, m, n, k) -> (b, k, m)>
#kn = affine_map<(b, m, n, k) -> (b, n, k)>
#mn = affine_map<(b, m, n, k) -> (b, m, n)>
#all = affine_map<(b, m, n) -> (b, m, n)>
#none = affine_map<(b, m, n) -> ()>

func.func private @batch(%a: tensor<2x9x7xi32>, %b: tensor<2x10x9xi32>,
                         %c: tensor<2x7x10xi32>) -> tensor<2x7x10xi32> {
  %0 = linalg.contract indexing_maps = [#mk, #kn, #mn]
         ins(%a, %b : tensor<2x9x7xi32>, tensor<2x10x9xi32>)
         outs(%c : tensor<2x7x10xi32>) -> tensor<2x7x10xi32>
  return %0 : tensor<2x7x10xi32>
}

func.func private @bytes(%a: tensor<2x9x7xi8>, %b: tensor<2x10x9xi8>,
                         %c: tensor<2x7x10xi32>) -> tensor<2x7x10xi32> {
  %0 = linalg.contract indexing_maps = [#mk, #kn, #mn]
         ins(%a, %b : tensor<2x9x7xi8>, tensor<2x10x9xi8>)
         outs(%c : tensor<2x7x10xi32>) -> tensor<2x7x10xi32>
  return %0 : tensor<2x7x10xi32>
}

// The same, in a form that is none of ours.
func.func private @reference(%a: tensor<2x9x7xi32>, %b: tensor<2x10x9xi32>,
                             %c: tensor<2x7x10xi32>) -> tensor<2x7x10xi32> {
  %0 = linalg.generic {indexing_maps = [#mk, #kn, #mn],
           iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : tensor<2x9x7xi32>, tensor<2x10x9xi32>)
      outs(%c : tensor<2x7x10xi32>) {
  ^bb0(%x: i32, %y: i32, %z: i32):
    %zero = arith.constant 0 : i32
    %p = arith.muli %x, %y : i32
    %n = arith.subi %zero, %p : i32
    %s = arith.subi %z, %n : i32
    linalg.yield %s : i32
  } -> tensor<2x7x10xi32>
  return %0 : tensor<2x7x10xi32>
}

func.func private @wrong(%x: tensor<2x7x10xi32>, %y: tensor<2x7x10xi32>)
    -> i32 {
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<i32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<i32>) -> tensor<i32>
  %r = linalg.generic {indexing_maps = [#all, #all, #none],
                       iterator_types = ["reduction", "reduction", "reduction"]}
      ins(%x, %y : tensor<2x7x10xi32>, tensor<2x7x10xi32>)
      outs(%f : tensor<i32>) {
  ^bb0(%p: i32, %q: i32, %s: i32):
    %differs = arith.cmpi ne, %p, %q : i32
    %one = arith.extui %differs : i1 to i32
    %t = arith.addi %s, %one : i32
    linalg.yield %t : i32
  } -> tensor<i32>
  %0 = tensor.extract %r[] : tensor<i32>
  return %0 : i32
}

// A mixture of all bits.
func.func private @number(%i: index, %j: index, %k: index) -> i32 {
  %c1 = arith.constant 2654435761 : index
  %c2 = arith.constant 40503 : index
  %c3 = arith.constant 22695477 : index
  %x = arith.muli %i, %c1 : index
  %y = arith.muli %j, %c2 : index
  %z = arith.muli %k, %c3 : index
  %s = arith.addi %x, %y : index
  %t = arith.addi %s, %z : index
  %u = arith.muli %t, %t : index
  %w = arith.index_cast %u : index to i32
  return %w : i32
}

func.func @main() -> i32 {
  %a = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %n = func.call @number(%i, %j, %k) : (index, index, index) -> i32
    tensor.yield %n : i32
  } : tensor<2x9x7xi32>
  %b = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %n = func.call @number(%j, %k, %i) : (index, index, index) -> i32
    tensor.yield %n : i32
  } : tensor<2x10x9xi32>
  %c = tensor.generate {
  ^bb0(%i: index, %j: index, %k: index):
    %n = func.call @number(%k, %j, %i) : (index, index, index) -> i32
    tensor.yield %n : i32
  } : tensor<2x7x10xi32>
  %x = call @batch(%a, %b, %c)
    : (tensor<2x9x7xi32>, tensor<2x10x9xi32>, tensor<2x7x10xi32>)
      -> tensor<2x7x10xi32>
  %y = call @reference(%a, %b, %c)
    : (tensor<2x9x7xi32>, tensor<2x10x9xi32>, tensor<2x7x10xi32>)
      -> tensor<2x7x10xi32>
  %wrong = call @wrong(%x, %y)
    : (tensor<2x7x10xi32>, tensor<2x7x10xi32>) -> i32

  %a8 = arith.trunci %a : tensor<2x9x7xi32> to tensor<2x9x7xi8>
  %b8 = arith.trunci %b : tensor<2x10x9xi32> to tensor<2x10x9xi8>
  %aw = arith.extsi %a8 : tensor<2x9x7xi8> to tensor<2x9x7xi32>
  %bw = arith.extsi %b8 : tensor<2x10x9xi8> to tensor<2x10x9xi32>
  %x8 = call @bytes(%a8, %b8, %c)
    : (tensor<2x9x7xi8>, tensor<2x10x9xi8>, tensor<2x7x10xi32>)
      -> tensor<2x7x10xi32>
  %y8 = call @reference(%aw, %bw, %c)
    : (tensor<2x9x7xi32>, tensor<2x10x9xi32>, tensor<2x7x10xi32>)
      -> tensor<2x7x10xi32>
  %wrong8 = call @wrong(%x8, %y8)
    : (tensor<2x7x10xi32>, tensor<2x7x10xi32>) -> i32
  %sum = arith.addi %wrong, %wrong8 : i32
  return %sum : i32
}
