// The plugin in a stock mlir-opt, whose output a stock mlir-opt without it takes.
// RUN: mlir-opt-22 %S/../Pipelines/Inputs/matmuls.mlir -o %t.mlir \
// RUN:   --load-pass-plugin=%plugin --load-dialect-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7 levels=1})'
// RUN: mlir-opt-22 %t.mlir --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   --convert-linalg-to-loops | FileCheck %s

// From the folder it lies in, by a relative path.
// RUN: mkdir -p %t.dir && cp %plugin %t.dir/Sevenfold-copy.so && cd %t.dir
// RUN: mlir-opt-22 %S/../Pipelines/Inputs/matmuls.mlir \
// RUN:   --load-pass-plugin=./Sevenfold-copy.so --load-dialect-plugin=./Sevenfold-copy.so \
// RUN:   --pass-pipeline='builtin.module(sevenfold{scheme=2x2x2-r7 levels=1})' | diff %t.mlir -

// The dialect alone: our operations can be read; the passes alone work as well.
// RUN: mlir-opt-22 %S/../Dialect/ops.mlir --load-dialect-plugin=%plugin -o /dev/null
// RUN: mlir-opt-22 %S/../Pipelines/Inputs/matmuls.mlir --load-pass-plugin=%plugin --load-dialect-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(sevenfold-plan{scheme=2x2x2-r7},sevenfold-decompose,convert-sevenfold-to-linalg)' | diff %t.mlir -

// The transform operation.
// RUN: mlir-opt-22 %S/../Transforms/transform-op.mlir --load-dialect-plugin=%plugin --split-input-file \
// RUN:   --transform-interpreter -verify-diagnostics -o /dev/null

// Wrong options are errors, not crashes.
// RUN: not mlir-opt-22 %S/../Pipelines/Inputs/matmuls.mlir --load-pass-plugin=%plugin --load-dialect-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(sevenfold{plan=%t.none})' 2>&1 | FileCheck %s --check-prefix=ERROR
// ERROR: error: sevenfold-plan: {{.*}}.none

// CHECK-LABEL: func.func @overwrite
// CHECK: scf.for
// CHECK-NOT: linalg.
