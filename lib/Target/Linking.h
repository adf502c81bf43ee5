//===- Linking.h - Objects to shared libraries ------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What every shared library that the compiler writes is linked by. Private to
// the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_LINKING_H
#define SEVENFOLD_LIB_TARGET_LINKING_H

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace sevenfold {

/// What goes into a shared library.
struct LinkInputs {
  llvm::ArrayRef<llvm::StringRef> objects;   ///< their bytes
  llvm::ArrayRef<std::string> exports;       ///< everything else stays inside
  llvm::ArrayRef<std::string> archives;      ///< paths, which must be there
  llvm::ArrayRef<llvm::StringRef> arguments; ///< of the linker, behind those
  llvm::ArrayRef<std::string> wholeArchives; ///< paths, taken whole
};

/// Writes the library to `path`, whole or not at all, by the system's C
/// compiler. Fails in one line.
llvm::Error linkObjects(const LinkInputs &inputs, llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_LINKING_H
