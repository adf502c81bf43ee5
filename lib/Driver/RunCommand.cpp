//===- RunCommand.cpp - sevenfold run -------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a function of a model (compiled in this process) or of a compiled
// library on .npy files.
//
//===----------------------------------------------------------------------===//

#include "CompileReport.h"
#include "Measuring.h"
#include "PlannedModel.h"

#include "sevenfold/Measure/XlaProgram.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Npy.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/StableHlo.h"

#include "llvm/Support/FileSystem.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>

using namespace sevenfold;

namespace {
struct RunArguments {
  std::string model, function, device = "host";
  std::vector<std::string> inputs, outputs;
  PlanArguments plans;
  SumsArguments sums;
};

/// A function that can be called, and its buffers.
struct Callable {
  FunctionSignature signature;
  LoadedFunction call;
  /// Whether the plans run, or the vendor library alone.
  bool isPlanned = true;
};
} // namespace

/// The named function, or the only one.
static llvm::Expected<FunctionSignature>
chooseFunction(llvm::ArrayRef<FunctionSignature> functions,
               const RunArguments &arguments) {
  if (arguments.function.empty() && functions.size() == 1)
    return functions.front();
  for (const FunctionSignature &function : functions)
    if (function.name == arguments.function)
      return function;
  if (arguments.function.empty())
    return makeError("'{0}' has {1} functions, name one with --function",
                     arguments.model, functions.size());
  return makeError("'{0}' has no function '{1}'", arguments.model,
                   arguments.function);
}

static llvm::Expected<Callable> openLibrary(const RunArguments &arguments) {
  if (!llvm::sys::fs::exists(arguments.model))
    return makeError("cannot read '{0}': there is no such library",
                     arguments.model);
  // What a library computes was decided when it was compiled.
  if (!arguments.plans.plan.empty() || !arguments.plans.manifest.empty() ||
      !arguments.sums.isEmpty())
    return makeError("expected no --plan, --manifest, --weight, --tile, "
                     "--fold-weights or --share-sums with the library '{0}': "
                     "they are for models",
                     arguments.model);
  auto manifest = readManifest(manifestPath(arguments.model));
  if (!manifest)
    return manifest.takeError();
  auto signature = chooseFunction(manifest->functions, arguments);
  if (!signature)
    return signature.takeError();
  auto call = loadLibrary(arguments.model, signature->name);
  if (!call)
    return call.takeError();
  auto query = loadLibrary(arguments.model, plannedQueryName(*signature));
  if (!query)
    return query.takeError();
  bool isPlanned = (*query)({}) != 0;
  if (!isPlanned)
    printProgress("remark: '" + arguments.model + "' was made for '" +
                  manifest->device +
                  "' and uses the vendor library alone on "
                  "this machine, '" +
                  sevenfold_hardware() + "'");
  return Callable{*signature, *call, isPlanned};
}

static llvm::Expected<Callable> compileModel(const CommandLine &line,
                                             const RunArguments &arguments) {
  auto model = openModel(line.common, arguments.model, arguments.sums,
                         WeightHashes::Omit, arguments.plans.ranges);
  if (!model)
    return model.takeError();
  ModelCompiler *compiler = model->compiler.get();
  auto signature = chooseFunction(compiler->functions(), arguments);
  if (!signature)
    return signature.takeError();
  if (llvm::Error error = compiler->keepOnly(signature->name))
    return error;
  auto input =
      openPlans(line.common, arguments.plans, arguments.sums, arguments.model);
  if (!input)
    return input.takeError();
  auto planned = planModel(*compiler, *input);
  if (!planned)
    return planned.takeError();
  printOrigins(arguments.model, *planned);
  for (const MatmulDecision &decision : planned->decisions)
    if (!decision.answer.isPlanned())
      printProgress(decision.location +
                    ": left alone: " + decision.answer.reason);
  auto object = hostTarget()->emit(*compiler, kObjectStage, input->options);
  if (!object)
    return object.takeError();
  auto call = loadObject(*object, signature->name);
  if (!call)
    return call.takeError();
  return Callable{*signature, *call};
}

/// The numbers of inputs that the function may write to: what is in them
/// afterwards is saved behind the outputs.
static std::vector<size_t> writtenInputs(const FunctionSignature &signature) {
  std::vector<size_t> numbers;
  for (size_t i = 0; i < signature.inputs.size(); ++i)
    if (signature.inputs[i].isWritten)
      numbers.push_back(i);
  return numbers;
}

