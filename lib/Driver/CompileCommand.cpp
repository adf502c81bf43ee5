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

#include "CompileReport.h"
#include "CompilerInput.h"
#include "Measuring.h"
#include "SumsChoices.h"
#include "XlaCompilation.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"
#include "sevenfold/Support/Hash.h"
#include "sevenfold/Target/StableHlo.h"
#include "sevenfold/Target/Target.h"
#include "sevenfold/Tuning/Validity.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>

using namespace sevenfold;

/// The stages that every target has: what comes before it, and the library.
static constexpr llvm::StringLiteral kLinalgStage = "mlir",
                                     kLibraryStage = "so";

/// Spells that code uses nothing beyond the architecture's baseline.
static constexpr llvm::StringLiteral kBaselineSets = "baseline";

namespace {
struct CompileArguments {
  std::string model, output, header, emit, device, hardware, choices,
      instructionSets, topology;
  PlanArguments plans;
  SumsArguments sums;
  bool dumpPlan = false, tf32 = false;
};
} // namespace

/// Reads the device and refuses options that it does not have.
static llvm::Expected<TargetHandle>
readTarget(const CompileArguments &arguments, const std::string &stage,
           const std::string &nonFinite) {
  auto target = parseTarget(arguments.device);
  if (!target)
    return target.takeError();
  bool isHost = *target == hostTarget();
  if (stage == kLibraryStage && !(*target)->library())
    return makeError("there are no libraries for '{0}': expected --emit {1}",
                     (*target)->name(), kStableHloStage);
  if (stage != kLinalgStage && stage != kLibraryStage &&
      !llvm::is_contained((*target)->stages(), stage))
    return makeError("'{0}' needs {1} device, this one is '{2}'", stage,
                     stage == kStableHloStage ? "a pjrt" : "an nvptx",
                     (*target)->name());
  if (arguments.tf32 && !(*target)->multiplies(ElementType::TF32))
    return makeError("--tf32 needs an nvptx or pjrt device, this one is '{0}'",
                     (*target)->name());
  if (!isHost && nonFinite == "recompute")
    return makeError("--non-finite recompute needs the device 'host', this one "
                     "is '{0}'",
                     (*target)->name());
  if (!isHost && !arguments.instructionSets.empty())
    return makeError("--instruction-sets needs the device 'host', this one is "
                     "'{0}'",
                     arguments.device);
  if (!isHost && !arguments.choices.empty() && arguments.hardware.empty())
    return makeError("expected --hardware with --choices, the name of the "
                     "device that they were measured on");
  return target;
}

