//===- EmbeddedFile.h - A file of the product as text -----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What sevenfold_embed_files (cmake/SevenfoldHelpers.cmake) makes of a file: so
// the library reads none to know it.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_EMBEDDEDFILE_H
#define SEVENFOLD_SUPPORT_EMBEDDEDFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sevenfold {

struct EmbeddedFile {
  llvm::StringRef file; ///< base name, "v100.json"
  llvm::StringRef text;

  /// What the file is called after: its name without ".json".
  llvm::StringRef name() const { return file.drop_back(5); }
};

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_EMBEDDEDFILE_H
