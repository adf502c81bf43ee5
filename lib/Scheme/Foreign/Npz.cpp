//===- Npz.cpp - Schemes as NumPy's arrays --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What AlphaTensor published (github.com/google-deepmind/alphatensor): an
// archive with a member "m,k,n.npy" a scheme, which is an array of shape (3,
// entries, products), or, where the three matrices differ in size, an array of
// three objects that are arrays (entries, products). Single .npy files, and
// archives of u.npy, v.npy and w.npy, are read as well.
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"
#include "NumberArray.h"
#include "ZipArchive.h"
#include "sevenfold/Scheme/Layout.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Dimensions.h"
#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

#include <cstring>

using namespace sevenfold;
using llvm::StringRef;

/// A member's array of 8 bytes a number, and its header.
static constexpr uint64_t kMaxMemberBytes = 3 * kMaxFactorNumbers * 8 + 65536;

/// m, k and n where a member's name is them.
static std::optional<std::array<unsigned, 3>> dimsOf(StringRef name) {
  llvm::Expected<std::vector<unsigned>> sizes =
      parseDimensions(name, kMaxSchemeBlocks);
  if (!sizes) {
    llvm::consumeError(sizes.takeError());
    return std::nullopt;
  }
  if (sizes->size() != 3)
    return std::nullopt;
  return std::array{(*sizes)[0], (*sizes)[1], (*sizes)[2]};
}

/// A matrix of an array, from number `first` on.
static Factor matrixAt(const NumberArray &array, size_t first, size_t rows,
                       size_t columns) {
  Factor factor(rows, columns);
  for (size_t row = 0; row < rows; ++row)
    for (size_t column = 0; column < columns; ++column)
      factor.at(row, column) = array.values[first + row * columns + column];
  return factor;
}

/// U, V and W as one array of three matrices, or three arrays.
static llvm::Expected<ForeignFactors>
factorsOf(llvm::ArrayRef<NumberArray> arrays, StringRef where) {
  ForeignFactors result;
  if (arrays.size() == 1 && arrays[0].shape.size() == 3 &&
      arrays[0].shape[0] == 3) {
    size_t rows = arrays[0].shape[1], columns = arrays[0].shape[2];
    for (unsigned i = 0; i < 3; ++i)
      result.factors[i] =
          matrixAt(arrays[0], i * rows * columns, rows, columns);
    return result;
  }
  bool areMatrices = arrays.size() == 3;
  for (const NumberArray &array : arrays)
    areMatrices &= array.shape.size() == 2;
  if (!areMatrices)
    return makeError("{0}: expected an array of shape (3, entries, products), "
                     "or three of shape (entries, products)",
                     where);
  for (unsigned i = 0; i < 3; ++i)
    result.factors[i] =
        matrixAt(arrays[i], 0, arrays[i].shape[0], arrays[i].shape[1]);
  return result;
}

namespace {

/// An archive of .npy members that is being read.
class NpzReader {
public:
  NpzReader(StringRef archive, StringRef where)
      : archive(archive), where(where) {}

  llvm::Expected<std::vector<ForeignFactors>>
  read(std::optional<std::array<unsigned, 3>> select) {
    llvm::Expected<std::vector<ZipMember>> members =
        readZipDirectory(archive, where);
    if (!members)
      return members.takeError();
    std::vector<ForeignFactors> result;
    std::array<const ZipMember *, 3> letters{};
    for (const ZipMember &member : *members) {
      StringRef key = member.name;
      if (!key.consume_back(".npy"))
        continue;
      size_t letter = StringRef("uvw").find(key.lower());
      if (key.size() == 1 && letter != StringRef::npos) {
        letters[letter] = &member;
        continue;
      }
      auto dims = dimsOf(key);
      if (select && dims && *dims != *select)
        continue;
      llvm::Expected<ForeignFactors> factors = readScheme({&member});
      if (!factors)
        return factors.takeError();
      factors->place = "member " + quoted(member);
      factors->dims = dims;
      result.push_back(std::move(*factors));
    }
    if (letters[0] && letters[1] && letters[2]) {
      llvm::Expected<ForeignFactors> factors = readScheme(letters);
      if (!factors)
        return factors.takeError();
      result.push_back(std::move(*factors));
    }
    if (result.empty() && !select)
      return makeError(
          "{0}: there is no scheme in the archive: expected members "
          "such as '2,2,2.npy', or 'u.npy', 'v.npy' and 'w.npy'",
          where);
    return result;
  }

private:
  static std::string quoted(const ZipMember &member) {
    std::string name = StringRef(member.name).take_front(64).str();
    for (char &c : name)
      if (!llvm::isPrint(c))
        c = '?';
    return "'" + name + "'";
  }

  llvm::Expected<ForeignFactors>
  readScheme(llvm::ArrayRef<const ZipMember *> members) {
    std::vector<NumberArray> arrays;
    std::string place;
    for (const ZipMember *member : members) {
      place = (where + ": member " + quoted(*member)).str();
      llvm::Expected<std::string> content =
          readZipMember(archive, *member, kMaxMemberBytes, place);
      if (!content)
        return content.takeError();
      llvm::Expected<std::vector<NumberArray>> read =
          readNpyContent(*content, place);
      if (!read)
        return read.takeError();
      for (NumberArray &array : *read) {
        numbers += array.values.size();
        arrays.push_back(std::move(array));
      }
    }
    if (numbers > kMaxForeignNumbers)
      return makeError(
          "{0}: expected at most {1} numbers in the archive: choose "
          "a scheme by its m, k and n",
          place, kMaxForeignNumbers);
    return factorsOf(arrays, place);
  }

  StringRef archive, where;
  size_t numbers = 0;
};

} // namespace

