//===- ElementType.h - Types of elements ------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One table of what is known of f32, bf16, i8 and the others: names here, in C
// and in files, sizes and rounding.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_ELEMENTTYPE_H
#define SEVENFOLD_SUPPORT_ELEMENTTYPE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>

namespace sevenfold {

/// Types of elements. Names in text: "f32", "bf16", "i8", .. TF32 is f32 in
/// memory whose products may round their operands to 11 bits, as NVIDIA's
/// tensor cores do; buffers never have it. I1, I16 and I64 are multiplied by
/// nobody: buffers of a model have them and workloads do not.
enum class ElementType { F32, F64, F16, BF16, I8, I32, TF32, I1, I16, I64 };

llvm::StringRef stringifyElementType(ElementType type);
/// Of a matrix: fails with a one-line message on any other name, and on "tf32".
llvm::Expected<ElementType> parseElementType(llvm::StringRef text);
/// Of any buffer; nothing for any other name.
std::optional<ElementType> parseStoredType(llvm::StringRef text);
/// Size of one element in bytes.
int64_t byteWidth(ElementType type);
/// The C11 type of an element: uint16_t, for its bits, of f16 and bf16.
const char *cTypeName(ElementType type);
/// As .npy files spell it: "<f4"; null for bf16 and tf32, which they do not
/// have.
const char *npyDescriptor(ElementType type);
/// What products are summed up in: f32 for tf32, f16 and bf16, i32 for i8.
ElementType accumulatorOf(ElementType type);
/// What elements of the type are in memory: f32 for tf32.
ElementType storedType(ElementType type);
/// Unit roundoff u (2^-24 for f32, 2^-53 for f64, 2^-11 for f16, 2^-8 for
/// bf16, 2^-10 for tf32, whose operands may be cut off); 0 for integers.
double unitRoundoff(ElementType type);
/// The largest finite number, and the smallest positive one; 0 for integers.
double largestNumber(ElementType type);
double smallestNumber(ElementType type);
/// Integers are exact modulo 2^w.
bool isInteger(ElementType type);
/// Whether sums of blocks are kept in fewer bits than they are formed in (f16,
/// bf16), scaled so that they do not overflow.
bool hasScaledSums(ElementType type);
/// Whether vendor libraries multiply operands of the type; others are left to
/// generated code.
bool hasLibraries(ElementType type);

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_ELEMENTTYPE_H