/// Truth values of code are 0 or 1, those of a file may be any byte.
static llvm::Error checkTruths(const NpyArray &array, llvm::StringRef path) {
  const auto *bytes = static_cast<const unsigned char *>(array.data());
  if (array.type == ElementType::I1)
    for (int64_t i = 0, e = array.numElements(); i < e; ++i)
      if (bytes[i] > 1)
        return makeError("{0}: expected 0 or 1 but got {1} at element {2}",
                         path, unsigned(bytes[i]), i);
  return llvm::Error::success();
}

/// Whether an array has the shape, whatever its sizes are where it has any.
static bool hasShape(const NpyArray &array, const BufferShape &shape) {
  bool fits =
      array.type == shape.type && array.shape.size() == shape.dims.size();
  for (size_t i = 0; fits && i < shape.dims.size(); ++i)
    fits = shape.dims[i] == kAnySize || shape.dims[i] == array.shape[i];
  return fits;
}

/// Reads the inputs and checks them against the signature.
static llvm::Expected<std::vector<NpyArray>>
readInputs(const FunctionSignature &signature, const RunArguments &arguments) {
  size_t outputs = signature.outputs.size() + writtenInputs(signature).size();
  if (arguments.inputs.size() != signature.inputs.size() ||
      arguments.outputs.size() != outputs)
    return makeError("expected {0} inputs and {1} outputs of '{2}' but got {3} "
                     "and {4}",
                     signature.inputs.size(), outputs, signature.name,
                     arguments.inputs.size(), arguments.outputs.size());
  size_t parameters = signature.inputs.size() + signature.outputs.size();
  for (const BufferShape &shape : signature.inputs)
    parameters +=
        shape.sizes.size() + (shape.isStrided ? shape.dims.size() - 1 : 0);
  if (parameters > kMaxBuffers)
    return makeError("'{0}' has more than {1} buffers and sizes",
                     signature.name, kMaxBuffers);
  std::vector<NpyArray> arrays;
  for (auto [path, shape] :
       llvm::zip_equal(arguments.inputs, signature.inputs)) {
    auto array = readNpy(path);
    if (!array)
      return array.takeError();
    if (llvm::Error error = checkNpyType(shape.type))
      return makeError("{0}: {1}", path, llvm::toString(std::move(error)));
    if (!hasShape(*array, shape))
      return makeError("{0}: expected {1} but got {2}", path,
                       arrayText(shape.type, shape.dims),
                       arrayText(array->type, array->shape));
    if (llvm::Error error = checkTruths(*array, path))
      return error;
    arrays.push_back(std::move(*array));
  }
  return arrays;
}

/// A model, or a module of StableHLO by somebody else, as a program of a
/// plugin; `signature` is its function's.
static llvm::Expected<std::string> makeProgram(const CommandLine &line,
                                               const RunArguments &arguments,
                                               FunctionSignature &signature) {
  auto input = openPlans(line.common, arguments.plans, arguments.sums,
                         arguments.model, {arguments.device, /*hardware=*/""});
  if (!input)
    return input.takeError();
  if (auto text = readStableHlo(arguments.model)) {
    auto main = mainOfStableHlo(*text, arguments.model);
    if (!main)
      return main.takeError();
    signature = std::move(*main);
    auto planned = planStableHlo(*text, arguments.model, input->plans("main"),
                                 input->options);
    if (!planned)
      return planned.takeError();
    printDecisions(arguments.model, planned->decisions);
    return std::move(planned->text);
  }
  auto target = parseTarget(arguments.device);
  if (!target)
    return target.takeError();
  auto model = openModel(line.common, arguments.model, arguments.sums,
                         WeightHashes::Omit, arguments.plans.ranges);
  if (!model)
    return model.takeError();
  auto chosen = chooseFunction(model->compiler->functions(), arguments);
  if (!chosen)
    return chosen.takeError();
  if (llvm::Error error = model->compiler->keepOnly(chosen->name))
    return error;
  signature = std::move(*chosen);
  auto planned = planModel(*model->compiler, *input);
  if (!planned)
    return planned.takeError();
  printDecisions(arguments.model, planned->decisions);
  return (*target)->emit(*model->compiler, kStableHloStage, input->options);
}

