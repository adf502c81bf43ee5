//===- StableHloReader.h - Words of StableHLO's text ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds and reads the products of a module.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOREADER_H
#define SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOREADER_H

#include "StableHloWriter.h"

#include "sevenfold/Target/StableHlo.h"

#include <optional>

namespace sevenfold {

/// The type of a tensor, read from text.
struct HloType {
  llvm::SmallVector<int64_t> dims;
  std::string element; ///< "f32"; also what this project has no name for
  bool isStatic = true;

  /// "tensor<2x3xf32>".
  std::string str() const;
};

/// A dot_general.
struct HloDot {
  size_t begin = 0, end = 0; ///< in the text, behind "%x = "
  std::string location;      ///< "file:line:column"
  std::string a, b;          ///< "%3"
  HloType typeA, typeB, result;
  DotDimensions dimensions;
  HloPrecision precision = HloPrecision::Default;
  /// Empty, or why it is left alone.
  std::string reason;
};

/// Reads words from a place on; skips white space and comments before each.
class HloCursor {
public:
  HloCursor(llvm::StringRef text, size_t place) : text(text), place(place) {}

  size_t at() const { return place; }
  /// Takes a word if it comes next.
  bool take(llvm::StringRef word);
  /// A value's name, "%arg0"; empty where none comes next.
  llvm::StringRef value();
  /// "[1, 2]"; nothing where something else comes next.
  std::optional<llvm::SmallVector<int64_t>> numbers();
  /// "tensor<2x3xf32>"; nothing where something else comes next.
  std::optional<HloType> type();
  /// Everything up to the bracket that closes the one that comes next, both
  /// included; empty where none comes next or it is not closed.
  llvm::StringRef bracketed();
  void skipSpace();
  /// Passes a character, or a whole string; false at the end.
  bool skipOne();

private:
  llvm::StringRef text;
  size_t place;
};

/// The products of a module, in order of appearance. Comments and strings are
/// none.
std::vector<HloDot> findDots(llvm::StringRef text, llvm::StringRef path);

/// The place where code comes next that is neither comment nor string, from
/// `place` on; text.size() at the end.
size_t skipComments(llvm::StringRef text, size_t place);

/// The next such place behind one: the next character, or what follows a quoted
/// name.
size_t nextCode(llvm::StringRef text, size_t place);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TARGET_PJRT_STABLEHLOREADER_H
