//===- XlaPipeline.cpp - Decomposed linalg for XLA's compilers ------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As far as linalg on tensors: what comes after is XLA's. A level is no
// function of its own, as a compiler that fuses is to see everything.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace sevenfold;

void sevenfold::buildXlaLowering(OpPassManager &manager) {
  manager.addPass(createInlinerPass());
  manager.addPass(createSymbolDCEPass());
  manager.addPass(createLowerTensorsPass());
  manager.addPass(createNormalizeAccumulatorsPass());
  DecomposePassOptions decompose;
  decompose.store = true;
  manager.addPass(createDecomposePass(decompose));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}
