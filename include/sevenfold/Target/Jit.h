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

#include <functional>
#include <string>

namespace sevenfold {

/// Calls a compiled function with its buffers, inputs first; returns its status
/// (0, or a code for `sevenfold_error_string`). Keeps the code loaded.
using LoadedFunction = std::function<int(llvm::ArrayRef<void *> buffers)>;

/// Links `object` against the runtime of this process.
llvm::Expected<LoadedFunction> loadObject(const std::string &object,
                                          llvm::StringRef function);

/// Opens a shared library.
llvm::Expected<LoadedFunction> loadLibrary(llvm::StringRef path,
                                           llvm::StringRef function);

/// The most buffers a loaded function can be called with.
inline constexpr unsigned kMaxBuffers = 16;

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_JIT_H
