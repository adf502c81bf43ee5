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

#include <cmath>
#include <optional>

using namespace sevenfold;

llvm::StringRef sevenfold::stringifyElementType(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return "f32";
  case ElementType::F64:
    return "f64";
  }
  llvm_unreachable("all element types are listed");
}

llvm::Expected<ElementType> sevenfold::parseElementType(llvm::StringRef text) {
  if (text == "f32")
    return ElementType::F32;
  if (text == "f64")
    return ElementType::F64;
  return makeError("expected element type 'f32' or 'f64' but got '{0}'", text);
}

int64_t sevenfold::byteWidth(ElementType type) {
  return type == ElementType::F32 ? 4 : 8;
}

double sevenfold::unitRoundoff(ElementType type) {
  return std::ldexp(1.0, type == ElementType::F32 ? -24 : -53);
}

std::string Workload::str() const {
  std::string text = std::to_string(m) + "x" + std::to_string(k) + "x" +
                     std::to_string(n) + ":" + stringifyElementType(type).str();
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
  auto type = parseElementType(parts[1]);
  if (!type)
    return makeError("{0} in workload '{1}'", llvm::toString(type.takeError()),
                     text);
  workload.type = *type;
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
         type == other.type && layoutA == other.layoutA &&
         layoutB == other.layoutB && accumulation == other.accumulation;
}
