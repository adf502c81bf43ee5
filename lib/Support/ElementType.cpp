//===- ElementType.cpp - Types of elements --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/ElementType.h"

#include "sevenfold/Support/Error.h"

#include "llvm/Support/ErrorHandling.h"

#include <limits>

using namespace sevenfold;

namespace {
/// What is known of a type of elements.
struct ElementTraits {
  ElementType type, accumulator;
  const char *name, *cName, *npy;
  int64_t bytes;
  double unitRoundoff, largest, smallest; ///< 0 for integers
};
} // namespace

static constexpr float kFloatMax = std::numeric_limits<float>::max(),
                       kFloatMin = std::numeric_limits<float>::denorm_min();
static constexpr double kDoubleMax = std::numeric_limits<double>::max(),
                        kDoubleMin = std::numeric_limits<double>::denorm_min();

using T = ElementType;
static constexpr ElementTraits kElements[] = {
    {T::F32, T::F32, "f32", "float", "<f4", 4, 0x1p-24, kFloatMax, kFloatMin},
    {T::F64, T::F64, "f64", "double", "<f8", 8, 0x1p-53, kDoubleMax,
     kDoubleMin},
    {T::F16, T::F32, "f16", "uint16_t", "<f2", 2, 0x1p-11, 65504, 0x1p-24},
    {T::BF16, T::F32, "bf16", "uint16_t", nullptr, 2, 0x1p-8, 0x1.fep127,
     0x1p-133},
    {T::I8, T::I32, "i8", "int8_t", "|i1", 1, 0, 0, 0},
    {T::I32, T::I32, "i32", "int32_t", "<i4", 4, 0, 0, 0},
    {T::TF32, T::F32, "tf32", "float", nullptr, 4, 0x1p-10, kFloatMax,
     kFloatMin},
    {T::I1, T::I1, "i1", "uint8_t", "|b1", 1, 0, 0, 0},
    {T::I16, T::I16, "i16", "int16_t", "<i2", 2, 0, 0, 0},
    {T::I64, T::I64, "i64", "int64_t", "<i8", 8, 0, 0, 0}};

static const ElementTraits &traitsOf(ElementType type) {
  for (const ElementTraits &traits : kElements)
    if (traits.type == type)
      return traits;
  llvm_unreachable("all element types are listed");
}

llvm::StringRef sevenfold::stringifyElementType(ElementType type) {
  return traitsOf(type).name;
}

ElementType sevenfold::storedType(ElementType type) {
  return type == ElementType::TF32 ? ElementType::F32 : type;
}

static constexpr ElementType kMultipliedTypes[] = {
    ElementType::F32,  ElementType::F64, ElementType::F16,
    ElementType::BF16, ElementType::I8,  ElementType::I32};

std::optional<ElementType> sevenfold::parseStoredType(llvm::StringRef text) {
  for (const ElementTraits &traits : kElements)
    if (text == traits.name && traits.type == storedType(traits.type))
      return traits.type;
  return std::nullopt;
}

llvm::Expected<ElementType> sevenfold::parseElementType(llvm::StringRef text) {
  for (ElementType type : kMultipliedTypes)
    if (text == stringifyElementType(type))
      return type;
  return makeError("expected element type 'f32', 'f64', 'f16', 'bf16', 'i8' or "
                   "'i32' but got '{0}'",
                   text);
}

int64_t sevenfold::byteWidth(ElementType type) { return traitsOf(type).bytes; }

const char *sevenfold::cTypeName(ElementType type) {
  return traitsOf(type).cName;
}

const char *sevenfold::npyDescriptor(ElementType type) {
  return traitsOf(type).npy;
}

ElementType sevenfold::accumulatorOf(ElementType type) {
  return traitsOf(type).accumulator;
}

double sevenfold::unitRoundoff(ElementType type) {
  return traitsOf(type).unitRoundoff;
}

double sevenfold::largestNumber(ElementType type) {
  return traitsOf(type).largest;
}

double sevenfold::smallestNumber(ElementType type) {
  return traitsOf(type).smallest;
}

bool sevenfold::isInteger(ElementType type) {
  return type == ElementType::I8 || type == ElementType::I32;
}

bool sevenfold::hasScaledSums(ElementType type) {
  return type == ElementType::F16 || type == ElementType::BF16;
}

bool sevenfold::hasLibraries(ElementType type) {
  return type == ElementType::F32 || type == ElementType::F64;
}
