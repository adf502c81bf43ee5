//===- Dimensions.h - Formats as people write them --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sizes m, k and n of a product, and of other tensors.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_DIMENSIONS_H
#define SEVENFOLD_SUPPORT_DIMENSIONS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace sevenfold {

/// The sizes in a text such as "4,4,4" or "4x4x4"; one size has no separator.
/// Fails on anything else and on sizes that are not from 1 to `most`.
llvm::Expected<std::vector<unsigned>> parseDimensions(llvm::StringRef text,
                                                      unsigned most);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_DIMENSIONS_H
