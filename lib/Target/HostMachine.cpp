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
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace sevenfold;

/// What every processor of the architecture can execute.
static constexpr const char *kBaseline = "x86-64";

/// "+avx2,+fma,..": what generated code may use here beyond the baseline.
static std::string hostFeatures() {
  std::string features;
  auto add = [&](llvm::StringRef feature, bool enabled) {
    features += (features.empty() ? "" : ",") +
                std::string(enabled ? "+" : "-") + feature.str();
  };
#if defined(__x86_64__)
  for (llvm::StringRef set : llvm::split(sevenfold_instruction_sets(), ','))
    if (!set.empty())
      add(set, true);
#else
  for (const auto &[feature, enabled] : llvm::sys::getHostCPUFeatures())
    add(feature, enabled);
#endif
  return features;
}

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

unsigned sevenfold::vectorBytes() {
  std::string features = hostFeatures();
  if (llvm::StringRef(features).contains("+avx512f"))
    return 64;
  return llvm::StringRef(features).contains("+avx") ? 32 : 16;
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
                                  const PortableFunctions &portable) {
  llvm::SetVector<llvm::Function *> baseline;
  for (llvm::Function &function : module)
    if (portable.roots.contains(function.getName()))
      collectReachable(function, baseline);
  separate(module, portable, baseline);
  for (llvm::Function *function : baseline)
    relaxMultiplyAdd(*function);
  bool isX86 = module.getTargetTriple().isX86();
  std::string features = hostFeatures(),
              processor = llvm::sys::getHostCPUName().str();
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || baseline.contains(&function) ||
        portable.alone.contains(function.getName()))
      continue;
    // On x86 exactly the sets that a guard checks; the processor's name only
    // says how to schedule them.
    function.addFnAttr("target-cpu", isX86 ? kBaseline : processor);
    function.addFnAttr("tune-cpu", processor);
    function.addFnAttr("target-features", features);
  }
}

void sevenfold::optimizeModule(llvm::Module &module,
                               llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
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
