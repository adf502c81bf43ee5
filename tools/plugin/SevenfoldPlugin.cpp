//===- SevenfoldPlugin.cpp - Sevenfold in a stock mlir-opt ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One library for both --load-pass-plugin and --load-dialect-plugin.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Tuning/PlanSources.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

#include "llvm/Support/Compiler.h"

extern "C" LLVM_ATTRIBUTE_WEAK ::mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Sevenfold", SEVENFOLD_VERSION, [] {
            sevenfold::registerPasses(sevenfold::openDatabasePlans);
            sevenfold::registerPipelines(sevenfold::openDatabasePlans);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK ::mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Sevenfold", SEVENFOLD_VERSION,
          [](mlir::DialectRegistry *registry) {
            registry->insert<sevenfold::SevenfoldDialect>();
            sevenfold::registerTransformOps(*registry);
          }};
}
