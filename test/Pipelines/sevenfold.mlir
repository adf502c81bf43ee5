// The drop-in pipeline: plain upstream linalg out, and nothing to do the second
// time.
// RUN: sevenfold-opt %S/Inputs/matmuls.mlir -o %t.once.mlir \
// RUN:   --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7 levels=1})'
// RUN: FileCheck %s --input-file=%t.once.mlir \
// RUN:   --implicit-check-not=sevenfold.combine --implicit-check-not=sevenfold.plan
// RUN: sevenfold-opt %t.once.mlir -o %t.twice.mlir \
// RUN:   --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7 levels=1})'
// RUN: diff %t.once.mlir %t.twice.mlir

// The same two levels deep, mixed by a plan file, and under another plan the
// second time.
// RUN: echo '{"levels":[{"scheme":"2x2x2-r7","execution":"depth"},{"scheme":"3x3x3-r23","execution":"breadth"}],"ragged":"pad"}' > %t.json
// RUN: sevenfold-opt %S/Inputs/matmuls.mlir -o %t.mixed.mlir \
// RUN:   --pass-pipeline='builtin.module(sevenfold{plan=%t.json max-error-growth=1000})'
// RUN: grep -c 'linalg.matmul {sevenfold.product}\|linalg.matmul.*sevenfold.product' %t.mixed.mlir | FileCheck %s --check-prefix=MIXED
// RUN: sevenfold-opt %t.mixed.mlir --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7 levels=1})' \
// RUN:   | diff %t.mixed.mlir -
// Five matmuls of 7 x 23 products each.
// MIXED: {{^}}805{{$}}

// Without options nothing is planned, and nothing changes.
// RUN: sevenfold-opt %S/Inputs/matmuls.mlir -o %t.plain.mlir
// RUN: sevenfold-opt %S/Inputs/matmuls.mlir --pass-pipeline='builtin.module(sevenfold)' | diff %t.plain.mlir -

// CHECK-LABEL: func.func @overwrite
// CHECK-COUNT-7: linalg.matmul {sevenfold.product}
// CHECK-NOT: linalg.matmul
// CHECK-LABEL: func.func @ragged
// CHECK-COUNT-10: linalg.matmul {sevenfold.product}
// CHECK-NOT: linalg.matmul
// CHECK-LABEL: func.func @transposed
// CHECK-COUNT-7: linalg.matmul
// CHECK-NOT: linalg.matmul
// CHECK-LABEL: func.func @accumulate(
// CHECK-COUNT-7: linalg.matmul {sevenfold.product}
// CHECK-NOT: linalg.matmul
// CHECK-LABEL: func.func @accumulate_ragged
// CHECK-COUNT-10: linalg.matmul {sevenfold.product}
// CHECK-NOT: linalg.matmul