llvm::Expected<std::vector<ForeignFactors>>
sevenfold::readNpz(StringRef content, StringRef where,
                   std::optional<std::array<unsigned, 3>> select) {
  if (!content.starts_with("\x93NUMPY"))
    return NpzReader(content, where).read(select);
  llvm::Expected<std::vector<NumberArray>> arrays =
      readNpyContent(content, where);
  if (!arrays)
    return arrays.takeError();
  llvm::Expected<ForeignFactors> factors = factorsOf(*arrays, where);
  if (!factors)
    return factors.takeError();
  return std::vector<ForeignFactors>{std::move(*factors)};
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {

/// What holds all coefficients of a scheme.
struct ElementText {
  const char *type; ///< "i4", "i8" or "f8"
  unsigned width;
};

} // namespace

/// A number of so many bytes, little endian.
static std::string bytesOf(uint64_t value, unsigned width) {
  std::string text;
  for (unsigned i = 0; i < width; ++i)
    text += char(value >> 8 * i & 0xff);
  return text;
}

static llvm::Expected<ElementText> elementsOf(const Scheme &scheme) {
  bool isShort = true, isInteger = true;
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned t = 0; t < factor->rows(); ++t)
      for (unsigned i = 0; i < factor->columns(); ++i) {
        const Rational &value = factor->at(t, i);
        isInteger &= value.isInteger();
        isShort &= value.numerator == int32_t(value.numerator);
        if (!isInteger && coefficientFromDouble(value.toDouble()) != value)
          return makeError("'{0}': an array of doubles has no place for the "
                           "coefficient {1}",
                           scheme.name, toString(value));
      }
  return !isInteger ? ElementText{"f8", 8}
         : isShort  ? ElementText{"i4", 4}
                    : ElementText{"i8", 8};
}

/// The elements of a factor, an entry a row.
static std::string elementsText(const Factor &factor,
                                const ElementText &element) {
  std::string text;
  for (unsigned i = 0; i < factor.columns(); ++i)
    for (unsigned t = 0; t < factor.rows(); ++t) {
      const Rational &value = factor.at(t, i);
      uint64_t bits = value.numerator;
      if (StringRef(element.type) == "f8") {
        double number = value.toDouble();
        std::memcpy(&bits, &number, sizeof(bits));
      }
      text += bytesOf(bits, element.width);
    }
  return text;
}

/// A .npy file of version 1.
static std::string npyText(StringRef type, StringRef shape,
                           StringRef elements) {
  std::string header =
      llvm::formatv("{{'descr': '{0}', 'fortran_order': False, 'shape': {1}, }",
                    type, shape)
          .str();
  // Elements begin at a multiple of 64 bytes; the header ends its line.
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  return ("\x93NUMPY" + bytesOf(1, 2) + bytesOf(header.size(), 2) + header +
          elements)
      .str();
}

/// Instructions for Python's stack machine, protocol 3 (see Pickle.cpp).
namespace pickle {

static std::string name(StringRef module, StringRef name) {
  return ("c" + module + "\n" + name + "\n").str();
}
static std::string text(StringRef value) {
  return "X" + bytesOf(value.size(), 4) + value.str();
}
static std::string integer(int32_t value) {
  return "J" + bytesOf(uint32_t(value), 4);
}
/// dtype(name, False, True), filled with (3, order, None, None, None, -1, -1,
/// flags).
static std::string type(StringRef typeName, StringRef order, int32_t flags) {
  return name("numpy", "dtype") + text(typeName) + "\x89\x88\x87R(" +
         integer(3) + text(order) + "NNN" + integer(-1) + integer(-1) +
         integer(flags) + "tb";
}
/// An array that is filled with (1, shape, type, False, elements).
static std::string array(StringRef shape, StringRef type, StringRef elements) {
  return (name("numpy.core.multiarray", "_reconstruct") +
          name("numpy", "ndarray") + integer(0) + "\x85" + "C\x01" + "b" +
          "\x87R(" + integer(1) + shape.str() + type.str() + "\x89" +
          elements.str() + "tb");
}

} // namespace pickle

/// An array of three objects.
static std::string objectsText(const Scheme &scheme,
                               const ElementText &element) {
  std::string arrays;
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w}) {
    std::string elements = elementsText(*factor, element);
    arrays += pickle::array(pickle::integer(factor->columns()) +
                                pickle::integer(factor->rows()) + "\x86",
                            pickle::type(element.type, "<", 0),
                            "B" + bytesOf(elements.size(), 4) + elements);
  }
  constexpr int32_t kObjectFlags = 63;
  return "\x80\x03" +
         pickle::array(pickle::integer(3) + "\x85",
                       pickle::type("O8", "|", kObjectFlags),
                       "](" + arrays + "e") +
         ".";
}

llvm::Expected<std::string> sevenfold::writeNpz(const Scheme &scheme) {
  llvm::Expected<ElementText> element = elementsOf(scheme);
  if (!element)
    return element.takeError();
  // Theirs is the trace of A B C.
  Scheme written = toLayout(scheme, {false, false, true, "C"});
  bool isOneArray = scheme.u.columns() == scheme.v.columns() &&
                    scheme.u.columns() == scheme.w.columns();
  std::string content =
      isOneArray ? npyText(std::string("<") + element->type,
                           llvm::formatv("(3, {0}, {1})", scheme.u.columns(),
                                         scheme.rank())
                               .str(),
                           elementsText(written.u, *element) +
                               elementsText(written.v, *element) +
                               elementsText(written.w, *element))
                 : npyText("|O", "(3,)", objectsText(written, *element));
  return writeZip(
      llvm::formatv("{0},{1},{2}.npy", scheme.m, scheme.k, scheme.n).str(),
      content);
}
