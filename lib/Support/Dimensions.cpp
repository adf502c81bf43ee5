//===- Dimensions.cpp - Formats as people write them ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Commas as in the notation <m,k,n>, or crosses as in the names of schemes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Dimensions.h"

#include "sevenfold/Support/Error.h"

using namespace sevenfold;

llvm::Expected<std::vector<unsigned>>
sevenfold::parseDimensions(llvm::StringRef text, unsigned most) {
  char separator = text.contains(',') ? ',' : 'x';
  std::vector<unsigned> sizes;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, separator);
  for (llvm::StringRef part : parts) {
    unsigned size;
    if (part.getAsInteger(10, size) || size < 1 || size > most)
      return makeError("expected sizes from 1 to {0}, such as '4,4,4' or "
                       "'4x4x4', but got '{1}'",
                       most, text.take_front(64));
    sizes.push_back(size);
  }
  return sizes;
}
