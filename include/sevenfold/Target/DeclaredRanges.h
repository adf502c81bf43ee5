//===- DeclaredRanges.h - Which sizes a model is for ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ranges of dynamic sizes, as a command line declares them.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TARGET_DECLAREDRANGES_H
#define SEVENFOLD_TARGET_DECLAREDRANGES_H

#include "sevenfold/Target/ModelCompiler.h"

namespace sevenfold {

/// "[FUNCTION:]ARGUMENT.DIMENSION=LEAST:GREATEST", counted from 0; arguments
/// before any became a constant.
struct DeclaredRange {
  std::string function; ///< empty: the only public one
  unsigned argument = 0, dimension = 0;
  SizeRange range{1, 1};

  /// Fails with a one-line message that quotes `text`. Sizes are from 1 to
  /// kMaxDimension.
  static llvm::Expected<DeclaredRange> parse(llvm::StringRef text);
};

/// Declares all of them. Fails where there is no such function, argument or
/// dynamic dimension.
llvm::Error declareRanges(ModelCompiler &compiler,
                          llvm::ArrayRef<std::string> texts);

} // namespace sevenfold

#endif // SEVENFOLD_TARGET_DECLAREDRANGES_H
