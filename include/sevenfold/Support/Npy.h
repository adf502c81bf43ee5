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

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sevenfold {

/// Element types of files. There is none for bf16.
enum class NpyType {
  Float16,
  Float32,
  Float64,
  Bool,
  Int8,
  Int16,
  Int32,
  Int64
};

/// Bytes of one element.
unsigned byteSize(NpyType type);
/// "f16", "f32", "f64", "i1", "i8", "i16", "i32" or "i64".
llvm::StringRef stringifyNpyType(NpyType type);
/// "f32[2, 3]".
std::string arrayText(NpyType type, llvm::ArrayRef<int64_t> shape);
/// Inverse of `stringifyNpyType`; nothing for any other name.
std::optional<NpyType> parseNpyType(llvm::StringRef name);

/// A contiguous row-major array. The buffer is aligned for any element type.
struct NpyArray {
  NpyType type = NpyType::Float32;
  std::vector<int64_t> shape;
  std::vector<double> storage; ///< numBytes() bytes, rounded up

  int64_t numElements() const;
  uint64_t numBytes() const { return numElements() * byteSize(type); }
  void *data() { return storage.data(); }
  const void *data() const { return storage.data(); }
};

/// An array of zeros. Fails where a dimension is negative or the number of
/// bytes exceeds 2^46.
llvm::Expected<NpyArray> makeNpyArray(NpyType type,
                                      llvm::ArrayRef<int64_t> shape);

/// Reads a .npy file. Fails, naming the path and what was found, on any other
/// type, byte or storage order, a malformed header, or a file whose length is
/// not what its header says (checked before memory is taken).
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// Writes the array at `data` as a version 1.0 file, atomically.
[[nodiscard]] llvm::Error writeNpy(llvm::StringRef path, NpyType type,
                                   llvm::ArrayRef<int64_t> shape,
                                   const void *data);
[[nodiscard]] llvm::Error writeNpy(llvm::StringRef path, const NpyArray &array);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_NPY_H
