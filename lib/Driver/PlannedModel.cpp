//===- PlannedModel.cpp - A model with its plans --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asks for functions first, and then for products.
//
//===----------------------------------------------------------------------===//

#include "PlannedModel.h"

#include "Measuring.h"

#include "sevenfold/Support/Error.h"

using namespace sevenfold;

static SumFolding foldingOf(const SumsOptions &sums) {
  return sums.foldBytes > 0 ? SumFolding::Some : SumFolding::None;
}

llvm::Expected<FunctionQuery> sevenfold::functionQuery(
    ModelCompiler &compiler, llvm::StringRef function, const SumsOptions &sums,
    std::optional<SumSharing> share, F32Products f32Products) {
  auto identities = compiler.identify(foldingOf(sums), f32Products);
  if (!identities)
    return identities.takeError();
  for (const FunctionIdentity &identity : *identities)
    // No record is of plans that the model itself gives.
    if (identity.name == function)
      return FunctionQuery{identity.hasOwnPlans ? "" : identity.hash, share,
                           sums.foldBytes};
  return makeError("there is no public function '{0}'", function);
}

namespace {
/// Asks for the functions of one model.
class FunctionAsker {
public:
  FunctionAsker(ModelCompiler &compiler, const CompilerInput &input)
      : compiler(compiler), input(input) {}

  /// Asks for all functions and keeps what is to be used of the answers.
  llvm::Error ask() {
    const ModelCompilerOptions &options = input.options;
    auto identities =
        compiler.identify(foldingOf(options.sums), options.f32Products);
    if (!identities)
      return identities.takeError();
    for (const FunctionIdentity &identity : *identities)
      ask(identity);
    return llvm::Error::success();
  }

  std::map<std::string, FunctionOrigin> origins;
  std::map<std::string, PlanSource> sources;

private:
  void ask(const FunctionIdentity &identity) {
    FunctionOrigin &origin = origins[identity.name];
    const SumsOptions &sums = input.options.sums;
    if (identity.hasOwnPlans) {
      origin.reason = std::string(kFunctionNotMeasured) +
                      ": the model gives it plans of its own";
      return;
    }
    FunctionAnswer answer =
        input.functions({identity.hash, input.share, sums.foldBytes});
    if (!answer.choice) {
      origin.reason = std::string(kFunctionNotMeasured) + ": " + answer.reason;
      return;
    }
    origin.record = answer.record;
    origin.reason = answer.reason;
    origin.share = answer.choice->sums.share;
    sources[identity.name] = choiceSource(
        std::move(*answer.choice), answer.record, input.plans(identity.name));
  }

  ModelCompiler &compiler;
  const CompilerInput &input;
};
} // namespace

llvm::Expected<PlannedModel> sevenfold::planModel(ModelCompiler &compiler,
                                                  const CompilerInput &input) {
  PlannedModel planned;
  FunctionPlans plans = input.plans;
  if (input.functions) {
    FunctionAsker asker(compiler, input);
    if (llvm::Error error = asker.ask())
      return error;
    planned.origins = std::move(asker.origins);
    plans = [sources = std::move(asker.sources),
             others = input.plans](llvm::StringRef function) {
      auto found = sources.find(function.str());
      return found == sources.end() ? others(function) : found->second;
    };
  } else if (input.manifest) {
    planned.origins = input.manifest->origins;
  }
  for (const auto &[function, origin] : planned.origins)
    if (origin.share == SumSharing::Off)
      compiler.separateSums(function);
  auto decisions = compiler.planFunctions(plans, input.options);
  if (!decisions)
    return decisions.takeError();
  planned.decisions = std::move(*decisions);
  for (auto it = planned.origins.begin(); it != planned.origins.end();) {
    bool hasMatmuls =
        llvm::any_of(planned.decisions, [&](const MatmulDecision &decision) {
          return decision.function == it->first && decision.workload;
        });
    it = hasMatmuls ? std::next(it) : planned.origins.erase(it);
  }
  return planned;
}

/// Whether the record of a product has an answer for a matmul of the function.
static bool usesProductRecords(const PlannedModel &planned,
                               const std::string &function) {
  return llvm::any_of(planned.decisions, [&](const MatmulDecision &decision) {
    return decision.function == function && !decision.answer.record.empty();
  });
}

void sevenfold::printOrigins(llvm::StringRef model,
                             const PlannedModel &planned) {
  for (const auto &[function, origin] : planned.origins) {
    std::string name = model.str() + "@" + function + ": ";
    if (!origin.record.empty())
      printProgress(name + "measured as a whole, record " +
                    origin.record.substr(0, 12) +
                    (origin.reason.empty() ? "" : ": " + origin.reason));
    else if (usesProductRecords(planned, function))
      printProgress(name + origin.reason);
  }
}
