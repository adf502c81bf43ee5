//===- Workload.cpp - What is to be multiplied ----------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The text form of a workload, written and read.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Workload.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/ErrorHandling.h"

#include <limits>
#include <optional>

using namespace sevenfold;

namespace {
/// What is known of a type of elements.
struct ElementTraits {
  ElementType type;
  const char *name;
  int64_t bytes;
  double unitRoundoff, largest, smallest; ///< 0 for integers
};
} // namespace

static constexpr ElementTraits kElements[] = {
    {ElementType::F32, "f32", 4, 0x1p-24, std::numeric_limits<float>::max(),
     std::numeric_limits<float>::denorm_min()},
    {ElementType::F64, "f64", 8, 0x1p-53, std::numeric_limits<double>::max(),
     std::numeric_limits<double>::denorm_min()},
    {ElementType::F16, "f16", 2, 0x1p-11, 65504, 0x1p-24},
    {ElementType::BF16, "bf16", 2, 0x1p-8, 0x1.fep127, 0x1p-133},
    {ElementType::I8, "i8", 1, 0, 0, 0},
    {ElementType::I32, "i32", 4, 0, 0, 0},
    {ElementType::TF32, "tf32", 4, 0x1p-10, std::numeric_limits<float>::max(),
     std::numeric_limits<float>::denorm_min()},
    {ElementType::I1, "i1", 1, 0, 0, 0},
    {ElementType::I16, "i16", 2, 0, 0, 0},
    {ElementType::I64, "i64", 8, 0, 0, 0}};

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

ElementType Workload::accumulatorType() const {
  switch (type) {
  case ElementType::F16:
  case ElementType::BF16:
  case ElementType::TF32:
    return ElementType::F32;
  case ElementType::I8:
    return ElementType::I32;
  default:
    return type;
  }
}

std::string Workload::typeText() const {
  std::string text = stringifyElementType(type).str();
  if (resultType() != storedType(type))
    text += "-" + stringifyElementType(resultType()).str();
  return text;
}

std::string Workload::str() const {
  std::string text = std::to_string(m) + "x" + std::to_string(k) + "x" +
                     std::to_string(n) + ":" + typeText();
  if (batch > 1)
    text += ":b" + std::to_string(batch);
  if (layoutA == Layout::Transposed)
    text += ":ta";
  if (layoutB == Layout::Transposed)
    text += ":tb";
  if (accumulation == Accumulation::Accumulate)
    text += ":acc";
  return text;
}

/// The number of a flag "bN"; nothing where it is none.
static std::optional<int64_t> parseBatch(llvm::StringRef flag) {
  int64_t batch;
  if (!flag.consume_front("b") || flag.getAsInteger(10, batch))
    return std::nullopt;
  return batch;
}

/// TYPE or TYPE-RESULT, the result being what products are summed up in.
static llvm::Error parseTypes(llvm::StringRef text, llvm::StringRef whole,
                              Workload &workload) {
  if (text == stringifyElementType(ElementType::TF32)) {
    workload.type = ElementType::TF32;
    return llvm::Error::success();
  }
  auto [operand, result] = text.split('-');
  auto type = parseElementType(operand);
  if (!type)
    return makeError("{0} in workload '{1}'", llvm::toString(type.takeError()),
                     whole);
  workload.type = *type;
  ElementType accumulator = workload.accumulatorType();
  if (text.contains('-')) {
    if (accumulator == *type || result != stringifyElementType(accumulator))
      return makeError("expected 'f16-f32', 'bf16-f32' or 'i8-i32' but got "
                       "'{0}' in workload '{1}'",
                       text, whole);
    workload.result = accumulator;
  } else if (*type == ElementType::I8) {
    return makeError("expected 'i8-i32' but got 'i8' in workload '{0}'", whole);
  }
  return llvm::Error::success();
}

static llvm::Error parseDimensions(llvm::StringRef text, llvm::StringRef whole,
                                   Workload &workload) {
  llvm::SmallVector<llvm::StringRef, 4> parts;
  text.split(parts, 'x');
  if (parts.size() != 3)
    return makeError("expected a workload 'MxKxN:TYPE' but got '{0}'", whole);
  int64_t *dims[] = {&workload.m, &workload.k, &workload.n};
  for (unsigned i = 0; i < 3; ++i)
    if (parts[i].getAsInteger(10, *dims[i]) || *dims[i] < 1 ||
        *dims[i] > kMaxDimension)
      return makeError("expected dimensions from 1 to {0} but got '{1}' in "
                       "workload '{2}'",
                       kMaxDimension, parts[i], whole);
  return llvm::Error::success();
}

llvm::Expected<Workload> Workload::parse(llvm::StringRef text) {
  Workload workload;
  llvm::SmallVector<llvm::StringRef, 5> parts;
  text.split(parts, ':');
  if (parts.size() < 2)
    return makeError("expected a workload 'MxKxN:TYPE' but got '{0}'", text);
  if (llvm::Error error = parseDimensions(parts[0], text, workload))
    return error;
  if (llvm::Error error = parseTypes(parts[1], text, workload))
    return error;
  bool hasBatch = false;
  for (llvm::StringRef flag : llvm::ArrayRef(parts).drop_front(2)) {
    if (std::optional<int64_t> batch = parseBatch(flag); batch && !hasBatch) {
      if (*batch < 1 || *batch > kMaxDimension)
        return makeError("expected a batch from 1 to {0} but got '{1}' in "
                         "workload '{2}'",
                         kMaxDimension, flag, text);
      workload.batch = *batch;
      hasBatch = true;
    } else if (flag == "ta" && workload.layoutA == Layout::RowMajor)
      workload.layoutA = Layout::Transposed;
    else if (flag == "tb" && workload.layoutB == Layout::RowMajor)
      workload.layoutB = Layout::Transposed;
    else if (flag == "acc" && workload.accumulation == Accumulation::Overwrite)
      workload.accumulation = Accumulation::Accumulate;
    else
      return makeError("expected 'bN', 'ta', 'tb' or 'acc', each once, but got "
                       "'{0}' in workload '{1}'",
                       flag, text);
  }
  return workload;
}

bool Workload::operator==(const Workload &other) const {
  return m == other.m && k == other.k && n == other.n && batch == other.batch &&
         type == other.type && resultType() == other.resultType() &&
         layoutA == other.layoutA && layoutB == other.layoutB &&
         accumulation == other.accumulation;
}
