//===- Size.cpp - Byte counts as people write them --------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the parsing and printing of sizes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Size.h"
#include "sevenfold/Support/Error.h"

#include <optional>

using namespace llvm;

namespace sevenfold {
namespace {

constexpr const char *kBinaryUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
constexpr const char *kDecimalUnits[] = {"B", "kB", "MB", "GB", "TB"};

std::optional<uint64_t> parseUnit(StringRef unit) {
  if (unit.empty())
    return 1;
  uint64_t binary = 1, decimal = 1;
  for (int i = 0; i < 5; ++i, binary *= 1024, decimal *= 1000) {
    if (unit == kBinaryUnits[i])
      return binary;
    if (unit == kDecimalUnits[i])
      return decimal;
  }
  return std::nullopt;
}

} // namespace

Expected<uint64_t> parseSize(StringRef text) {
  auto malformed = [&] {
    return makeError("expected a size such as '2GiB' but got '{0}'", text);
  };
  StringRef digits = text.take_while(
      [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  std::optional<uint64_t> unit = parseUnit(text.drop_front(digits.size()));
  if (!unit)
    return malformed();

  uint64_t whole = 0;
  auto [wholeText, fractionText] = digits.split('.');
  bool hasPoint = digits.contains('.');
  // At most nine decimals: their exact value fits in 64 bits with the unit.
  if (wholeText.getAsInteger(10, whole) ||
      (hasPoint && (fractionText.empty() || fractionText.size() > 9)))
    return malformed();
  uint64_t fraction = 0, scale = 1;
  if (hasPoint && fractionText.getAsInteger(10, fraction))
    return malformed();
  for (size_t i = 0; i < fractionText.size(); ++i)
    scale *= 10;

  unsigned __int128 bytes = (unsigned __int128)whole * *unit +
                            (unsigned __int128)fraction * *unit / scale;
  if (bytes >> 63)
    return makeError("expected a size below 2^63 bytes but got '{0}'", text);
  return uint64_t(bytes);
}

std::string formatSize(uint64_t bytes) {
  int power = 0;
  double value = double(bytes);
  while (value >= 1024 && power < 4) {
    value /= 1024;
    ++power;
  }
  bool isWhole = value == double(uint64_t(value));
  std::string number = isWhole ? std::to_string(uint64_t(value))
                               : formatv("{0:f1}", value).str();
  return number + kBinaryUnits[power];
}

} // namespace sevenfold
