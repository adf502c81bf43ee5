//===- ModelBuilder.cpp - Workloads and models to libraries ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Builds what the tuner measures: one matmul, or one function of a model.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Target/DeclaredRanges.h"
#include "sevenfold/Target/MatmulBuilder.h"
#include "sevenfold/Target/Model.h"
#include "sevenfold/Target/ModelCompiler.h"
#include "sevenfold/Target/StableHlo.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <atomic>
#include <chrono>

using namespace sevenfold;

std::string sevenfold::matmulModule(const Workload &w) {
  bool isBatch = w.batch > 1;
  auto tensor = [&](int64_t rows, int64_t columns, Layout layout,
                    ElementType type) {
    if (layout == Layout::Transposed)
      std::swap(rows, columns);
    std::string batch = isBatch ? std::to_string(w.batch) + "x" : "";
    return llvm::formatv("tensor<{0}{1}x{2}x{3}>", batch, rows, columns,
                         stringifyElementType(type))
        .str();
  };
  ElementType type = storedType(w.type);
  std::string a = tensor(w.m, w.k, w.layoutA, type),
              b = tensor(w.k, w.n, w.layoutB, type),
              c = tensor(w.m, w.n, Layout::RowMajor, w.resultType());
  auto map = [&](const char *row, const char *column, Layout layout) {
    if (layout == Layout::Transposed)
      std::swap(row, column);
    return llvm::formatv(isBatch ? "affine_map<(b, m, n, k) -> (b, {0}, {1})>"
                                 : "affine_map<(m, n, k) -> ({0}, {1})>",
                         row, column)
        .str();
  };
  bool accumulate = w.accumulation == Accumulation::Accumulate;
  std::string text =
      llvm::formatv("func.func @matmul(%a: {0}, %b: {1}{2}) -> {3} {{\n", a, b,
                    accumulate ? ", %c: " + c : "", c);
  if (!accumulate)
    text += llvm::formatv(
        "  %zero = arith.constant {2} : {0}\n"
        "  %empty = tensor.empty() : {1}\n"
        "  %c = linalg.fill ins(%zero : {0}) outs(%empty : {1}) -> {1}\n",
        stringifyElementType(w.resultType()), c,
        isInteger(w.resultType()) ? "0" : "0.0");
  text += llvm::formatv("  %r = linalg.{6} indexing_maps = [{0}, {1}, {2}]\n"
                        "    ins(%a, %b : {3}, {4}) outs(%c : {5}) -> {5}\n"
                        "  return %r : {5}\n}\n",
                        map("m", "k", w.layoutA), map("k", "n", w.layoutB),
                        map("m", "n", Layout::RowMajor), a, b, c,
                        isBatch ? "batch_matmul" : "matmul");
  return text;
}

llvm::Error sevenfold::checkType(const Workload &workload,
                                 const Target &target) {
  if (target.multiplies(workload.type))
    return llvm::Error::success();
  return makeError(
      "'{0}' needs an nvptx or pjrt device: '{1}' has no products of "
      "{2}",
      workload.str(), target.name(), stringifyElementType(workload.type));
}

namespace {
/// Whether a plan that the compiler refuses is an error.
enum class Refusals { Errors, Fallbacks };
} // namespace

/// Plans, lowers and links `function` of a module that has been read.
static llvm::Expected<Artefact>
buildArtefact(ModelCompiler &compiler, const PlanSource &source,
              const ModelCompilerOptions &options, const BuildTarget &target,
              llvm::StringRef path, Refusals refusals) {
  auto start = std::chrono::steady_clock::now();
  if (const FunctionSignature &function = compiler.functions().front();
      !function.isStatic() || function.isStrided())
    return makeError(
        "'{0}' has dynamic sizes or strides, what is measured has static ones",
        function.name);
  auto decisions = compiler.plan(source, options);
  if (!decisions)
    return decisions.takeError();
  // A plan that was asked for and refused is a failure, not a fallback.
  if (refusals == Refusals::Errors)
    for (const MatmulDecision &decision : *decisions)
      if (!decision.answer.plan)
        return makePlainError(decision.answer.reason);
  const LibraryForm *form = target.target->library();
  auto code = target.target->emit(
      compiler, form ? kObjectStage : kStableHloStage, options);
  if (!code)
    return code.takeError();
  if (llvm::Error error = form ? linkSharedLibrary(*code, compiler.functions(),
                                                   *form, target.runtime, path)
                               : writeFileAtomically(path, *code))
    return error;
  const FunctionSignature &function = compiler.functions().front();
  Artefact artefact;
  artefact.library = path.str();
  artefact.function = form ? function.name : "main";
  artefact.inputs = function.inputs;
  artefact.outputs = function.outputs;
  artefact.workspaceBytes = function.workspaceBytes;
  artefact.buildSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return artefact;
}

namespace {
class MatmulBuilder : public Builder {
public:
  MatmulBuilder(const BuildTarget &target, const PlanLimits &limits,
                std::shared_ptr<std::string> folder)
      : target(target), limits(limits), folder(std::move(folder)) {}

  llvm::Expected<Artefact> build(const Workload &workload,
                                 const Plan &plan) override {
    if (llvm::Error error = checkType(workload, *target.target))
      return error;
    auto compiler =
        ModelCompiler::fromText(matmulModule(workload), workload.str());
    if (!compiler)
      return compiler.takeError();
    llvm::SmallString<128> path(*folder);
    llvm::sys::path::append(path, llvm::formatv("{0}.so", count++).str());
    ModelCompilerOptions compilation;
    compilation.provider = plan.provider;
    compilation.limits = limits;
    compilation.limits.maxErrorGrowth = std::numeric_limits<double>::infinity();
    compilation.limits.maxRelativeError =
        std::numeric_limits<double>::infinity();
    if (workload.type == ElementType::TF32)
      compilation.f32Products = F32Products::TF32;
    return buildArtefact(**compiler, explicitPlan(plan), compilation, target,
                         path, Refusals::Errors);
  }

private:
  BuildTarget target;
  PlanLimits limits;
  std::shared_ptr<std::string> folder;
  std::atomic<int> count{0};
};
} // namespace

