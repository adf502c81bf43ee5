//===- HostMachine.cpp - Code for the machine this runs on ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target machine, instruction sets, optimisation and object emission for the
// host CPU.
//
//===----------------------------------------------------------------------===//

#include "HostMachine.h"
#include "NarrowFloats.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/Analysis/LoopAnalysisManager.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Instrumentation/AddressSanitizer.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace sevenfold;

/// What every processor of the architecture can execute.
static constexpr const char *kBaseline = "x86-64";

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
sevenfold::createHostMachine() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("no code generator for '{0}': {1}", triple.str(), message);
  llvm::TargetOptions options;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, triple.isX86() ? kBaseline : "generic", "", options,
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

#if defined(__x86_64__)
/// On x86 exactly the sets that a guard checks; the processor's name only says
/// how to schedule them.
static std::string
hostFeatures(const std::optional<std::string> &instructionSets) {
  std::string sets = instructionSets.value_or(sevenfold_instruction_sets());
  std::string features;
  for (llvm::StringRef set : llvm::split(sets, ','))
    if (!set.empty())
      features += (features.empty() ? "+" : ",+") + set.str();
  return features;
}
#else
static std::string hostFeatures(const std::optional<std::string> &) {
  std::string features;
  for (const auto &[feature, isEnabled] : llvm::sys::getHostCPUFeatures())
    features += (features.empty() ? "" : ",") +
                std::string(isEnabled ? "+" : "-") + feature.str();
  return features;
}
#endif

/// Fails where a feature is none of the target's.
static llvm::Error checkFeatures(const llvm::TargetMachine &machine,
                                 llvm::StringRef features) {
  auto known = machine.getMCSubtargetInfo()->getAllProcessorFeatures();
  for (llvm::StringRef feature : llvm::split(features, ','))
    if (llvm::StringRef name = feature.drop_front(!feature.empty());
        !name.empty() && llvm::none_of(known, [&](const auto &entry) {
          return name == entry.Key;
        }))
      return makeError("'{0}' is no instruction set of '{1}'", name,
                       machine.getTargetTriple().getArchName());
  return llvm::Error::success();
}

llvm::Expected<HostProcessor>
sevenfold::describeHost(const llvm::TargetMachine &machine,
                        const std::optional<std::string> &instructionSets) {
  bool isThis =
      !instructionSets || *instructionSets == sevenfold_instruction_sets();
  HostProcessor processor{hostFeatures(instructionSets),
                          isThis ? llvm::sys::getHostCPUName().str()
                                 : "generic"};
  if (llvm::Error error = checkFeatures(machine, processor.features))
    return error;
  return processor;
}

/// Whether "+a,+b,.." has `set`, not only another whose name begins so.
static bool hasFeature(llvm::StringRef features, llvm::StringRef set) {
  return llvm::is_contained(llvm::split(features, ','), ("+" + set).str());
}

unsigned HostProcessor::vectorBytes() const {
  if (hasFeature(features, "avx512f"))
    return 64;
  return hasFeature(features, "avx") ? 32 : 16;
}

/// Adds what `function` refers to, and what that refers to, to `found`.
static void collectReachable(llvm::Function &root,
                             llvm::SetVector<llvm::Function *> &found) {
  llvm::SmallVector<llvm::Function *> worklist = {&root};
  while (!worklist.empty()) {
    llvm::Function *function = worklist.pop_back_val();
    if (!found.insert(function))
      continue;
    for (llvm::Instruction &instruction : llvm::instructions(*function))
      for (llvm::Value *operand : instruction.operands())
        if (auto *callee = llvm::dyn_cast<llvm::Function>(operand))
          worklist.push_back(callee);
  }
}

/// Gives portable code copies of its own of what other code reaches as well, so
/// that neither keeps the other from its instructions.
static void separate(llvm::Module &module, const PortableFunctions &portable,
                     llvm::SetVector<llvm::Function *> &baseline) {
  llvm::SetVector<llvm::Function *> others;
  for (llvm::Function &function : module)
    if (!baseline.contains(&function) &&
        !portable.alone.contains(function.getName()))
      collectReachable(function, others);
  llvm::DenseMap<llvm::Value *, llvm::Function *> copies;
  for (llvm::Function *function : baseline)
    if (!function->isDeclaration() && others.contains(function)) {
      llvm::ValueToValueMapTy values;
      llvm::Function *copy = llvm::CloneFunction(function, values);
      copy->setName(function->getName() + ".portable");
      copies[function] = copy;
    }
  for (auto &[function, copy] : copies) {
    baseline.remove(llvm::cast<llvm::Function>(function));
    baseline.insert(copy);
  }
  for (llvm::Function *function : baseline)
    for (llvm::Instruction &instruction : llvm::instructions(*function))
      for (llvm::Use &operand : instruction.operands())
        if (llvm::Function *copy = copies.lookup(operand.get()))
          operand.set(copy);
}

