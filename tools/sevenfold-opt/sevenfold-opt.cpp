//===- sevenfold-opt.cpp - mlir-opt with Sevenfold ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// mlir-opt with every upstream pass and everything of Sevenfold registered.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Tuning/PlanSources.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::registerAllPasses();
  sevenfold::registerPasses(sevenfold::openDatabasePlans);
  sevenfold::registerPipelines(sevenfold::openDatabasePlans);
  mlir::DialectRegistry registry;
  sevenfold::registerEverything(registry);
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Sevenfold's optimizer driver\n", registry));
}
