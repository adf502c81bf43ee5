//===- NumberArray.h - Arrays of numbers in memory --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What NumPy holds and pickles, as exact numbers. Private.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_SCHEME_FOREIGN_NUMBERARRAY_H
#define SEVENFOLD_LIB_SCHEME_FOREIGN_NUMBERARRAY_H

#include "sevenfold/Scheme/Rational.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <vector>

namespace sevenfold {

/// The element type of an array, little endian.
struct NumberType {
  char kind;      ///< i, u, f, b as NumPy calls them, or O for objects
  unsigned width; ///< bytes
};

/// "<i4", "|b1", "f8", "O8"; nothing for other types and big endian.
std::optional<NumberType> parseNumberType(llvm::StringRef text);

/// Row-major.
struct NumberArray {
  std::vector<uint64_t> shape;
  std::vector<Rational> values;
};

/// In which order the elements of an array stand.
enum class ElementOrder { C, Fortran };

/// Reads the elements of an array. Fails, naming `where`, where the bytes are
/// not as many as the shape and type say, there are more than kMaxFactorNumbers
/// a matrix, and on numbers that are not finite or do not fit.
llvm::Expected<NumberArray> readElements(llvm::StringRef bytes, NumberType type,
                                         llvm::ArrayRef<uint64_t> shape,
                                         ElementOrder order,
                                         llvm::StringRef where);

/// The arrays of the content of a .npy file, versions 1 to 3: one of numbers,
/// or those that an array of objects holds.
llvm::Expected<std::vector<NumberArray>> readNpyContent(llvm::StringRef content,
                                                        llvm::StringRef where);

/// The arrays of numbers in a pickled array of objects. Nothing is called: only
/// what NumPy writes for such arrays is understood, and the rest refused.
llvm::Expected<std::vector<NumberArray>>
readPickledArrays(llvm::StringRef pickle, llvm::StringRef where);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_FOREIGN_NUMBERARRAY_H