static llvm::Expected<Manifest>
makeManifest(const CompileArguments &arguments, const Target &target,
             const ModelCompiler &compiler, const ModelCompilerOptions &options,
             const PlannedModel &planned, std::vector<BoundWeight> weights) {
  Manifest manifest;
  auto hash = sha256HexOfFile(arguments.model);
  if (!hash)
    return hash.takeError();
  manifest.model = llvm::sys::path::filename(arguments.model).str();
  manifest.modelHash = *hash;
  manifest.tool = SEVENFOLD_VERSION;
  if (options.guard) {
    manifest.device = options.guard->hardware;
    manifest.instructionSets = options.guard->instructionSets;
  } else {
    manifest.device = target.name();
    manifest.lowering = target.lowering().str();
  }
  manifest.f32Products = options.f32Products;
  manifest.nonFinite = options.nonFinite;
  manifest.provider = options.provider;
  manifest.sums = options.sums;
  manifest.weights = std::move(weights);
  manifest.functions = compiler.functions();
  manifest.origins = planned.origins;
  for (const MatmulDecision &decision : planned.decisions) {
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
  if (llvm::StringRef(arguments.output).ends_with(".stablehlo.mlir"))
    return kStableHloStage.str();
  if (extension == ".o")
    return "obj";
  if (extension == ".ll")
    return "llvm";
  if (extension == ".ptx" || extension == ".cubin")
    return extension.drop_front().str();
  return (extension == ".mlir" ? kLinalgStage : kLibraryStage).str();
}

static PlanQueries queriesOf(const ModelCompilerOptions &options) {
  return options.guard ? PlanQueries::Present : PlanQueries::Absent;
}

static llvm::Error
emitLibrary(const CommandLine &line, const CompileArguments &arguments,
            const TargetHandle &target, ModelCompiler &compiler,
            const ModelCompilerOptions &options, const PlannedModel &planned,
            std::vector<BoundWeight> weights) {
  auto built = buildTarget(line, target);
  if (!built)
    return built.takeError();
  auto object = target->emit(compiler, kObjectStage, options);
  if (!object)
    return object.takeError();
  auto manifest = makeManifest(arguments, *target, compiler, options, planned,
                               std::move(weights));
  if (!manifest)
    return manifest.takeError();
  if (llvm::Error error = linkSharedLibrary(
          *object, compiler.functions(), *target->library(), built->runtime,
          arguments.output, queriesOf(options)))
    return error;
  return writeFileAtomically(manifestPath(arguments.output),
                             manifestToJson(*manifest));
}

static llvm::Error emitStage(const std::string &stage,
                             const CompileArguments &arguments,
                             const Target &target, ModelCompiler &compiler,
                             const ModelCompilerOptions &options) {
  auto bytes = stage == kLinalgStage ? compiler.emitLinalg()
                                     : target.emit(compiler, stage, options);
  if (!bytes)
    return bytes.takeError();
  if (arguments.output != "-")
    return writeFileAtomically(arguments.output, *bytes);
  llvm::outs() << *bytes;
  return llvm::Error::success();
}

/// The instruction sets of the code: those named, the manifest's, or this
/// machine's.
static std::string chooseInstructionSets(const CompileArguments &arguments,
                                         const CompilerInput &input) {
  if (arguments.instructionSets == kBaselineSets)
    return "";
  if (!arguments.instructionSets.empty())
    return arguments.instructionSets;
  if (input.manifest && !input.manifest->instructionSets.empty())
    return input.manifest->instructionSets;
  return sevenfold_instruction_sets();
}

/// The first of the comma-separated sets that this machine lacks, or "".
static llvm::StringRef missingHere(llvm::StringRef sets) {
  auto here = llvm::split(sevenfold_instruction_sets(), ',');
  for (llvm::StringRef set : llvm::split(sets, ','))
    if (!set.empty() && !llvm::is_contained(here, set))
      return set;
  return "";
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
  guard.instructionSets = chooseInstructionSets(arguments, input);
  if (guard.hardware != sevenfold_hardware())
    printProgress("remark: the plans are for '" + guard.hardware +
                  "'; on this machine, '" + sevenfold_hardware() +
                  "', the library will use the vendor library alone");
  else if (auto set = missingHere(guard.instructionSets); !set.empty())
    printProgress("remark: the plans' code is for processors with '" +
                  set.str() +
                  "'; on this machine, which lacks it, the library will use "
                  "the vendor library alone");
  return guard;
}

/// Has products of f32 be ones of tf32, and asks for their plans.
static void useTF32(CompilerInput &input) {
  input.options.f32Products = F32Products::TF32;
  if (input.manifest)
    return;
  // Plans for products of tf32 have records of their own.
  input.plans = [plans = std::move(input.plans)](llvm::StringRef function) {
    return PlanSource([source = plans(function)](Workload workload) {
      if (workload.type == ElementType::F32)
        workload.type = ElementType::TF32;
      return source(workload);
    });
  };
}

/// The choices about sums that were measured on the machine the plans are for,
/// which the command line overrides.
static llvm::Error useChoices(const CompileArguments &arguments,
                              const std::string &hardware,
                              CompilerInput &input) {
  if (arguments.choices.empty())
    return llvm::Error::success();
  auto sums = readChoices(arguments.choices, arguments.model, hardware);
  if (!sums)
    return sums.takeError();
  input.options.sums = *sums;
  if (llvm::Error error = readSumsOptions(arguments.sums, input.options.sums))
    return error;
  input.share = input.options.sums.share;
  return llvm::Error::success();
}

/// What differs between devices: tf32 on GPUs, the guard on the host.
static llvm::Error readTargetOptions(const CompileArguments &arguments,
                                     const TargetHandle &target,
                                     CompilerInput &input) {
  if (input.manifest && input.manifest->lowering != target->lowering())
    return makeError("expected a manifest of lowering '{0}' but got '{1}'",
                     target->lowering(), input.manifest->lowering);
  if (target != hostTarget()) {
    if (arguments.tf32)
      useTF32(input);
    return useChoices(arguments, arguments.hardware, input);
  }
  auto guard = chooseGuard(arguments, input);
  if (!guard)
    return guard.takeError();
  input.options.guard = std::move(*guard);
  return useChoices(arguments, input.options.guard->hardware, input);
}

/// Fails where C or C++ has no such name for a function of the header.
static llvm::Error checkHeaderNames(llvm::ArrayRef<FunctionSignature> all) {
  static const llvm::StringRef words[] = {
      "alignas",  "alignof",   "asm",      "auto",     "bool",     "break",
      "case",     "catch",     "char",     "class",    "const",    "continue",
      "default",  "delete",    "do",       "double",   "else",     "enum",
      "explicit", "export",    "extern",   "false",    "float",    "for",
      "friend",   "goto",      "if",       "inline",   "int",      "long",
      "mutable",  "namespace", "new",      "operator", "private",  "protected",
      "public",   "register",  "restrict", "return",   "short",    "signed",
      "sizeof",   "static",    "struct",   "switch",   "template", "this",
      "throw",    "true",      "try",      "typedef",  "typename", "union",
      "unsigned", "using",     "virtual",  "void",     "volatile", "while"};
  for (const FunctionSignature &function : all) {
    llvm::StringRef name = function.name;
    bool isName =
        !name.empty() && !llvm::isDigit(name.front()) &&
        llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (!isName || llvm::is_contained(words, name))
      return makeError("function '{0}' has no name in C: leave --header out, "
                       "or rename it",
                       name);
  }
  return llvm::Error::success();
}

/// Emits what was asked for, and the header.
static llvm::Error
emitAll(const CommandLine &line, const CompileArguments &arguments,
        const std::string &stage, const TargetHandle &target,
        ModelCompiler &compiler, const ModelCompilerOptions &options,
        const PlannedModel &planned, std::vector<BoundWeight> weights) {
  if (!arguments.header.empty() && !target->library())
    return makeError("--header is for libraries: '{0}' has none",
                     target->name());
  if (!arguments.header.empty())
    if (llvm::Error error = checkHeaderNames(compiler.functions()))
      return error;
  if (llvm::Error error =
          stage == kLibraryStage
              ? emitLibrary(line, arguments, target, compiler, options, planned,
                            std::move(weights))
              : emitStage(stage, arguments, *target, compiler, options))
    return error;
  printSums(compiler.sums());
  if (arguments.header.empty())
    return llvm::Error::success();
  return writeFileAtomically(
      arguments.header, emitCHeader(compiler.functions(),
                                    llvm::sys::path::filename(arguments.header),
                                    *target->library(), queriesOf(options)));
}

/// Fails where what is written would overwrite the model, or each other.
static llvm::Error checkFiles(const CompileArguments &arguments,
                              const std::string &stage) {
  std::vector<std::pair<const char *, std::string>> files = {
      {"the model", arguments.model}};
  auto add = [&](const char *what, const std::string &path) -> llvm::Error {
    for (const auto &[other, known] : files)
      if (llvm::sys::path::remove_leading_dotslash(path) ==
              llvm::sys::path::remove_leading_dotslash(known) ||
          llvm::sys::fs::equivalent(path, known))
        return makeError("{0} and {1} are the same file, '{2}'", what, other,
                         path);
    files.push_back({what, path});
    return llvm::Error::success();
  };
  if (arguments.output != "-")
    if (llvm::Error error = add("the output", arguments.output))
      return error;
  if (stage == kLibraryStage)
    if (llvm::Error error = add("the manifest", manifestPath(arguments.output)))
      return error;
  return arguments.header.empty() ? llvm::Error::success()
                                  : add("the header", arguments.header);
}

/// What the device's own compiler makes of the output, where that was asked
/// for; the exit code.
static llvm::Expected<int> compileThere(const CommandLine &line,
                                        const CompileArguments &arguments) {
  if (arguments.topology.empty())
    return 0;
  auto compilation = compileForTopology(arguments.device, arguments.topology,
                                        arguments.output);
  if (!compilation)
    return compilation.takeError();
  if (line.common.json)
    printJson(nlohmann::json::array({toJson(*compilation)}));
  printProgress(describe(*compilation));
  if (compilation->fits())
    return 0;
  printProgress("it does not fit the device's memory");
  return 1;
}

/// StableHLO in, StableHLO out, some of its products by plans.
static llvm::Expected<int> compileStableHlo(const CommandLine &line,
                                            const CompileArguments &arguments,
                                            const CompilerInput &input,
                                            llvm::StringRef text) {
  auto planned =
      planStableHlo(text, arguments.model, input.plans("main"), input.options);
  if (!planned)
    return planned.takeError();
  printDecisions(arguments.model, planned->decisions);
  if (planned->decisions.empty())
    printProgress(arguments.model +
                  ": there is no stablehlo.dot_general in it");
  if (arguments.output != "-") {
    if (llvm::Error error =
            writeFileAtomically(arguments.output, planned->text))
      return error;
    return compileThere(line, arguments);
  }
  llvm::outs() << planned->text;
  return 0;
}

static llvm::Expected<int> runCompile(const CommandLine &line,
                                      const CompileArguments &given) {
  std::string stage = stageOf(given);
  CompileArguments arguments = given;
  if (arguments.device.empty())
    arguments.device =
        stage == kStableHloStage ? "pjrt:cpu" : hostTarget()->name();
  if (!arguments.topology.empty() &&
      (stage != kStableHloStage || arguments.output == "-"))
    return makeError("expected --emit stablehlo and a file for -o with "
                     "--topology");
  bool wantsPlans =
      arguments.dumpPlan || (line.common.json && arguments.topology.empty());
  if (wantsPlans && arguments.output == "-")
    return makeError("expected a file for -o: standard output is for {0}",
                     arguments.dumpPlan ? "--dump-plan" : "--json");
  if (llvm::Error error = checkFiles(arguments, stage))
    return error;
  auto target = readTarget(arguments, stage, line.common.nonFinite);
  if (!target)
    return target.takeError();
  std::optional<std::string> foreign = readStableHlo(arguments.model);
  if (foreign && stage != kStableHloStage)
    return makeError("'{0}' is a module of StableHLO: expected --emit "
                     "stablehlo, or lower it to linalg first",
                     arguments.model);
  if (foreign && (wantsPlans || !arguments.sums.isEmpty()))
    return makeError("'{0}' is a module of StableHLO: expected no --weight, "
                     "--tile, --fold-weights, --share-sums, --dump-plan or "
                     "--json",
                     arguments.model);
  auto input =
      openPlans(line.common, arguments.plans, arguments.sums, arguments.model,
                {arguments.device, arguments.hardware});
  if (!input)
    return input.takeError();
  if (foreign)
    return compileStableHlo(line, arguments, *input, *foreign);
  auto model = openModel(line.common, arguments.model, arguments.sums,
                         WeightHashes::Compute, arguments.plans.ranges);
  if (!model)
    return model.takeError();
  if (input->manifest)
    if (llvm::Error error = checkWeights(*input->manifest, model->weights))
      return error;
  if (llvm::Error error = readTargetOptions(arguments, *target, *input))
    return error;
  auto planned = planModel(*model->compiler, *input);
  if (!planned)
    return planned.takeError();
  printDecisions(arguments.model, planned->decisions);
  printOrigins(arguments.model, *planned);
  if (llvm::Error error =
          emitAll(line, arguments, stage, *target, *model->compiler,
                  input->options, *planned, std::move(model->weights)))
    return error;
  if (wantsPlans)
    dumpPlans(*planned);
  return compileThere(line, arguments);
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
      ->check(CLI::IsMember(
          {"mlir", "llvm", "obj", "ptx", "cubin", "stablehlo", "so"}));
  command->add_option(
      "--device", arguments->device,
      "device to compile for: host, nvptx:CHIP with CHIP sm_70, sm_80, "
      "sm_90, .., or pjrt:PLUGIN with PLUGIN cpu, tpu, cuda or a file "
      "(default: host; pjrt:cpu for StableHLO)");
  command->add_option("--topology", arguments->topology,
                      "have the compiler of a pjrt device compile the program "
                      "for a chip that need not be here (v2, v4, v5e, ..), and "
                      "print what it says of it, as JSON with --json");
  command->add_option("--hardware", arguments->hardware,
                      "machine the plans are for, as 'sevenfold device' names "
                      "it (default: this one); others use the vendor library "
                      "alone");
  command->add_option("--instruction-sets", arguments->instructionSets,
                      "comma-separated instruction sets, by LLVM's names, that "
                      "the plans' code may use and the library's guard asks "
                      "for, or 'baseline' (default: the manifest's, or those "
                      "of this machine)");
  command->add_option("--choices", arguments->choices,
                      "choices about operand sums that 'tune --choices' "
                      "measured");
  command->add_flag("--tf32", arguments->tf32,
                    "on a GPU, multiply f32 in tf32: operands are rounded to "
                    "11 bits");
  command->add_flag("--dump-plan", arguments->dumpPlan,
                    "print the plan of every matmul as JSON, as --json does");
  addPlanOptions(*command, arguments->plans);
  addSumsOptions(*command, arguments->sums);
  command->callback([&line, arguments] {
    line.run = [&line, arguments] { return runCompile(line, *arguments); };
  });
}
