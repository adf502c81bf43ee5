//===- Jit.h - Running compiled functions in this process -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads an object, or a compiled shared library, and calls its functions.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_JIT_H
#define SEVENFOLD_TARGET_JIT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sevenfold {

struct FunctionSignature;

/// Calls a compiled function with its buffers, inputs first, and sizes that it
/// takes behind them (`callArguments`); returns its status (0, or a code for
/// `sevenfold_error_string`). Keeps the code loaded.
using LoadedFunction = std::function<int(llvm::ArrayRef<void *> buffers)>;

/// What a function takes: its buffers, and behind an input each of its sizes
/// that the signature leaves to calls, as wide as a pointer. `inputDims`: the
/// dimensions of the inputs.
std::vector<void *>
callArguments(const FunctionSignature &signature,
              llvm::ArrayRef<void *> buffers,
              llvm::ArrayRef<std::vector<int64_t>> inputDims);

/// Links `object` against the runtime of this process.
llvm::Expected<LoadedFunction> loadObject(const std::string &object,
                                          llvm::StringRef function);

/// Opens a shared library.
llvm::Expected<LoadedFunction> loadLibrary(llvm::StringRef path,
                                           llvm::StringRef function);

/// The most buffers and sizes a loaded function can be called with.
inline constexpr unsigned kMaxBuffers = 16;

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_JIT_H
