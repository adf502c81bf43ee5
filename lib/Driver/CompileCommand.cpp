//===- CompileCommand.cpp - sevenfold compile -----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ahead of time: a model to a library with header and manifest, or to any stage
// on the way.
//
//===----------------------------------------------------------------------===//

#include "CompilerInput.h"
#include "Measuring.h"
#include "SumsChoices.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Support/Size.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
struct CompileArguments {
  std::string model, output, header, emit, device = "host", hardware, choices;
  PlanArguments plans;
  SumsArguments sums;
  bool dumpPlan = false;
};
} // namespace

/// What was decided, on stderr, a line a matmul.
static void printDecisions(const CompileArguments &arguments,
                           const std::vector<MatmulDecision> &decisions) {
  if (decisions.empty())
    printProgress(arguments.model + ": there is no matmul, nothing to plan");
  for (const MatmulDecision &decision : decisions) {
    std::string what = decision.workload ? decision.workload->str() : "matmul";
    printProgress(decision.location + ": " + what + ": " +
                  (decision.answer.plan
                       ? decision.answer.plan->str()
                       : "left alone: " + decision.answer.reason));
  }
}

/// What became of operand sums, on stderr, a line each.
static void printSums(const std::vector<SumsReport> &reports) {
  for (const SumsReport &report : reports) {
    std::string size = formatSize(report.bytes);
    switch (report.kind) {
    case SumsReport::Kind::Shared:
      printProgress(report.location + ": operand sums of an earlier matmul "
                                      "serve here too");
      break;
    case SumsReport::Kind::Folded:
      printProgress(report.location + ": operand sums of a constant are " +
                    "computed now, " + size);
      break;
    case SumsReport::Kind::TooLarge:
      printProgress(report.location + ": operand sums of a constant need " +
                    size + ", beyond --fold-weights: left to run time");
      break;
    }
  }
}

static llvm::Error dumpPlans(const std::vector<MatmulDecision> &decisions) {
  nlohmann::json list = nlohmann::json::array();
  for (const MatmulDecision &decision : decisions) {
    nlohmann::json entry = {
        {"location", decision.location},
        {"workload", decision.workload ? decision.workload->str() : ""},
        {"plan", nullptr}};
    if (decision.answer.plan)
      entry["plan"] = toJson(*decision.answer.plan);
    else
      entry["reason"] = decision.answer.reason;
    list.push_back(std::move(entry));
  }
  printJson(list);
  return llvm::Error::success();
}

static llvm::Expected<Manifest>
makeManifest(const CompileArguments &arguments, const ModelCompiler &compiler,
             const ModelCompilerOptions &options,
             const std::vector<MatmulDecision> &decisions,
             std::vector<BoundWeight> weights) {
  Manifest manifest;
  auto hash = sha256HexOfFile(arguments.model);
  if (!hash)
    return hash.takeError();
  manifest.model = llvm::sys::path::filename(arguments.model).str();
  manifest.modelHash = *hash;
  manifest.tool = SEVENFOLD_VERSION;
  manifest.device = options.guard->hardware;
  manifest.instructionSets = options.guard->instructionSets;
  manifest.provider = options.provider;
  manifest.sums = options.sums;
  manifest.weights = std::move(weights);
  manifest.functions = compiler.functions();
  for (const MatmulDecision &decision : decisions) {
    auto matmul = describeMatmul(decision);
    if (!matmul)
      return matmul.takeError();
    manifest.matmuls.push_back(std::move(*matmul));
  }
  return manifest;
}

/// The stage asked for, or the one the output's name implies.
static std::string stageOf(const CompileArguments &arguments) {
  if (!arguments.emit.empty())
    return arguments.emit;
  llvm::StringRef extension = llvm::sys::path::extension(arguments.output);
  if (extension == ".o")
    return "obj";
  if (extension == ".ll")
    return "llvm";
  return extension == ".mlir" ? "mlir" : "so";
}

static llvm::Error emitLibrary(const CommandLine &line,
                               const CompileArguments &arguments,
                               ModelCompiler &compiler,
                               const ModelCompilerOptions &options,
                               const std::vector<MatmulDecision> &decisions,
                               std::vector<BoundWeight> weights) {
  auto archive = findRuntimeArchive(line.programPath);
  if (!archive)
    return archive.takeError();
  auto object = compiler.emitObject(options);
  if (!object)
    return object.takeError();
  auto manifest =
      makeManifest(arguments, compiler, options, decisions, std::move(weights));
  if (!manifest)
    return manifest.takeError();
  if (llvm::Error error =
          linkSharedLibrary(*object, compiler.functions(), *archive,
                            arguments.output, Guarding::Guarded))
    return error;
  return writeFileAtomically(manifestPath(arguments.output),
                             manifestToJson(*manifest));
}

/// Emits the text or bytes of an intermediate stage.
static llvm::Error emitStage(const std::string &stage,
                             const CompileArguments &arguments,
                             ModelCompiler &compiler,
                             const ModelCompilerOptions &options) {
  llvm::Expected<std::string> bytes = stage == "mlir" ? compiler.emitLinalg()
                                      : stage == "llvm"
                                          ? compiler.emitLLVM(options)
                                          : compiler.emitObject(options);
  if (!bytes)
    return bytes.takeError();
  if (arguments.output != "-")
    return writeFileAtomically(arguments.output, *bytes);
  llvm::outs() << *bytes;
  return llvm::Error::success();
}

