//===- SchemeFile.h - Reading and writing scheme files ----------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file format "sevenfold-scheme/1" (docs/Schemes.md), read strictly: every
// file is taken to be hostile.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_SCHEMEFILE_H
#define SEVENFOLD_SCHEME_SCHEMEFILE_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/Support/Error.h"

namespace sevenfold {

/// The largest block dimension, operand size (m k, k n or m n) and rank that a
/// scheme file may have.
constexpr unsigned kMaxSchemeDimension = 64;
constexpr unsigned kMaxSchemeBlocks = 256;
constexpr unsigned kMaxSchemeRank = 4096;

/// The scheme in a file. Fails, naming the file and the place in it, on what is
/// no "sevenfold-scheme/1", unknown keys, shapes that contradict 'dims' and
/// 'rank', coefficients outside the ring or beyond 64 bits, and sizes beyond
/// the limits above. Whether it is exact is not asked here.
llvm::Expected<Scheme> readScheme(llvm::StringRef path);

/// The same for text already in memory; `where` names it in errors.
llvm::Expected<Scheme> parseScheme(llvm::StringRef text, llvm::StringRef where);

/// The same for a decomposition of a tensor that is no matrix multiplication: a
/// scheme file without 'dims', whose factors have `shape` columns.
llvm::Expected<Scheme> parseDecomposition(llvm::StringRef text,
                                          llvm::StringRef where,
                                          const std::array<unsigned, 3> &shape);

/// The text of a scheme file (without 'dims' where those are 0), one row of a
/// factor per line; parseScheme reads it back unchanged.
std::string schemeToJson(const Scheme &scheme);

/// Writes schemeToJson to a file, atomically.
[[nodiscard]] llvm::Error writeScheme(const Scheme &scheme,
                                      llvm::StringRef path);

/// SHA-256 (hexadecimal) of dims, ring and factors: the same for schemes that
/// differ only in name and provenance.
std::string contentHash(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_SCHEMEFILE_H
