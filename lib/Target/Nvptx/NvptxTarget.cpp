//===- NvptxTarget.cpp - Code for NVIDIA's GPUs ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// GPUs as targets. One module is lowered; its kernels go to LLVM's NVPTX back
// end, the rest to the host's, with the kernels' image in it.
//
//===----------------------------------------------------------------------===//

#include "Host/HostMachine.h"
#include "ModelCompilerImpl.h"
#include "NvptxChip.h"
#include "NvptxMachine.h"

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Target.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/LLVMContext.h"

#include <nlohmann/json.hpp>

using namespace mlir;
using namespace sevenfold;

static const LibraryForm kLibrary = {
    "libSevenfoldGpuRuntime.a",
    {"sevenfold_gpu_set_stream"},
    {},
    "Pointers to device memory; buffers are row-major and contiguous.",
    "/* Functions return 0, or a negative code this describes. They never "
    "write an\n   input, do not wait for the device, and may be called from "
    "several threads at\n   once. */\n"
    "const char *sevenfold_error_string(int status);\n\n"
    "/* The stream (a CUstream or cudaStream_t) on which this thread's calls "
    "run. A\n   call can be captured in a CUDA graph after a first one "
    "outside. */\n"
    "void sevenfold_gpu_set_stream(void *stream);\n\n"};

namespace {
class NvptxTarget : public Target {
public:
  explicit NvptxTarget(NvptxChip chip) : chip(std::move(chip)) {}

  std::string name() const override { return chip.str(); }
  llvm::StringRef lowering() const override { return kNvptxName; }
  bool multiplies(ElementType type) const override { return true; }
  bool has(const Provider &provider) const override {
    return provider.isAt(OnGpu);
  }
  llvm::ArrayRef<llvm::StringLiteral> stages() const override;
  llvm::Expected<std::string>
  emit(ModelCompiler &compiler, llvm::StringRef stage,
       const ModelCompilerOptions &options) const override;
  const LibraryForm *library() const override { return &kLibrary; }
  void describeTo(nlohmann::json &bundleTarget) const override;

private:
  /// Lowers to kernels, which become PTX, and the host's side, which stays.
  llvm::Expected<std::string>
  lowerToPtx(ModelCompiler::Impl &model,
             const ModelCompilerOptions &options) const;
  llvm::Error checkProvider(llvm::StringRef name) const;

  NvptxChip chip;
};
} // namespace

static constexpr llvm::StringLiteral kPtx = "ptx", kCubin = "cubin";

llvm::ArrayRef<llvm::StringLiteral> NvptxTarget::stages() const {
  static constexpr llvm::StringLiteral stages[] = {"llvm", kObjectStage, kPtx,
                                                   kCubin};
  return stages;
}

/// Fails where a plan asks for a library of the host.
llvm::Error NvptxTarget::checkProvider(llvm::StringRef name) const {
  const Provider *provider = findProvider(name);
  if (name.empty() || (provider && has(*provider)))
    return llvm::Error::success();
  return makeError(
      "expected provider {0} on '{1}' but the plan names '{2}'",
      listProviders([&](const Provider &known) { return has(known); }),
      chip.str(), name);
}

llvm::Expected<std::string>
NvptxTarget::lowerToPtx(ModelCompiler::Impl &model,
                        const ModelCompilerOptions &options) const {
  if (llvm::Error error = checkProvider(options.provider))
    return error;
  auto machine = createNvptxMachine(chip);
  if (!machine)
    return machine.takeError();
  NvptxLoweringOptions lowering;
  lowering.target = {chip.architecture,
                     unsigned(profileOfArchitecture(chip.architecture).cores)};
  if (!options.provider.empty())
    lowering.provider = options.provider;
  lowering.limits = options.limits;
  lowering.sums = options.sums;
  lowering.observer = model.sumsObserver();
  lowering.f32Products = options.f32Products;
  PassManager manager(&model.context);
  buildNvptxLowering(manager, lowering);
  if (llvm::Error error = model.run(manager, "lowering failed"))
    return error;
  model.readWorkspaces();
  // Products alone need no kernel, but a library has an image all the same.
  auto kernels = model.module->getOps<gpu::GPUModuleOp>();
  gpu::GPUModuleOp code =
      kernels.empty() ? gpu::GPUModuleOp() : *kernels.begin();
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> deviceCode;
  if (!code) {
    deviceCode = std::make_unique<llvm::Module>("sevenfold", llvmContext);
    deviceCode->setDataLayout((*machine)->createDataLayout());
    deviceCode->setTargetTriple((*machine)->getTargetTriple());
  } else {
    auto translated = model.translate(code, llvmContext, **machine);
    if (!translated)
      return translated.takeError();
    deviceCode = std::move(*translated);
    code.erase();
  }
  useIntrinsics(*deviceCode);
  if (llvm::Error error = checkCalls(*deviceCode))
    return error;
  optimizeModule(*deviceCode, **machine);
  return emitAssembly(*deviceCode, **machine);
}

