//===- NvptxCompiler.cpp - From a model to code for GPUs ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One module is lowered; its kernels go to LLVM's NVPTX back end, the rest to
// the host's, with the kernels' image in it.
//
//===----------------------------------------------------------------------===//

#include "HostMachine.h"
#include "ModelCompilerImpl.h"
#include "NvptxMachine.h"

#include "sevenfold/Measure/DeviceProfile.h"
#include "sevenfold/Pipelines/Pipelines.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Support/Error.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include "llvm/IR/LLVMContext.h"

using namespace mlir;
using namespace sevenfold;

/// Fails where a plan asks for a library of the host.
static llvm::Error checkProvider(const ModelCompilerOptions &options,
                                 const NvptxDevice &device) {
  const Provider *provider = findProvider(options.provider);
  if (options.provider.empty() || (provider && provider->onGpu))
    return llvm::Error::success();
  return makeError("expected provider 'cublaslt' or 'codegen' on '{0}' but the "
                   "plan names '{1}'",
                   device.str(), options.provider);
}

llvm::Expected<std::string>
ModelCompiler::Impl::lowerToPtx(const ModelCompilerOptions &options,
                                const NvptxDevice &device) {
  if (llvm::Error error = checkProvider(options, device))
    return error;
  auto machine = createNvptxMachine(device);
  if (!machine)
    return machine.takeError();
  NvptxLoweringOptions lowering;
  lowering.target = {
      device.architecture,
      unsigned(profileOfArchitecture(device.architecture).cores)};
  if (!options.provider.empty())
    lowering.provider = options.provider;
  lowering.limits = options.limits;
  lowering.sums = options.sums;
  lowering.observer = sumsObserver();
  lowering.f32Products = options.f32Products;
  PassManager manager(&context);
  buildNvptxLowering(manager, lowering);
  if (llvm::Error error = run(manager, "lowering failed"))
    return error;
  readWorkspaces();
  // Products alone need no kernel, but a library has an image all the same.
  auto kernels = module->getOps<gpu::GPUModuleOp>();
  gpu::GPUModuleOp code =
      kernels.empty() ? gpu::GPUModuleOp() : *kernels.begin();
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> deviceCode;
  if (!code) {
    deviceCode = std::make_unique<llvm::Module>("sevenfold", llvmContext);
    deviceCode->setDataLayout((*machine)->createDataLayout());
    deviceCode->setTargetTriple((*machine)->getTargetTriple());
  } else {
    auto translated = translate(code, llvmContext, **machine);
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

llvm::Expected<std::string>
ModelCompiler::emitPtx(const ModelCompilerOptions &options,
                       const NvptxDevice &device) {
  return impl->lowerToPtx(options, device);
}

llvm::Expected<std::string>
ModelCompiler::emitCubin(const ModelCompilerOptions &options,
                         const NvptxDevice &device) {
  auto ptx = impl->lowerToPtx(options, device);
  if (!ptx)
    return ptx.takeError();
  return assemblePtx(*ptx, device);
}

/// Lowers, embeds the image, and has `emit` turn the host's side into bytes.
llvm::Expected<std::string>
ModelCompiler::Impl::emitGpuHost(const ModelCompilerOptions &options,
                                 const NvptxDevice &device, Emitter emit) {
  auto image = lowerToPtx(options, device);
  if (image && canAssemble(device))
    image = assemblePtx(*image, device);
  if (!image)
    return image.takeError();
  if (llvm::Error error = checkConstants())
    return error;
  auto machine = createHostMachine();
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext llvmContext;
  auto host = translate(*module, llvmContext, **machine);
  if (!host)
    return host.takeError();
  defineImage(**host, *image);
  optimizeHostModule(**host, **machine);
  return emit(**host, **machine);
}

llvm::Expected<std::string>
ModelCompiler::emitGpuObject(const ModelCompilerOptions &options,
                             const NvptxDevice &device) {
  return impl->emitGpuHost(options, device, emitMachineCode);
}

llvm::Expected<std::string>
ModelCompiler::emitGpuLLVM(const ModelCompilerOptions &options,
                           const NvptxDevice &device) {
  return impl->emitGpuHost(options, device,
                           [](llvm::Module &module, llvm::TargetMachine &)
                               -> llvm::Expected<std::string> {
                             std::string text;
                             llvm::raw_string_ostream(text) << module;
                             return text;
                           });
}
