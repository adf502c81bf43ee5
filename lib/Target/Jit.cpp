//===- Jit.cpp - Running compiled functions in this process ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ORC for objects, dlopen for libraries, and one way to call either.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Target/Jit.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/TargetSelect.h"

#include <dlfcn.h>
#include <functional>
#include <memory>
#include <numeric>

using namespace sevenfold;

namespace {
/// Calls int f(void *, .., void *) with as many pointers as there are buffers.
template <size_t... Is>
int callWith(void *function, [[maybe_unused]] llvm::ArrayRef<void *> buffers,
             std::index_sequence<Is...>) {
  using Function = int (*)(decltype((void)Is, static_cast<void *>(nullptr))...);
  return reinterpret_cast<Function>(function)(buffers[Is]...);
}

using Caller = int (*)(void *, llvm::ArrayRef<void *>);

template <size_t N> int callN(void *function, llvm::ArrayRef<void *> buffers) {
  return callWith(function, buffers, std::make_index_sequence<N>());
}

template <size_t... Ns>
int dispatch(void *function, llvm::ArrayRef<void *> buffers,
             std::index_sequence<Ns...>) {
  static constexpr Caller callers[] = {callN<Ns>...};
  return callers[buffers.size()](function, buffers);
}
} // namespace

std::vector<void *>
sevenfold::callArguments(const FunctionSignature &signature,
                         llvm::ArrayRef<void *> buffers,
                         llvm::ArrayRef<std::vector<int64_t>> inputDims) {
  std::vector<void *> arguments;
  for (auto [number, buffer] : llvm::enumerate(buffers)) {
    arguments.push_back(buffer);
    if (number >= signature.inputs.size())
      continue;
    const BufferShape &shape = signature.inputs[number];
    llvm::ArrayRef<int64_t> dims = inputDims[number];
    for (auto [declared, size] : llvm::zip_equal(shape.dims, dims))
      if (declared == kAnySize)
        arguments.push_back(reinterpret_cast<void *>(size));
    for (size_t i = 1; shape.isStrided && i < dims.size(); ++i)
      arguments.push_back(reinterpret_cast<void *>(
          std::accumulate(dims.begin() + i, dims.end(), int64_t(1),
                          std::multiplies<int64_t>())));
  }
  return arguments;
}

/// A function at `address`; `owner` keeps its code.
static LoadedFunction wrap(void *address, std::shared_ptr<void> owner) {
  return [address, owner](llvm::ArrayRef<void *> buffers) {
    assert(buffers.size() <= kMaxBuffers && "too many buffers");
    return dispatch(address, buffers,
                    std::make_index_sequence<kMaxBuffers + 1>());
  };
}

llvm::Expected<LoadedFunction> sevenfold::loadObject(const std::string &object,
                                                     llvm::StringRef function) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  llvm::orc::JITDylib &library = (*jit)->getMainJITDylib();
  llvm::orc::SymbolMap runtime;
  auto define = [&](const char *name, auto *address) {
    runtime[(*jit)->mangleAndIntern(name)] =
        llvm::orc::ExecutorSymbolDef(llvm::orc::ExecutorAddr::fromPtr(address),
                                     llvm::JITSymbolFlags::Exported);
  };
  define("sevenfold_call_begin", &sevenfold_call_begin);
  define("sevenfold_call_end", &sevenfold_call_end);
  define("sevenfold_parallel_for", &sevenfold_parallel_for);
  define("sevenfold_gemm_f32", &sevenfold_gemm_f32);
  define("sevenfold_gemm_f64", &sevenfold_gemm_f64);
  if (llvm::Error error =
          library.define(llvm::orc::absoluteSymbols(std::move(runtime))))
    return error;
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(object, "sevenfold")))
    return error;
  auto address = (*jit)->lookup(function);
  if (!address)
    return address.takeError();
  return wrap(address->toPtr<void *>(),
              std::shared_ptr<llvm::orc::LLJIT>(std::move(*jit)));
}

/// Fails where a file is shorter than its own tables say: the loader maps what
/// is not there and the process ends by a signal.
static llvm::Error checkWhole(llvm::StringRef path) {
  auto file = llvm::object::ObjectFile::createObjectFile(path);
  if (!file)
    return makeError("'{0}' cannot be loaded: {1}", path,
                     llvm::toString(file.takeError()));
  for (const llvm::object::SectionRef &section :
       file->getBinary()->sections()) {
    auto contents = section.getContents();
    if (!contents)
      return makeError("'{0}' cannot be loaded: {1}", path,
                       llvm::toString(contents.takeError()));
  }
  return llvm::Error::success();
}

llvm::Expected<LoadedFunction>
sevenfold::loadLibrary(llvm::StringRef path, llvm::StringRef function) {
  // dlopen looks a name without a slash up in the system's folders.
  std::string full = path.contains('/') ? path.str() : "./" + path.str();
  if (llvm::Error error = checkWhole(path))
    return error;
  void *handle = dlopen(full.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return makeError("'{0}' cannot be loaded: {1}", path, dlerror());
  std::shared_ptr<void> owner(handle, [](void *h) { dlclose(h); });
  void *address = dlsym(handle, function.str().c_str());
  if (!address)
    return makeError("'{0}' has no function '{1}'", path, function);
  return wrap(address, owner);
}
