//===- Npy.cpp - NumPy array files ------------------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Implements the .npy format, versions 1.0 and 2.0: the magic bytes, a header
// that is a Python dictionary of three known keys, then the elements.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Npy.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace sevenfold {
namespace {

constexpr StringLiteral kMagic("\x93NUMPY");
constexpr uint64_t kMaxHeaderBytes = 65536;
constexpr uint64_t kMaxArrayBytes = uint64_t(1) << 46;
constexpr unsigned kMaxDimensions = 32;

/// The types that files have.
constexpr ElementType kFileTypes[] = {
    ElementType::F16, ElementType::F32, ElementType::F64, ElementType::I1,
    ElementType::I8,  ElementType::I16, ElementType::I32, ElementType::I64};

/// The three entries of a header.
struct Header {
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
};

/// Reads the dictionary literal of a header, in any key order.
class HeaderParser {
public:
  HeaderParser(StringRef text, StringRef path) : rest(text), path(path) {}

  Expected<Header> parse() {
    if (!consume("{"))
      return malformed("expected a dictionary");
    while (!consume("}")) {
      if (Error error = parseEntry())
        return error;
      if (!consume(",") && !rest.ltrim().starts_with("}"))
        return malformed("expected ',' or '}'");
    }
    if (!rest.trim().empty())
      return malformed("unexpected text after the dictionary");
    if (!hasType || !hasOrder || !hasShape)
      return malformed("expected keys 'descr', 'fortran_order' and 'shape'");
    return std::move(header);
  }

private:
  Error malformed(const char *reason) {
    return makeError("'{0}': malformed .npy header: {1}", path, reason);
  }
  bool consume(StringRef token) {
    StringRef trimmed = rest.ltrim();
    if (!trimmed.consume_front(token))
      return false;
    rest = trimmed;
    return true;
  }
  std::optional<StringRef> parseQuoted() {
    StringRef trimmed = rest.ltrim();
    if (trimmed.empty() || (trimmed[0] != '\'' && trimmed[0] != '"'))
      return std::nullopt;
    size_t end = trimmed.find(trimmed[0], 1);
    if (end == StringRef::npos)
      return std::nullopt;
    rest = trimmed.drop_front(end + 1);
    return trimmed.slice(1, end);
  }
  Error parseEntry() {
    std::optional<StringRef> key = parseQuoted();
    if (!key || !consume(":"))
      return malformed("expected a key");
    if (*key == "descr" && !std::exchange(hasType, true))
      return parseType();
    if (*key == "fortran_order" && !std::exchange(hasOrder, true))
      return parseOrder();
    if (*key == "shape" && !std::exchange(hasShape, true))
      return parseShape();
    return malformed("unknown or repeated key");
  }
  Error parseType() {
    std::optional<StringRef> type = parseQuoted();
    if (!type)
      return malformed("expected a simple element type");
    for (ElementType known : kFileTypes)
      if (*type == npyDescriptor(known)) {
        header.type = known;
        return Error::success();
      }
    return makeError("'{0}': expected elements of type '<f2', '<f4', '<f8', "
                     "'|b1', '|i1', '<i2', '<i4' or '<i8' but got '{1}'",
                     path, *type);
  }
  Error parseOrder() {
    if (consume("False"))
      return Error::success();
    if (consume("True"))
      return makeError("'{0}': expected row-major (C) order but got Fortran "
                       "order",
                       path);
    return malformed("expected 'fortran_order' to be True or False");
  }
  Error parseShape() {
    if (!consume("("))
      return malformed("expected 'shape' to be a tuple");
    while (!consume(")")) {
      rest = rest.ltrim();
      int64_t dimension;
      if (header.shape.size() == kMaxDimensions)
        return malformed("too many dimensions");
      if (rest.empty() || rest[0] < '0' || rest[0] > '9' ||
          rest.consumeInteger(10, dimension))
        return malformed("expected a dimension");
      header.shape.push_back(dimension);
      if (!consume(",") && !rest.ltrim().starts_with(")"))
        return malformed("expected ',' or ')'");
    }
    return Error::success();
  }

