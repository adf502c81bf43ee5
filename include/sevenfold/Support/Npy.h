//===- Npy.h - NumPy array files --------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading and writing .npy files: floats, integers and booleans, little endian,
// row-major, format versions 1.0 and 2.0.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_NPY_H
#define SEVENFOLD_SUPPORT_NPY_H

#include "sevenfold/Support/ElementType.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace sevenfold {

/// Fails for bf16 and tf32, which files have no type for.
llvm::Error checkNpyType(ElementType type);
/// "f32[2, 3]"; a negative size is any: "f32[?, 3]".
std::string arrayText(ElementType type, llvm::ArrayRef<int64_t> shape);

/// A contiguous row-major array. The buffer is aligned for any element type.
struct NpyArray {
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
  std::vector<double> storage; ///< numBytes() bytes, rounded up

  int64_t numElements() const;
  uint64_t numBytes() const { return numElements() * byteWidth(type); }
  void *data() { return storage.data(); }
  const void *data() const { return storage.data(); }
};

/// An array of zeros. Fails where files have no such type, a dimension is
/// negative or the number of bytes exceeds 2^46.
llvm::Expected<NpyArray> makeNpyArray(ElementType type,
                                      llvm::ArrayRef<int64_t> shape);

/// Reads a .npy file. Fails, naming the path and what was found, on any other
/// type, byte or storage order, a malformed header, or a file whose length is
/// not what its header says (checked before memory is taken).
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// Writes the array at `data` as a version 1.0 file, atomically.
[[nodiscard]] llvm::Error writeNpy(llvm::StringRef path, ElementType type,
                                   llvm::ArrayRef<int64_t> shape,
                                   const void *data);
[[nodiscard]] llvm::Error writeNpy(llvm::StringRef path, const NpyArray &array);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_NPY_H
