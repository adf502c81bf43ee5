//===- SizeExpression.h - Sizes that follow from others ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The size of a dimension of a function's result, in terms of its inputs': what
// a C header says and a manifest keeps.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_SIZEEXPRESSION_H
#define SEVENFOLD_SUPPORT_SIZEEXPRESSION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sevenfold {

/// Numbers and sizes `inI_dimJ` of inputs, put together by + - * / % and
/// parentheses, with the meaning they have in C.
class SizeExpression {
public:
  /// Fails with a one-line message that quotes `text`.
  static llvm::Expected<SizeExpression> parse(llvm::StringRef text);

  /// The value where the inputs have these sizes. Fails on one that there is
  /// not, on overflow, and on a division by zero.
  llvm::Expected<int64_t>
  evaluate(llvm::ArrayRef<std::vector<int64_t>> inputs) const;

  const std::string &str() const { return text; }

private:
  std::string text;
};

/// The name of the size of a dimension of an input: "in0_dim1".
std::string sizeName(unsigned input, unsigned dimension);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_SIZEEXPRESSION_H