static void relaxMultiplyAdd(llvm::Function &function) {
  for (llvm::Instruction &instruction :
       llvm::make_early_inc_range(llvm::instructions(function))) {
    auto *fused = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
    if (!fused || fused->getIntrinsicID() != llvm::Intrinsic::fma)
      continue;
    llvm::IRBuilder<> builder(fused);
    fused->replaceAllUsesWith(builder.CreateIntrinsic(
        llvm::Intrinsic::fmuladd, {fused->getType()},
        llvm::to_vector_of<llvm::Value *>(fused->args())));
    fused->eraseFromParent();
  }
}

void sevenfold::specializeForHost(llvm::Module &module,
                                  const PortableFunctions &portable,
                                  const HostProcessor &processor) {
  llvm::SetVector<llvm::Function *> baseline;
  for (llvm::Function &function : module)
    if (portable.roots.contains(function.getName()))
      collectReachable(function, baseline);
  separate(module, portable, baseline);
  bool isX86 = module.getTargetTriple().isX86();
  bool isFused = !isX86 || hasFeature(processor.features, "fma") ||
                 hasFeature(processor.features, "avx512f");
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || portable.alone.contains(function.getName()))
      continue;
    bool isPortable = baseline.contains(&function);
    if (isPortable || !isFused)
      relaxMultiplyAdd(function);
    if (isPortable)
      continue;
    function.addFnAttr("target-cpu", isX86 ? kBaseline : processor.name);
    function.addFnAttr("tune-cpu", processor.name);
    function.addFnAttr("target-features", processor.features);
  }
}

/// Runs what `build` makes of a builder of passes.
static void runPasses(
    llvm::Module &module, llvm::TargetMachine *machine,
    llvm::function_ref<llvm::ModulePassManager(llvm::PassBuilder &)> build) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  build(builder).run(module, modules);
}

void sevenfold::optimizeModule(llvm::Module &module,
                               llvm::TargetMachine &machine) {
  runPasses(module, &machine, [](llvm::PassBuilder &builder) {
    return builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3);
  });
}

void sevenfold::checkAddresses(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(llvm::Attribute::SanitizeAddress);
  // Code that is loaded without its constructors has no use for them.
  runPasses(module, nullptr, [](llvm::PassBuilder &) {
    llvm::ModulePassManager passes;
    passes.addPass(llvm::AddressSanitizerPass(
        llvm::AddressSanitizerOptions(), /*UseGlobalGC=*/false,
        /*UseOdrIndicator=*/false, llvm::AsanDtorKind::None,
        llvm::AsanCtorKind::None));
    return passes;
  });
}

void sevenfold::optimizeHostModule(llvm::Module &module,
                                   llvm::TargetMachine &machine) {
  // Before, for the vectoriser to see what the operations cost, and once more
  // for what it made of them.
  expandNarrowFloats(module, machine);
  optimizeModule(module, machine);
  expandNarrowFloats(module, machine);
}

static llvm::Expected<std::string> emitCode(llvm::Module &module,
                                            llvm::TargetMachine &machine,
                                            llvm::CodeGenFileType type,
                                            llvm::StringRef what) {
  llvm::SmallString<0> code;
  llvm::raw_svector_ostream stream(code);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    return makeError("the code generator cannot emit {0}", what);
  passes.run(module);
  return std::string(code.str());
}

llvm::Expected<std::string>
sevenfold::emitMachineCode(llvm::Module &module, llvm::TargetMachine &machine) {
  return emitCode(module, machine, llvm::CodeGenFileType::ObjectFile,
                  "objects");
}

llvm::Expected<std::string>
sevenfold::emitAssembly(llvm::Module &module, llvm::TargetMachine &machine) {
  return emitCode(module, machine, llvm::CodeGenFileType::AssemblyFile,
                  "assembly");
}