/// The machine the plans are for: the one named, the manifest's, or this one.
static llvm::Expected<GuardOptions>
chooseGuard(const CompileArguments &arguments, const CompilerInput &input) {
  if (!arguments.hardware.empty() && arguments.plans.plan.empty() &&
      arguments.plans.manifest.empty())
    return makeError("expected --plan or --manifest with --hardware, the "
                     "database is asked for plans of this machine");
  GuardOptions guard;
  guard.hardware = !arguments.hardware.empty() ? arguments.hardware
                   : input.manifest            ? input.manifest->device
                                               : sevenfold_hardware();
  guard.instructionSets = sevenfold_instruction_sets();
  if (guard.hardware != sevenfold_hardware())
    printProgress("remark: the plans are for '" + guard.hardware +
                  "'; on this machine, '" + sevenfold_hardware() +
                  "', the library will use the vendor library alone");
  return guard;
}

/// The model with its weights bound.
static llvm::Expected<std::unique_ptr<ModelCompiler>>
readModel(const CommandLine &line, const CompileArguments &arguments,
          const CompilerInput &input, std::vector<BoundWeight> &weights) {
  auto compiler = ModelCompiler::fromFile(arguments.model);
  if (!compiler)
    return compiler.takeError();
  auto bindings = parseWeights(arguments.sums);
  if (!bindings)
    return bindings.takeError();
  auto bound = bindWeights(**compiler, std::move(*bindings), line.common.seed,
                           WeightHashes::Compute);
  if (!bound)
    return bound.takeError();
  if (input.manifest)
    if (llvm::Error error = checkWeights(*input.manifest, *bound))
      return error;
  weights = std::move(*bound);
  return std::move(*compiler);
}

static llvm::Expected<int> runCompile(const CommandLine &line,
                                      const CompileArguments &arguments) {
  if (arguments.device != "host")
    return makeError("expected device 'host' but got '{0}'", arguments.device);
  std::string stage = stageOf(arguments);
  if (stage == "ptx")
    return makeError("'ptx' needs an nvptx device, this one is 'host'");
  auto input =
      openPlans(line.common, arguments.plans, arguments.sums, arguments.model);
  if (!input)
    return input.takeError();
  std::vector<BoundWeight> weights;
  auto compiler = readModel(line, arguments, *input, weights);
  if (!compiler)
    return compiler.takeError();
  auto guard = chooseGuard(arguments, *input);
  if (!guard)
    return guard.takeError();
  input->options.guard = std::move(*guard);
  if (!arguments.choices.empty()) {
    auto sums = readChoices(arguments.choices, arguments.model,
                            input->options.guard->hardware);
    if (!sums)
      return sums.takeError();
    input->options.sums = *sums;
    if (llvm::Error error =
            readSumsOptions(arguments.sums, input->options.sums))
      return error;
  }
  auto decisions = (*compiler)->plan(input->source, input->options);
  if (!decisions)
    return decisions.takeError();
  printDecisions(arguments, *decisions);
  if (arguments.dumpPlan)
    if (llvm::Error error = dumpPlans(*decisions))
      return error;
  if (stage == "so") {
    if (llvm::Error error =
            emitLibrary(line, arguments, **compiler, input->options, *decisions,
                        std::move(weights)))
      return error;
  } else if (llvm::Error error =
                 emitStage(stage, arguments, **compiler, input->options)) {
    return error;
  }
  printSums((*compiler)->sums());
  if (!arguments.header.empty())
    if (llvm::Error error = writeFileAtomically(
            arguments.header,
            emitCHeader((*compiler)->functions(),
                        llvm::sys::path::filename(arguments.header))))
      return error;
  return 0;
}

void sevenfold::addCompileCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command = app.add_subcommand(
      "compile", "compile a model ahead of time, with the plans of a database");
  auto arguments = std::make_shared<CompileArguments>();
  command->add_option("model", arguments->model, "MLIR file")->required();
  command->add_option("-o,--output", arguments->output, "file to write")
      ->required();
  command->add_option("--header", arguments->header, "C header to write");
  command
      ->add_option("--emit", arguments->emit,
                   "stage to stop at (default: by the output's extension)")
      ->check(CLI::IsMember({"mlir", "llvm", "obj", "ptx", "so"}));
  command->add_option("--device", arguments->device, "device to compile for")
      ->capture_default_str();
  command->add_option("--hardware", arguments->hardware,
                      "machine the plans are for, as 'sevenfold device' names "
                      "it (default: this one); others use the vendor library "
                      "alone");
  command->add_option("--choices", arguments->choices,
                      "choices about operand sums that 'tune --choices' "
                      "measured");
  command->add_flag("--dump-plan", arguments->dumpPlan,
                    "print the plan of every matmul as JSON");
  addPlanOptions(*command, arguments->plans);
  addSumsOptions(*command, arguments->sums);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runCompile(line, *arguments); };
  });
}
