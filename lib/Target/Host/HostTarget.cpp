//===- HostTarget.cpp - Code for this machine's processors ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The host as a target: loops and calls of vendor libraries, by LLVM's code
// generator for the processor at hand or for one that is named.
//
//===----------------------------------------------------------------------===//

#include "HostMachine.h"
#include "ModelCompilerImpl.h"

#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Target.h"

#include "llvm/IR/LLVMContext.h"

#include <unistd.h>

using namespace mlir;
using namespace sevenfold;

static const LibraryForm kLibrary = {
    "libSevenfoldRuntime.a",
    {"sevenfold_set_workspace_cap", "sevenfold_release_workspace"},
    {"-l:libgomp.so.1"},
    "Buffers are row-major and contiguous.",
    "/* Functions return 0, or a negative code this describes. They never "
    "write an\n   input and may be called from several threads at once. In a "
    "process forked\n   from one with threads they use the calling thread "
    "alone. */\n"
    "const char *sevenfold_error_string(int status);\n\n"
    "/* Workspaces, kept ones included, are not to take more bytes together; "
    "0: no\n   cap. A call that would need more returns an error. */\n"
    "void sevenfold_set_workspace_cap(int64_t bytes);\n"
    "/* Gives back the workspaces that are kept for later calls. */\n"
    "void sevenfold_release_workspace(void);\n\n"};

namespace {
class HostTarget : public Target {
public:
  std::string name() const override { return "host"; }
  llvm::StringRef lowering() const override { return "host"; }
  bool multiplies(ElementType type) const override {
    return type != ElementType::TF32;
  }
  bool has(const Provider &provider) const override {
    return provider.isAt(OnHost);
  }
  llvm::ArrayRef<llvm::StringLiteral> stages() const override;
  llvm::Expected<std::string>
  emit(ModelCompiler &compiler, llvm::StringRef stage,
       const ModelCompilerOptions &options) const override;
  const LibraryForm *library() const override { return &kLibrary; }
  void describeTo(nlohmann::json &bundleTarget) const override {}
};
} // namespace

llvm::ArrayRef<llvm::StringLiteral> HostTarget::stages() const {
  static constexpr llvm::StringLiteral stages[] = {"llvm", kObjectStage};
  return stages;
}

/// Where the system does not tell the size of the cache, the usual one.
static HostCores coresAtHand() {
  HostCores cores;
  if (long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE); bytes > 0)
    cores.cacheBytes = bytes;
  cores.threads = sevenfold_get_threads();
  return cores;
}

static llvm::Expected<std::unique_ptr<llvm::Module>>
lower(ModelCompiler::Impl &model, llvm::LLVMContext &llvmContext,
      llvm::TargetMachine &machine, const ModelCompilerOptions &options) {
  auto processor =
      describeHost(machine, options.guard ? options.guard->instructionSets
                                          : options.instructionSets);
  if (!processor)
    return processor.takeError();
  HostLoweringOptions lowering;
  lowering.provider = options.provider;
  // A machine without any library still multiplies.
  if (lowering.provider.empty() &&
      !sevenfold_provider_available(SEVENFOLD_PROVIDER_ANY))
    lowering.provider = kCodegen.str();
  lowering.limits = options.limits;
  lowering.vectorBytes = processor->vectorBytes();
  lowering.cores = options.cores.value_or(coresAtHand());
  lowering.guard = options.guard;
  lowering.sums = options.sums;
  lowering.observer = model.sumsObserver();
  lowering.loops = options.loops;
  lowering.kernels = options.kernels;
  lowering.f32Products = options.f32Products;
  lowering.nonFinite = options.nonFinite;
  PassManager manager(&model.context);
  buildHostLowering(manager, lowering);
  auto translated = model.lowerToLLVM(manager, llvmContext, machine);
  if (!translated)
    return translated.takeError();
  PortableFunctions portable;
  if (options.guard)
    for (const FunctionSignature &function : model.functions) {
      portable.roots.insert(function.name + kClassicalSuffix.str());
      portable.alone.insert(function.name);
      portable.alone.insert(plannedQueryName(function));
    }
  specializeForHost(**translated, portable, *processor);
  optimizeHostModule(**translated, machine);
  if (options.checkAddresses)
    checkAddresses(**translated);
  return translated;
}

llvm::Expected<std::string>
HostTarget::emit(ModelCompiler &compiler, llvm::StringRef stage,
                 const ModelCompilerOptions &options) const {
  auto machine = createHostMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext llvmContext;
  auto lowered = lower(compiler.internals(), llvmContext, **machine, options);
  if (!lowered)
    return lowered.takeError();
  return stage == kObjectStage ? emitMachineCode(**lowered, **machine)
                               : printModule(**lowered);
}

static llvm::Expected<TargetHandle> parse(llvm::StringRef name) {
  static const TargetHandle host = std::make_shared<HostTarget>();
  if (name == host->name())
    return host;
  return makeError("expected device {0} but got '{1}'", targetSpellings(),
                   name);
}

static llvm::Expected<TargetDevice> atHand(llvm::StringRef name, int threads,
                                           Probing probing) {
  auto target = parse(name);
  if (!target)
    return target.takeError();
  if (probing == Probing::None)
    return TargetDevice{describeDevice(threads), *target};
  auto device = probeDevice(threads);
  if (!device)
    return device.takeError();
  return TargetDevice{std::move(*device), *target};
}

/// Code for this machine runs on those that are like it, as fast.
static llvm::Expected<TargetDevice> elsewhere(llvm::StringRef name,
                                              int threads) {
  return atHand(name, threads, Probing::Full);
}

static llvm::Expected<std::string> hardware(llvm::StringRef) {
  return describeProcessor().fingerprint();
}

static llvm::Expected<std::vector<Device>> devices(int threads) {
  auto device = probeDevice(threads);
  if (!device)
    return device.takeError();
  return std::vector<Device>{std::move(*device)};
}

namespace sevenfold {
extern const TargetKind kHostTarget;
const TargetKind kHostTarget = {"host",  "host",           parse,
                                atHand,  elsewhere,        hardware,
                                devices, /*isListed=*/true};
} // namespace sevenfold