llvm::Expected<std::unique_ptr<Builder>>
sevenfold::createBuilder(const BuildTarget &target, const PlanLimits &limits) {
  auto folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  return std::make_unique<MatmulBuilder>(target, limits, std::move(*folder));
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

/// Answers nothing.
static PlanAnswer onlyListed(const Workload &) {
  return {{}, "only listed", {}, {}, {}};
}

/// What becomes of a model's products without a plan.
static llvm::Expected<std::vector<MatmulDecision>>
productsOf(llvm::StringRef path) {
  if (auto text = readStableHlo(path)) {
    auto planned = planStableHlo(*text, path, onlyListed, {});
    if (!planned)
      return planned.takeError();
    return std::move(planned->decisions);
  }
  auto compiler = ModelCompiler::fromFile(path);
  if (!compiler)
    return compiler.takeError();
  return (*compiler)->plan(onlyListed, {});
}

llvm::Expected<std::vector<Workload>>
sevenfold::workloadsOfModel(llvm::StringRef path) {
  auto decisions = productsOf(path);
  if (!decisions)
    return decisions.takeError();
  std::vector<Workload> workloads;
  for (const MatmulDecision &decision : *decisions)
    if (decision.workload)
      workloads.push_back(*decision.workload);
  return workloads;
}

llvm::Expected<std::vector<WorkloadRange>>
sevenfold::rangesOfModel(llvm::StringRef path,
                         llvm::ArrayRef<std::string> declared) {
  auto compiler = ModelCompiler::fromFile(path);
  if (!compiler)
    return compiler.takeError();
  if (llvm::Error error = declareRanges(**compiler, declared))
    return error;
  std::vector<WorkloadRange> ranges;
  std::string problem;
  auto list = [&](const Workload &family, SizeRange range) {
    WorkloadRange found{family, range};
    found.family.m = range.greatest;
    found.family.batch = std::max<int64_t>(family.batch, 1);
    if (family.k < 0 || family.n < 0)
      problem = "a matmul of which more than m is dynamic has no plans for a "
                "range";
    else if (range.greatest == kMaxDimension)
      problem = "a dynamic size has no range: declare one with --range";
    else if (!llvm::is_contained(ranges, found))
      ranges.push_back(std::move(found));
    return std::vector<PlanAnswer>();
  };
  auto nothing = [](const Workload &) {
    return PlanAnswer{{}, "only listed", {}, {}, {}};
  };
  auto decisions = (*compiler)->plan(PlanSource(nothing, list), {});
  if (!decisions)
    return decisions.takeError();
  if (!problem.empty() && ranges.empty())
    return makeError("{0}: {1}", path, problem);
  return ranges;
}

/// A module of StableHLO, its products planned by `source`.
static llvm::Expected<Artefact>
buildStableHlo(const std::string &text, llvm::StringRef path,
               llvm::StringRef function, const PlanSource &source,
               const ModelBuildOptions &options) {
  if (options.target.target->library())
    return makeError("'{0}' is a module of StableHLO: expected --device "
                     "pjrt:PLUGIN, or lower it to linalg first",
                     path);
  if (function != "main" || !options.weights.empty())
    return makeError("'{0}' is a module of StableHLO: expected --function main "
                     "and no --weight or --tile",
                     path);
  auto start = std::chrono::steady_clock::now();
  auto main = mainOfStableHlo(text, path);
  if (!main)
    return main.takeError();
  ModelCompilerOptions compilation;
  compilation.limits = options.limits;
  auto planned = planStableHlo(text, path, source, compilation);
  if (!planned)
    return planned.takeError();
  auto folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  Artefact artefact;
  artefact.library = **folder + "/main.stablehlo.mlir";
  artefact.folder = std::move(*folder);
  if (llvm::Error error = writeFileAtomically(artefact.library, planned->text))
    return error;
  artefact.function = main->name;
  artefact.inputs = main->inputs;
  artefact.outputs = main->outputs;
  artefact.buildSeconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  return artefact;
}

llvm::Expected<Artefact> sevenfold::buildModel(llvm::StringRef path,
                                               llvm::StringRef function,
                                               const PlanSource &source,
                                               const ModelBuildOptions &options,
                                               std::vector<SumsReport> *sums) {
  if (auto text = readStableHlo(path))
    return buildStableHlo(*text, path, function, source, options);
  auto compiler = ModelCompiler::fromFile(path);
  if (!compiler)
    return compiler.takeError();
  auto weights = bindWeights(**compiler, options.weights, options.seed,
                             WeightHashes::Omit);
  if (!weights)
    return weights.takeError();
  if (llvm::Error error = (*compiler)->keepOnly(function))
    return error;
  auto folder = makeTemporaryFolder();
  if (!folder)
    return folder.takeError();
  llvm::SmallString<128> library(**folder);
  llvm::sys::path::append(library, function + ".so");
  ModelCompilerOptions compilation;
  compilation.provider = options.provider;
  compilation.limits = options.limits;
  compilation.sums = options.sums;
  auto artefact = buildArtefact(**compiler, source, compilation, options.target,
                                library, Refusals::Fallbacks);
  if (sums)
    llvm::append_range(*sums, (*compiler)->sums());
  if (artefact)
    artefact->folder = std::move(*folder);
  return artefact;
}
