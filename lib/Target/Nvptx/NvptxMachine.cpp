//===- NvptxMachine.cpp - Code for GPUs -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Target machine, what GPUs have instructions for, and the image in the host's
// object.
//
//===----------------------------------------------------------------------===//

#include "NvptxMachine.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Transforms/Passes.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>

using namespace sevenfold;

/// Creates a machine that addresses shared memory by 32 bits, a register of
/// each address less. LLVM asks an option of the process whether it should, and
/// only while it creates a machine: others' machines are left as they are.
static std::unique_ptr<llvm::TargetMachine>
createWithShortPointers(llvm::function_ref<llvm::TargetMachine *()> create) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  auto found = llvm::cl::getRegisteredOptions().find("nvptx-short-ptr");
  if (found == llvm::cl::getRegisteredOptions().end())
    return std::unique_ptr<llvm::TargetMachine>(create());
  auto &isShort = *static_cast<llvm::cl::opt<bool> *>(found->second);
  bool before = isShort;
  isShort.setValue(true);
  std::unique_ptr<llvm::TargetMachine> machine(create());
  isShort.setValue(before);
  return machine;
}

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
sevenfold::createNvptxMachine(const NvptxChip &chip) {
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("this LLVM has no code generator for GPUs: {0}", message);
  llvm::TargetOptions options;
  return createWithShortPointers([&] {
    return target->createTargetMachine(
        triple, chip.name, "+ptx" + std::to_string(chip.ptxVersion), options,
        std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Aggressive);
  });
}

/// Replaces calls of `name`, a function of f32 or f64.
static void useIntrinsic(llvm::Module &module, const std::string &name,
                         llvm::Intrinsic::ID intrinsic) {
  llvm::Function *function = module.getFunction(name);
  if (!function || !function->isDeclaration())
    return;
  for (llvm::User *user : llvm::make_early_inc_range(function->users())) {
    auto *call = llvm::dyn_cast<llvm::CallInst>(user);
    if (!call)
      continue;
    llvm::IRBuilder<> builder(call);
    call->replaceAllUsesWith(builder.CreateIntrinsic(
        intrinsic, {call->getType()},
        llvm::to_vector_of<llvm::Value *>(call->args())));
    call->eraseFromParent();
  }
}

void sevenfold::useIntrinsics(llvm::Module &module) {
  static const std::pair<const char *, llvm::Intrinsic::ID> known[] = {
      {"__nv_ceil", llvm::Intrinsic::ceil},
      {"__nv_copysign", llvm::Intrinsic::copysign},
      {"__nv_fabs", llvm::Intrinsic::fabs},
      {"__nv_floor", llvm::Intrinsic::floor},
      {"__nv_fma", llvm::Intrinsic::fma},
      {"__nv_sqrt", llvm::Intrinsic::sqrt},
      {"__nv_trunc", llvm::Intrinsic::trunc}};
  for (auto [name, intrinsic] : known)
    for (const char *suffix : {"", "f"})
      useIntrinsic(module, std::string(name) + suffix, intrinsic);
}

llvm::Error sevenfold::checkCalls(const llvm::Module &module) {
  for (const llvm::Function &function : module)
    if (function.isDeclaration() && !function.isIntrinsic() &&
        !function.use_empty())
      return makeError("there is no GPU code for the function '{0}'",
                       function.getName());
  return llvm::Error::success();
}

/// Gives `name`, if anything refers to it, a value.
static void define(llvm::Module &module, llvm::StringRef name,
                   llvm::Constant *value) {
  llvm::GlobalVariable *declaration = module.getGlobalVariable(name, true);
  if (!declaration)
    return;
  auto *definition =
      new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                               llvm::GlobalValue::InternalLinkage, value);
  definition->setAlignment(llvm::Align(64));
  declaration->replaceAllUsesWith(definition);
  definition->takeName(declaration);
  declaration->eraseFromParent();
}

void sevenfold::defineImage(llvm::Module &module, llvm::StringRef image) {
  llvm::LLVMContext &context = module.getContext();
  define(module, kGpuImageName,
         llvm::ConstantDataArray::getString(context, image, /*AddNull=*/true));
  define(module, kGpuImageBytesName,
         llvm::ConstantInt::get(llvm::Type::getInt64Ty(context), image.size()));
}
