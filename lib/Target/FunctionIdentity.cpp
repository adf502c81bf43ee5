//===- FunctionIdentity.cpp - Functions by what they compute --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hash that records of a function are filed under: independent of names,
// places, plans and the content of weights (docs/Database.md).
//
//===----------------------------------------------------------------------===//

#include "ModelCompilerImpl.h"

#include "sevenfold/Dialect/SevenfoldDialect.h"
#include "sevenfold/Support/Hash.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Transforms/Passes.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace sevenfold;

/// Raised where the canonical form changes: records of before are then misses.
static constexpr llvm::StringLiteral kForm = "sevenfold-function/1";

/// Code is the same whatever a weight holds, so that a model is tuned with data
/// that is drawn and compiled with data that was learned. Splats stay: a fill
/// with zeros is no weight.
static void dropContent(arith::ConstantOp constant) {
  auto elements = dyn_cast<ElementsAttr>(constant.getValue());
  if (elements && !isa<SplatElementsAttr>(elements))
    constant->setAttr("value",
                      StringAttr::get(constant.getContext(), "weight"));
}

/// Leaves `function` as the only public one.
static void isolate(ModuleOp module, StringRef function) {
  for (auto op : module.getOps<func::FuncOp>())
    if (op.getName() != function)
      op.setPrivate();
}

static std::string canonicalText(ModuleOp module, StringRef function) {
  module->walk([](arith::ConstantOp constant) { dropContent(constant); });
  module->walk(
      [](Operation *op) { op->removeAttr(SevenfoldDialect::kPlanAttrName); });
  module.lookupSymbol<func::FuncOp>(function).setName("function");
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.enableDebugInfo(false).printGenericOpForm().useLocalScope();
  for (Operation &op : *module.getBody()) {
    op.print(stream, flags);
    stream << "\n";
  }
  return text;
}

llvm::Expected<std::vector<FunctionIdentity>>
ModelCompiler::identify(SumFolding folding, F32Products f32Products) {
  std::string options =
      (kForm + "\nfold " + (folding == SumFolding::Some ? "some" : "none") +
       "\nf32 products " + (f32Products == F32Products::TF32 ? "tf32" : "f32") +
       "\n")
          .str();
  std::vector<FunctionIdentity> identities;
  for (const FunctionSignature &signature : impl->functions) {
    OwningOpRef<ModuleOp> copy = impl->module->clone();
    isolate(*copy, signature.name);
    DiagnosticCollector diagnostics(&impl->context);
    PassManager manager(&impl->context);
    manager.enableVerifier(false);
    manager.addPass(createInlinerPass());
    manager.addPass(createSymbolDCEPass());
    manager.addPass(createNormalizeContractionsPass());
    if (failed(manager.run(*copy)))
      return diagnostics.take("a function cannot be brought into its canonical "
                              "form");
    FunctionIdentity identity;
    identity.name = signature.name;
    identity.hasOwnPlans =
        copy->walk([](Operation *op) {
              return op->hasAttr(SevenfoldDialect::kPlanAttrName)
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            })
            .wasInterrupted();
    identity.hash = sha256Hex(options + canonicalText(*copy, signature.name));
    identities.push_back(std::move(identity));
  }
  return identities;
}