/// Runs a program of StableHLO on a plugin's device, in a child process.
static llvm::Expected<int> runProgram(const CommandLine &line,
                                      const RunArguments &arguments) {
  FunctionSignature signature;
  auto program = makeProgram(line, arguments, signature);
  if (!program)
    return program.takeError();
  if (!signature.isStatic())
    return makeError(
        "'{0}' has dynamic sizes: programs of XLA's compilers have "
        "static ones",
        signature.name);
  for (BufferShape &shape : signature.inputs)
    shape.isWritten = false; // a program returns, and writes to nothing
  auto arrays = readInputs(signature, arguments);
  if (!arrays)
    return arrays.takeError();
  auto plugin =
      findPjrtPlugin(llvm::StringRef(arguments.device).split(':').second);
  if (!plugin)
    return plugin.takeError();
  std::vector<ProgramInput> inputs;
  for (auto [shape, array] : llvm::zip_equal(signature.inputs, *arrays))
    inputs.push_back(
        {shape,
         {static_cast<const char *>(array.data()), size_t(array.numBytes())}});
  auto result = runXlaProgram(*plugin, *program, inputs, signature.outputs);
  if (!result)
    return result.takeError();
  for (auto [path, shape, bytes] :
       llvm::zip_equal(arguments.outputs, signature.outputs, result->outputs))
    if (llvm::Error error =
            writeNpy(path, shape.type, shape.dims, bytes.data()))
      return error;
  if (line.common.json)
    printJson(nlohmann::json::array({{{"function", signature.name},
                                      {"code", "stablehlo"},
                                      {"seconds", result->seconds},
                                      {"outputs", arguments.outputs}}}));
  return 0;
}

static llvm::Expected<int> runFunction(const CommandLine &line,
                                       const RunArguments &arguments) {
  if (auto target = parseTarget(arguments.device); !target)
    return target.takeError();
  else if (!(*target)->library())
    return runProgram(line, arguments);
  else if (*target != hostTarget())
    return makeError("functions for '{0}' take pointers to its memory: 'run' "
                     "is for host and pjrt",
                     arguments.device);
  bool isLibrary = llvm::StringRef(arguments.model).ends_with(".so");
  auto callable =
      isLibrary ? openLibrary(arguments) : compileModel(line, arguments);
  if (!callable)
    return callable.takeError();
  auto arrays = readInputs(callable->signature, arguments);
  if (!arrays)
    return arrays.takeError();
  std::vector<std::vector<int64_t>> dims;
  for (const NpyArray &array : *arrays)
    dims.push_back(array.shape);
  auto known = callable->signature.at(dims);
  if (!known)
    return known.takeError();
  const FunctionSignature &signature = *known;
  for (const BufferShape &shape : signature.outputs) {
    auto array = makeNpyArray(shape.type, shape.dims);
    if (!array)
      return array.takeError();
    arrays->push_back(std::move(*array));
  }
  std::vector<void *> buffers;
  for (NpyArray &array : *arrays)
    buffers.push_back(array.data());
  buffers = callArguments(callable->signature, buffers, dims);
  auto start = std::chrono::steady_clock::now();
  int status = callable->call(buffers);
  std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  if (status != 0)
    return makeError("'{0}' failed: {1}", signature.name,
                     sevenfold_error_string(status));
  std::vector<size_t> saved;
  for (size_t i = 0; i < signature.outputs.size(); ++i)
    saved.push_back(signature.inputs.size() + i);
  llvm::append_range(saved, writtenInputs(signature));
  for (size_t i = 0; i < arguments.outputs.size(); ++i) {
    const NpyArray &array = (*arrays)[saved[i]];
    if (llvm::Error error = writeNpy(arguments.outputs[i], array.type,
                                     array.shape, array.data()))
      return error;
  }
  if (line.common.json)
    printJson(nlohmann::json::array(
        {{{"function", signature.name},
          {"code", callable->isPlanned ? "planned" : "classical"},
          {"seconds", elapsed.count()},
          {"outputs", arguments.outputs}}}));
  return 0;
}

void sevenfold::addRunCommand(CLI::App &app, CommandLine &line) {
  CLI::App *command =
      app.add_subcommand("run", "run a function of a model or library on data");
  auto arguments = std::make_shared<RunArguments>();
  command
      ->add_option("model", arguments->model,
                   "MLIR file, or a library with its manifest beside it")
      ->required();
  command->add_option("--function", arguments->function,
                      "function to run (default: the only one)");
  command
      ->add_option("--device", arguments->device,
                   "where to run it: host, or pjrt:PLUGIN")
      ->capture_default_str();
  command->add_option("--input", arguments->inputs, ".npy files, in order");
  command->add_option("--output", arguments->outputs,
                      ".npy files to write, in order: the outputs, then the "
                      "inputs that the function writes to");
  addPlanOptions(*command, arguments->plans);
  addSumsOptions(*command, arguments->sums);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runFunction(line, *arguments); };
  });
}
