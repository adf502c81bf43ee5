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

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

namespace {
struct CompileArguments {
  std::string model, output, header, emit, device = "host";
  PlanArguments plans;
  bool dumpPlan = false;
};
} // namespace

/// What was decided, on stderr, a line a matmul.
static void printDecisions(const std::vector<MatmulDecision> &decisions) {
  for (const MatmulDecision &decision : decisions) {
    std::string what = decision.workload ? decision.workload->str() : "matmul";
    printProgress(decision.location + ": " + what + ": " +
                  (decision.answer.plan
                       ? decision.answer.plan->str()
                       : "left alone: " + decision.answer.reason));
  }
}

static llvm::Error dumpPlans(const std::vector<MatmulDecision> &decisions) {
  nlohmann::json list = nlohmann::json::array();
  for (const MatmulDecision &decision : decisions) {
    nlohmann::json entry = {{"location", decision.location},
                            {"workload", decision.workload
                                             ? decision.workload->str()
                                             : ""},
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
             const std::vector<MatmulDecision> &decisions,
             const std::string &provider) {
  Manifest manifest;
  auto hash = sha256HexOfFile(arguments.model);
  if (!hash)
    return hash.takeError();
  manifest.model = llvm::sys::path::filename(arguments.model).str();
  manifest.modelHash = *hash;
  manifest.tool = SEVENFOLD_VERSION;
  manifest.device = describeDevice(0).fingerprint();
  manifest.provider = provider;
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
                               const std::vector<MatmulDecision> &decisions) {
  auto archive = findRuntimeArchive(line.programPath);
  if (!archive)
    return archive.takeError();
  auto object = compiler.emitObject(options);
  if (!object)
    return object.takeError();
  auto manifest =
      makeManifest(arguments, compiler, decisions, options.provider);
  if (!manifest)
    return manifest.takeError();
  if (llvm::Error error = linkSharedLibrary(*object, compiler.functions(),
                                            *archive, arguments.output))
    return error;
  return writeFileAtomically(manifestPath(arguments.output),
                             manifestToJson(*manifest));
}

/// Emits the text or bytes of an intermediate stage.
static llvm::Error emitStage(const std::string &stage,
                             const CompileArguments &arguments,
                             ModelCompiler &compiler,
                             const ModelCompilerOptions &options) {
  llvm::Expected<std::string> bytes =
      stage == "mlir"   ? compiler.emitLinalg()
      : stage == "llvm" ? compiler.emitLLVM(options)
                        : compiler.emitObject(options);
  if (!bytes)
    return bytes.takeError();
  if (arguments.output != "-")
    return writeFileAtomically(arguments.output, *bytes);
  llvm::outs() << *bytes;
  return llvm::Error::success();
}

static llvm::Expected<int> runCompile(const CommandLine &line,
                                      const CompileArguments &arguments) {
  if (arguments.device != "host")
    return makeError("expected device 'host' but got '{0}'", arguments.device);
  std::string stage = stageOf(arguments);
  if (stage == "ptx")
    return makeError("'ptx' needs an nvptx device, this one is 'host'");
  auto compiler = ModelCompiler::fromFile(arguments.model);
  if (!compiler)
    return compiler.takeError();
  auto input = openPlans(line.common, arguments.plans);
  if (!input)
    return input.takeError();
  auto decisions = (*compiler)->plan(input->source, input->options);
  if (!decisions)
    return decisions.takeError();
  printDecisions(*decisions);
  if (arguments.dumpPlan)
    if (llvm::Error error = dumpPlans(*decisions))
      return error;
  if (stage == "so") {
    if (llvm::Error error = emitLibrary(line, arguments, **compiler,
                                        input->options, *decisions))
      return error;
  } else if (llvm::Error error =
                 emitStage(stage, arguments, **compiler, input->options)) {
    return error;
  }
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
  command->add_flag("--dump-plan", arguments->dumpPlan,
                    "print the plan of every matmul as JSON");
  addPlanOptions(*command, arguments->plans);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runCompile(line, *arguments); };
  });
}
