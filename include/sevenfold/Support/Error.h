//===- Error.h - Errors from format strings ---------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How every library of Sevenfold makes an llvm::Error.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_ERROR_H
#define SEVENFOLD_SUPPORT_ERROR_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FormatVariadic.h"

#include <utility>

namespace sevenfold {

/// A string error whose text is `format` filled in by llvm::formatv:
/// makeError("expected '{0}' but got '{1}'", want, got).
template <typename... Ts>
[[nodiscard]] llvm::Error makeError(const char *format, Ts &&...values) {
  return llvm::createStringError(
      llvm::inconvertibleErrorCode(),
      llvm::formatv(format, std::forward<Ts>(values)...).str());
}

/// The same for text that is already put together, braces and all.
[[nodiscard]] inline llvm::Error makePlainError(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_ERROR_H
