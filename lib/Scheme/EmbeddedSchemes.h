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

#include "sevenfold/Support/EmbeddedFile.h"

namespace sevenfold {

/// Every catalogue file, in the order of lib/Scheme/CMakeLists.txt.
llvm::ArrayRef<EmbeddedFile> embeddedSchemes();

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_EMBEDDEDSCHEMES_H
