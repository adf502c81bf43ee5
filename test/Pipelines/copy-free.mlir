// No execution makes a copy, with or without accumulation, in either path.

// The drop-in pipeline, under upstream's bufferisation.
// DEFINE: %{upstream} = --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" --canonicalize --cse --canonicalize
// DEFINE: %{options} =
// DEFINE: %{drop-in} = sevenfold-opt %S/Inputs/matmuls.mlir --pass-pipeline='builtin.module(sevenfold{%{options} max-error-growth=100000})' \
// DEFINE:   | mlir-opt-22 %{upstream} | FileCheck %s --implicit-check-not=memref.copy

// The host's own lowering.
// DEFINE: %{host} = sevenfold-opt %S/Inputs/matmuls.mlir --sevenfold-plan="%{options} max-error-growth=100000" \
// DEFINE:   --sevenfold-decompose="outline row-bytes=64" --canonicalize --sevenfold-bufferize --canonicalize --cse --canonicalize \
// DEFINE:   | FileCheck %s --implicit-check-not=memref.copy

// REDEFINE: %{options} = scheme=2x2x2-r7-winograd levels=1
// RUN: %{drop-in}
// RUN: %{host}
// REDEFINE: %{options} = scheme=2x2x2-r7 levels=2
// RUN: %{drop-in}
// RUN: %{host}
// REDEFINE: %{options} = scheme=2x2x2-r7 levels=1 execution=depth
// RUN: %{drop-in}
// RUN: %{host}
// REDEFINE: %{options} = scheme=2x2x2-r7 levels=3 execution=depth
// RUN: %{drop-in}
// RUN: %{host}
// REDEFINE: %{options} = scheme=2x2x2-r7-winograd levels=2 composed
// RUN: %{drop-in}
// RUN: %{host}
// REDEFINE: %{options} = scheme=3x3x3-r23 levels=1
// RUN: %{drop-in}
// RUN: %{host}
// REDEFINE: %{options} = scheme=2x2x2-r7 levels=2 ragged=pad
// RUN: %{host}
// REDEFINE: %{options} = scheme=3x2x3-r15 levels=1 execution=depth ragged=pad
// RUN: %{host}

// CHECK: func.func @overwrite
// CHECK: func.func @accumulate
// CHECK: linalg.matmul