  StringRef rest, path;
  Header header;
  bool hasType = false, hasOrder = false, hasShape = false;
};

/// A file opened for reading, closed at the end of the scope.
class InputFile {
public:
  explicit InputFile(StringRef path)
      : path(path),
        descriptor(::open(path.str().c_str(), O_RDONLY | O_CLOEXEC)) {}
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;
  ~InputFile() {
    if (descriptor >= 0)
      ::close(descriptor);
  }
  Expected<uint64_t> size() {
    struct stat status;
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0)
      return makeError("cannot read '{0}': {1}", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
      return makeError("cannot read '{0}': it is not a regular file", path);
    return uint64_t(status.st_size);
  }
  Error read(void *target, uint64_t bytes) {
    char *cursor = static_cast<char *>(target);
    while (bytes != 0) {
      ssize_t count = ::read(descriptor, cursor, bytes);
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return makeError("cannot read '{0}': {1}", path, strerror(errno));
      if (count == 0)
        return makeError("'{0}': the .npy file is truncated", path);
      cursor += count;
      bytes -= count;
    }
    return Error::success();
  }

private:
  StringRef path;
  int descriptor;
};

/// Reads magic, version and header text; `offset` becomes the data's.
Expected<std::string> readHeaderText(InputFile &file, StringRef path,
                                     uint64_t fileSize, uint64_t &offset) {
  unsigned char start[12];
  if (fileSize < 10)
    return makeError("'{0}': expected a .npy file but got {1} bytes", path,
                     fileSize);
  if (Error error = file.read(start, 10))
    return error;
  if (StringRef(reinterpret_cast<char *>(start), 6) != kMagic)
    return makeError("'{0}': expected a .npy file but the first bytes are "
                     "others",
                     path);
  if (start[7] != 0 || (start[6] != 1 && start[6] != 2))
    return makeError("'{0}': expected .npy version 1.0 or 2.0 but got {1}.{2}",
                     path, unsigned(start[6]), unsigned(start[7]));
  uint64_t length = support::endian::read16le(start + 8);
  offset = 10;
  if (start[6] == 2) {
    if (Error error = file.read(start + 10, 2))
      return error;
    length = support::endian::read32le(start + 8);
    offset = 12;
  }
  if (length > kMaxHeaderBytes || length > fileSize - offset)
    return makeError("'{0}': malformed .npy header: its length is {1}", path,
                     length);
  std::string text(length, '\0');
  if (Error error = file.read(text.data(), length))
    return error;
  offset += length;
  return text;
}

/// Bytes of an array, or nothing beyond kMaxArrayBytes.
std::optional<uint64_t> countBytes(ElementType type, ArrayRef<int64_t> shape) {
  uint64_t bytes = byteWidth(type);
  bool isEmpty = false;
  for (int64_t dimension : shape) {
    if (dimension < 0)
      return std::nullopt;
    if (dimension == 0) {
      isEmpty = true;
      continue;
    }
    if (__builtin_mul_overflow(bytes, uint64_t(dimension), &bytes) ||
        bytes > kMaxArrayBytes)
      return std::nullopt;
  }
  return isEmpty ? 0 : bytes;
}

std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i == 0 ? "" : " ") + std::to_string(shape[i]) + ",";
  if (shape.size() > 1)
    text.pop_back();
  return text + ")";
}

} // namespace

Error checkNpyType(ElementType type) {
  if (npyDescriptor(type))
    return Error::success();
  return makeError(".npy files have no element type '{0}'",
                   stringifyElementType(type));
}

std::string arrayText(ElementType type, ArrayRef<int64_t> shape) {
  std::string text = (stringifyElementType(type) + "[").str();
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + (shape[i] < 0 ? "?" : std::to_string(shape[i]));
  return text + "]";
}

int64_t NpyArray::numElements() const {
  int64_t count = 1;
  for (int64_t dimension : shape)
    count *= dimension;
  return count;
}

Expected<NpyArray> makeNpyArray(ElementType type, ArrayRef<int64_t> shape) {
  if (Error error = checkNpyType(type))
    return error;
  std::optional<uint64_t> bytes = countBytes(type, shape);
  if (!bytes)
    return makeError("an array of shape {0} is too large or negative",
                     formatShape(shape));
  NpyArray array;
  array.type = type;
  array.shape = shape.vec();
  array.storage.resize((*bytes + sizeof(double) - 1) / sizeof(double));
  return array;
}

Expected<NpyArray> readNpy(StringRef path) {
  InputFile file(path);
  Expected<uint64_t> fileSize = file.size();
  if (!fileSize)
    return fileSize.takeError();
  uint64_t offset = 0;
  Expected<std::string> text = readHeaderText(file, path, *fileSize, offset);
  if (!text)
    return text.takeError();
  Expected<Header> header = HeaderParser(*text, path).parse();
  if (!header)
    return header.takeError();
  std::optional<uint64_t> bytes = countBytes(header->type, header->shape);
  if (!bytes)
    return makeError("'{0}': an array of shape {1} is too large", path,
                     formatShape(header->shape));
  if (*bytes != *fileSize - offset)
    return makeError("'{0}': expected {1} bytes of data for shape {2} but got "
                     "{3}",
                     path, *bytes, formatShape(header->shape),
                     *fileSize - offset);
  Expected<NpyArray> array = makeNpyArray(header->type, header->shape);
  if (!array)
    return array.takeError();
  if (Error error = file.read(array->data(), *bytes))
    return error;
  return array;
}

Error writeNpy(StringRef path, ElementType type, ArrayRef<int64_t> shape,
               const void *data) {
  if (Error error = checkNpyType(type))
    return error;
  std::optional<uint64_t> bytes = countBytes(type, shape);
  if (!bytes || shape.size() > kMaxDimensions)
    return makeError("'{0}': an array of shape {1} is too large or negative",
                     path, formatShape(shape));
  std::string header =
      formatv("{{'descr': '{0}', 'fortran_order': False, 'shape': {1}, }",
              npyDescriptor(type), formatShape(shape))
          .str();
  // The data starts at a multiple of 64 bytes; the header ends in a newline.
  size_t padding = 63 - (10 + header.size()) % 64;
  header.append(padding, ' ');
  header.push_back('\n');
  std::string start = kMagic.str() + std::string("\x01\x00", 2);
  start.push_back(char(header.size() & 0xff));
  start.push_back(char(header.size() >> 8));
  StringRef pieces[] = {start, header,
                        StringRef(static_cast<const char *>(data), *bytes)};
  return writeFileAtomically(path, pieces);
}

Error writeNpy(StringRef path, const NpyArray &array) {
  return writeNpy(path, array.type, array.shape, array.data());
}

} // namespace sevenfold