/// What libraries carry, by what this machine can assemble.
static ImageKind imageKind(const NvptxChip &chip) {
  return canAssemble(chip) ? ImageKind::Cubin : ImageKind::Ptx;
}

llvm::Expected<std::string>
NvptxTarget::emit(ModelCompiler &compiler, llvm::StringRef stage,
                  const ModelCompilerOptions &options) const {
  ModelCompiler::Impl &model = compiler.internals();
  for (const FunctionSignature &function : model.functions)
    if (!function.isStatic() || function.isStrided())
      return makeError("'{0}' has dynamic {1}: code for GPUs is for static "
                       "ones",
                       function.name,
                       function.isStatic() ? "strides" : "sizes");
  auto image = lowerToPtx(model, options);
  bool isAssembled =
      stage == kCubin || (stage != kPtx && imageKind(chip) == ImageKind::Cubin);
  if (image && isAssembled)
    image = assemblePtx(*image, chip);
  if (!image || stage == kPtx || stage == kCubin)
    return image;
  if (llvm::Error error = model.checkConstants())
    return error;
  auto machine = createHostMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext llvmContext;
  auto host = model.translate(*model.module, llvmContext, **machine);
  if (!host)
    return host.takeError();
  defineImage(**host, *image);
  optimizeHostModule(**host, **machine);
  return stage == kObjectStage ? emitMachineCode(**host, **machine)
                               : printModule(**host);
}

/// The host's side of GPU code uses no instructions that a processor of the
/// architecture may lack.
void NvptxTarget::describeTo(nlohmann::json &bundleTarget) const {
  bundleTarget["features"] = nlohmann::json::array();
  bundleTarget["lowering"] = kNvptxName;
  bundleTarget["chip"] = chip.name;
  bundleTarget["image"] = imageKind(chip) == ImageKind::Ptx ? "ptx" : "cubin";
}

//===----------------------------------------------------------------------===//
// The kind
//===----------------------------------------------------------------------===//

static llvm::Expected<TargetHandle> parse(llvm::StringRef name) {
  auto chip = NvptxChip::parse(name);
  if (!chip)
    return chip.takeError();
  return std::make_shared<NvptxTarget>(std::move(*chip));
}

/// The first GPU, by "nvptx:CHIP" or by "nvptx" for the chip that it is.
static llvm::Expected<TargetDevice> atHand(llvm::StringRef name, int threads,
                                           Probing probing) {
  if (llvm::Error error = checkDeviceName(name))
    return error;
  auto device = describeGpuDevice();
  if (!device)
    return device.takeError();
  const Gpu &gpu = *device->gpu();
  auto chip = NvptxChip::parse(
      name == kNvptxName ? (name + ":" + gpu.chip()).str() : name.str());
  if (!chip)
    return chip.takeError();
  if (!runsOn(gpu, chip->name, imageKind(*chip)))
    return makeError("code for '{0}' does not run on '{1}': expected "
                     "--device nvptx:{2}",
                     chip->str(), gpu.name, gpu.chip());
  return TargetDevice{std::move(*device),
                      std::make_shared<NvptxTarget>(std::move(*chip))};
}

static llvm::Expected<TargetDevice> elsewhere(llvm::StringRef name,
                                              int threads) {
  auto chip = NvptxChip::parse(name);
  if (!chip)
    return chip.takeError();
  Device device = absentGpuDevice(chip->architecture);
  return TargetDevice{std::move(device),
                      std::make_shared<NvptxTarget>(std::move(*chip))};
}

static llvm::Expected<std::string> hardware(llvm::StringRef) {
  std::string problem;
  std::vector<Gpu> gpus = listGpus(problem);
  if (gpus.empty())
    return makePlainError(problem);
  return gpus[kMeasuredGpu].fingerprint();
}

static llvm::Expected<std::vector<Device>> devices(int threads) {
  std::string problem;
  std::vector<Device> devices;
  for (const Gpu &gpu : listGpus(problem))
    devices.push_back(gpuDevice(gpu));
  if (devices.empty())
    return makePlainError(problem);
  return devices;
}

namespace sevenfold {
extern const TargetKind kNvptxTarget;
const TargetKind kNvptxTarget = {"nvptx", "nvptx:CHIP",     parse,
                                 atHand,  elsewhere,        hardware,
                                 devices, /*isListed=*/true};
} // namespace sevenfold
