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

#include <optional>

using namespace sevenfold;

ElementType Workload::accumulatorType() const { return accumulatorOf(type); }

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

bool Workload::isOfFamily(const Workload &family) const {
  Workload like = *this;
  like.m = family.m;
  for (auto [size, known] :
       {std::pair(&like.k, family.k), std::pair(&like.n, family.n),
        std::pair(&like.batch, family.batch)})
    if (known < 0)
      *size = known;
  return like == family;
}
