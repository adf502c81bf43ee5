//===- ForeignScheme.h - Schemes in the formats of others -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes what other programs call a scheme (docs/Schemes.md). Files
// rarely say how they lay matrices out: every layout is tried, and the one that
// verifies is the answer. Every file is taken to be hostile.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SCHEME_FOREIGNSCHEME_H
#define SEVENFOLD_SCHEME_FOREIGNSCHEME_H

#include "sevenfold/Scheme/Scheme.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

/// How others write schemes.
enum class ForeignFormat {
  Npz,          ///< NumPy arrays, one or many schemes, as of AlphaTensor
  Coefficients, ///< rows of numbers, as of Benson and Ballard
  Text,         ///< m1 = (a11 + a22) * (b11 + b22), c11 = m1 + ..
  Trilinear,    ///< (a11 + a22) * (b11 + b22) * (c11 + c22), ..
  Json          ///< lists U, V, W, as of programs for flip graphs
};

/// "npz", "coefficients", "text", "trilinear", "json".
llvm::StringRef stringifyForeignFormat(ForeignFormat format);
std::optional<ForeignFormat> parseForeignFormat(llvm::StringRef name);
llvm::ArrayRef<ForeignFormat> foreignFormats();

/// A scheme of somebody else's file.
struct ForeignScheme {
  /// As this project lays it out, over the smallest ring of Z, Q and Z2 in
  /// which it is exact. Provenance says the file, the format and the layout.
  Scheme scheme;
  /// Where in the file, such as "member '2,2,2.npy'"; empty where it is all.
  std::string place;
  std::string layout; ///< what it was in, such as "C transposed"
  /// Why it is not exact in any layout, and how near the nearest is: "no layout
  /// is exact: with C transposed 3 of 64 entries are wrong". Empty: exact.
  std::string reason;
};

struct ForeignReadOptions {
  /// Guessed from the content where absent. Text and Trilinear are one.
  std::optional<ForeignFormat> format;
  /// Of a file of many schemes, those of these m, k, n only.
  std::optional<std::array<unsigned, 3>> select;
};

/// The schemes in a file, at least one. Fails, naming the file and the place
/// in it, on what is none of the formats, shapes that no m, k and n have,
/// coefficients that are not finite or beyond 64 bits, and sizes beyond those
/// of scheme files (SchemeFile.h).
llvm::Expected<std::vector<ForeignScheme>>
readForeignSchemes(llvm::StringRef path, const ForeignReadOptions &options);

/// The same for content already in memory; `where` names it in errors.
llvm::Expected<std::vector<ForeignScheme>>
parseForeignSchemes(llvm::StringRef content, llvm::StringRef where,
                    const ForeignReadOptions &options);

/// The content of a file of that format, in the layout that is usual there:
/// readForeignSchemes reads the same dims and coefficients from it. Fails where
/// the format has no place for a coefficient or a product of zeros.
llvm::Expected<std::string> writeForeignScheme(const Scheme &scheme,
                                               ForeignFormat format);

} // namespace sevenfold

#endif // SEVENFOLD_SCHEME_FOREIGNSCHEME_H
