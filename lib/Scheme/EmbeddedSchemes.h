//===- EmbeddedSchemes.h - The catalogue's files as text --------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cmake/SevenfoldEmbedFiles.cmake generates from
// python-free-configs/schemes. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_SCHEME_EMBEDDEDSCHEMES_H
#define SEVENFOLD_LIB_SCHEME_EMBEDDEDSCHEMES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace sevenfold {

struct EmbeddedScheme {
  llvm::StringRef file; ///< base name
  llvm::StringRef text;

  /// The scheme's, which the file is called after.
  llvm::StringRef name() const { return file.drop_back(5); }
};

/// Every catalogue file, in the order of lib/Scheme/CMakeLists.txt.
llvm::ArrayRef<EmbeddedScheme> embeddedSchemes();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_EMBEDDEDSCHEMES_H
