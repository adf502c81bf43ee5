//===- NumberArray.cpp - Arrays of numbers in memory ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elements of arrays, and the .npy format around them: magic bytes, a header
// that is a Python dictionary of three keys, the elements.
//
//===----------------------------------------------------------------------===//

#include "NumberArray.h"
#include "ForeignFactors.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

#include <cstring>

using namespace sevenfold;
using llvm::StringRef;

std::optional<NumberType> sevenfold::parseNumberType(StringRef text) {
  if (text.starts_with("<") || text.starts_with("|") || text.starts_with("="))
    text = text.drop_front();
  if (text == "O")
    return NumberType{'O', 8};
  NumberType type;
  if (text.empty() || text.drop_front().getAsInteger(10, type.width))
    return std::nullopt;
  type.kind = text.front();
  unsigned width = type.width;
  bool isPower = width == 1 || width == 2 || width == 4 || width == 8;
  bool isKnown = type.kind == 'b'   ? width == 1
                 : type.kind == 'O' ? width == 8
                 : type.kind == 'f'
                     ? width == 4 || width == 8
                     : (type.kind == 'i' || type.kind == 'u') && isPower;
  return isKnown ? std::optional(type) : std::nullopt;
}

/// One element, or nothing where it is not finite or does not fit.
static std::optional<Rational> readElement(const char *bytes, NumberType type) {
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, type.width);
  if (type.kind == 'f' && type.width == 4) {
    float value;
    std::memcpy(&value, bytes, sizeof(value));
    return coefficientFromFloat(value);
  }
  if (type.kind == 'f') {
    double value;
    std::memcpy(&value, bytes, sizeof(value));
    return coefficientFromDouble(value);
  }
  if (type.kind == 'i') {
    unsigned above = 64 - 8 * type.width;
    return makeRational(int64_t(bits << above) >> above, 1);
  }
  return bits > uint64_t(INT64_MAX) ? std::nullopt
                                    : makeRational(int64_t(bits), 1);
}

/// Where an element of row-major position `index` stands in column-major order.
static size_t fortranPosition(size_t index, llvm::ArrayRef<uint64_t> shape) {
  size_t position = 0, stride = 1;
  for (uint64_t size : shape)
    stride *= size;
  for (size_t axis = shape.size(); axis-- != 0;) {
    stride /= shape[axis];
    position += index % shape[axis] * stride;
    index /= shape[axis];
  }
  return position;
}

llvm::Expected<NumberArray>
sevenfold::readElements(StringRef bytes, NumberType type,
                        llvm::ArrayRef<uint64_t> shape, ElementOrder order,
                        StringRef where) {
  uint64_t count = 1;
  for (uint64_t size : shape)
    if (__builtin_mul_overflow(count, size, &count) ||
        count > 3 * kMaxFactorNumbers)
      return makeError("{0}: expected at most {1} numbers", where,
                       3 * kMaxFactorNumbers);
  if (bytes.size() != count * type.width)
    return makeError("{0}: expected {1} bytes of elements but got {2}", where,
                     count * type.width, bytes.size());
  NumberArray array{shape.vec(), {}};
  array.values.resize(count);
  for (size_t i = 0; i < count; ++i) {
    size_t position =
        order == ElementOrder::Fortran ? fortranPosition(i, shape) : i;
    std::optional<Rational> value =
        readElement(bytes.data() + position * type.width, type);
    if (!value)
      return makeError("{0}: element {1} is not finite or beyond 64 bits",
                       where, i);
    array.values[i] = *value;
  }
  return array;
}

//===----------------------------------------------------------------------===//
// Headers
//===----------------------------------------------------------------------===//

namespace {

struct NpyHeader {
  std::string type;
  ElementOrder order = ElementOrder::C;
  std::vector<uint64_t> shape;
};

/// Takes tokens off the dictionary of a header.
class HeaderReader {
public:
  explicit HeaderReader(StringRef text) : rest(text) {}

  /// Nothing where it is malformed.
  std::optional<NpyHeader> read() {
    bool hasType = false, hasOrder = false, hasShape = false;
    if (!take("{"))
      return std::nullopt;
    while (!take("}")) {
      std::optional<StringRef> key = takeQuoted();
      if (!key || !take(":"))
        return std::nullopt;
      bool isRead = false;
      if (*key == "descr" && !hasType)
        isRead = hasType = takeType();
      else if (*key == "shape" && !hasShape)
        isRead = hasShape = takeShape();
      else if (*key == "fortran_order" && !hasOrder)
        isRead = hasOrder = takeOrder();
      if (!isRead || !(take(",") || rest.ltrim().starts_with("}")))
        return std::nullopt;
    }
    if (!hasType || !hasOrder || !hasShape || !rest.trim().empty())
      return std::nullopt;
    return std::move(header);
  }

private:
  bool take(StringRef token) {
    StringRef text = rest.ltrim();
    if (!text.consume_front(token))
      return false;
    rest = text;
    return true;
  }
  std::optional<StringRef> takeQuoted() {
    StringRef text = rest.ltrim();
    if (!text.starts_with("'") && !text.starts_with("\""))
      return std::nullopt;
    size_t end = text.find(text.front(), 1);
    if (end == StringRef::npos)
      return std::nullopt;
    rest = text.drop_front(end + 1);
    return text.slice(1, end);
  }
  bool takeType() {
    std::optional<StringRef> type = takeQuoted();
    if (type)
      header.type = type->take_front(16).str();
    return type.has_value();
  }
  bool takeOrder() {
    bool isFortran = take("True");
    header.order = isFortran ? ElementOrder::Fortran : ElementOrder::C;
    return isFortran || take("False");
  }
  bool takeShape() {
    if (!take("("))
      return false;
    while (!take(")")) {
      uint64_t size;
      rest = rest.ltrim();
      if (rest.consumeInteger(10, size) || header.shape.size() == 8)
        return false;
      header.shape.push_back(size);
      if (!take(",") && !rest.ltrim().starts_with(")"))
        return false;
    }
    return true;
  }

  StringRef rest;
  NpyHeader header;
};

} // namespace

llvm::Expected<std::vector<NumberArray>>
sevenfold::readNpyContent(StringRef content, StringRef where) {
  StringRef rest = content;
  if (!rest.consume_front("\x93NUMPY") || rest.size() < 6)
    return makeError(
        "{0}: expected a .npy array but the first bytes are others", where);
  unsigned version = static_cast<unsigned char>(rest[0]);
  if (version < 1 || version > 3)
    return makeError("{0}: expected a .npy array of version 1 to 3 but got {1}",
                     where, version);
  size_t lengthBytes = version == 1 ? 2 : 4;
  size_t length = version == 1
                      ? llvm::support::endian::read16le(rest.data() + 2)
                      : llvm::support::endian::read32le(rest.data() + 2);
  rest = rest.drop_front(2 + lengthBytes);
  if (length > rest.size())
    return makeError("{0}: the .npy array is cut off", where);
  std::optional<NpyHeader> header =
      HeaderReader(rest.take_front(length)).read();
  if (!header)
    return makeError("{0}: the header of the .npy array is malformed", where);
  rest = rest.drop_front(length);
  std::optional<NumberType> type = parseNumberType(header->type);
  if (!type)
    return makeError("{0}: expected an array of integers, floats or objects, "
                     "little endian, but got elements '{1}'",
                     where, header->type);
  if (type->kind == 'O')
    return readPickledArrays(rest, where);
  llvm::Expected<NumberArray> array =
      readElements(rest, *type, header->shape, header->order, where);
  if (!array)
    return array.takeError();
  return std::vector<NumberArray>{std::move(*array)};
}
