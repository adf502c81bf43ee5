//===- Coefficients.cpp - Schemes as rows of numbers ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What Benson and Ballard write (github.com/arbenson/fast-matmul, the files of
// codegen/algorithms):
//
//   # the source
//   1 0 1 0 1 -1 0      a row an entry of A, by rows; a column a product
//   ..
//   #
//   1 1 0 -1 0 1 0      B
//   ..
//   #
//   1 0 0 1 -1 0 1      C
//   ..
//
// Blocks may be apart by blank lines, and rows may be products. A file may
// begin with a line "m k n" or "m k n r"; then nothing needs to be between the
// blocks, and each may stand in one line, product after product.
//
//===----------------------------------------------------------------------===//

#include "ForeignFactors.h"
#include "sevenfold/Scheme/SchemeFile.h"
#include "sevenfold/Support/Error.h"

#include <tuple>

using namespace sevenfold;

namespace {

/// A line of numbers.
struct Line {
  unsigned number; ///< in the file, from 1
  bool opensBlock; ///< something stands between it and the line before
  std::vector<Rational> values;
};
using Lines = llvm::ArrayRef<Line>;

} // namespace

/// Appends a line's numbers. `count` is that of all of the file.
static llvm::Error appendValues(llvm::StringRef text, llvm::StringRef where,
                                unsigned number, size_t &count,
                                std::vector<Rational> &values) {
  // Some put commas between numbers.
  constexpr llvm::StringLiteral kBetween(" \t\r,;");
  for (text = text.ltrim(kBetween); !text.empty();
       text = text.ltrim(kBetween)) {
    llvm::StringRef word = text.take_front(text.find_first_of(kBetween));
    text = text.drop_front(word.size());
    std::optional<Rational> value = coefficientFromText(word);
    if (!value)
      return makeError("{0}:{1}: expected a number such as -1, 1/8 or 0.125 "
                       "but got '{2}'",
                       where, number, word.take_front(48));
    if (++count > 3 * kMaxFactorNumbers)
      return makeError("{0}:{1}: expected at most {2} numbers", where, number,
                       3 * kMaxFactorNumbers);
    values.push_back(*value);
  }
  return llvm::Error::success();
}

static llvm::Expected<std::vector<Line>> readLines(llvm::StringRef content,
                                                   llvm::StringRef where) {
  std::vector<Line> lines;
  size_t count = 0;
  bool opensBlock = true;
  for (unsigned number = 1; !content.empty(); ++number) {
    llvm::StringRef text;
    std::tie(text, content) = content.split('\n');
    Line line{number, opensBlock, {}};
    if (llvm::Error error = appendValues(text.split('#').first, where, number,
                                         count, line.values))
      return error;
    opensBlock = line.values.empty();
    if (!line.values.empty())
      lines.push_back(std::move(line));
  }
  return lines;
}

/// The matrix of lines of equal length.
static llvm::Expected<Factor> matrixOf(Lines lines, llvm::StringRef where) {
  size_t columns = lines.front().values.size();
  Factor factor(lines.size(), columns);
  for (unsigned row = 0; row < lines.size(); ++row) {
    const Line &line = lines[row];
    if (line.values.size() != columns)
      return makeError("{0}:{1}: expected {2} numbers as in the lines before "
                       "but got {3}",
                       where, line.number, columns, line.values.size());
    for (unsigned column = 0; column < columns; ++column)
      factor.at(row, column) = line.values[column];
  }
  return factor;
}

/// Three blocks, of `sizes` lines each.
static llvm::Expected<ForeignFactors>
blocksOf(Lines lines, std::array<size_t, 3> sizes, llvm::StringRef where) {
  ForeignFactors result;
  for (unsigned i = 0; i < 3; ++i) {
    llvm::Expected<Factor> factor = matrixOf(lines.take_front(sizes[i]), where);
    if (!factor)
      return factor.takeError();
    result.factors[i] = std::move(*factor);
    lines = lines.drop_front(sizes[i]);
  }
  return result;
}

/// The matrix in one line, product after product.
static Factor unfold(const Line &line, unsigned columns) {
  Factor factor(line.values.size() / columns, columns);
  for (unsigned row = 0; row < factor.rows(); ++row)
    for (unsigned column = 0; column < columns; ++column)
      factor.at(row, column) = line.values[size_t(row) * columns + column];
  return factor;
}

/// The dims of a first line "m k n" or "m k n r", where it is one.
static std::optional<std::array<unsigned, 3>> headOf(const Line &line) {
  if (line.values.size() != 3 && line.values.size() != 4)
    return std::nullopt;
  std::array<unsigned, 3> dims;
  for (const Rational &value : line.values)
    if (!value.isInteger() || value.numerator < 1 ||
        value.numerator > kMaxSchemeRank)
      return std::nullopt;
  for (unsigned i = 0; i < 3; ++i)
    dims[i] = line.values[i].numerator;
  return dims;
}

namespace {
/// How lines below a head stand for the three matrices.
enum class LinesAre { Entries, Products, Matrices };
} // namespace

static std::optional<LinesAre> linesBelowHead(Lines lines,
                                              std::array<size_t, 3> sizes) {
  if (lines.size() == sizes[0] + sizes[1] + sizes[2])
    return LinesAre::Entries;
  if (lines.empty() || lines.size() % 3 != 0)
    return std::nullopt;
  size_t rank = lines.size() / 3;
  bool areProducts = true, areMatrices = rank == 1;
  for (unsigned i = 0; i < 3; ++i) {
    areProducts &= lines[i * rank].values.size() == sizes[i];
    areMatrices &= lines[i * rank].values.size() % sizes[i] == 0;
  }
  return areProducts   ? std::optional(LinesAre::Products)
         : areMatrices ? std::optional(LinesAre::Matrices)
                       : std::nullopt;
}

/// The blocks below a head whose lines they are.
static llvm::Expected<ForeignFactors> readBelowHead(Lines lines,
                                                    LinesAre meaning,
                                                    std::array<size_t, 3> sizes,
                                                    llvm::StringRef where) {
  if (meaning == LinesAre::Matrices) {
    ForeignFactors result;
    for (unsigned i = 0; i < 3; ++i)
      result.factors[i] = unfold(lines[i], sizes[i]);
    result.rows = FactorRows::Products;
    return result;
  }
  size_t rank = lines.size() / 3;
  llvm::Expected<ForeignFactors> result = blocksOf(
      lines,
      meaning == LinesAre::Entries ? sizes : std::array{rank, rank, rank},
      where);
  if (result)
    result->rows = meaning == LinesAre::Entries ? FactorRows::Entries
                                                : FactorRows::Products;
  return result;
}

llvm::Expected<std::vector<ForeignFactors>>
sevenfold::readCoefficients(llvm::StringRef content, llvm::StringRef where) {
  llvm::Expected<std::vector<Line>> read = readLines(content, where);
  if (!read)
    return read.takeError();
  Lines lines = *read;
  if (lines.empty())
    return makeError("{0}: expected rows of numbers but there are none", where);
  if (auto dims = headOf(lines.front())) {
    auto [m, k, n] = *dims;
    std::array<size_t, 3> sizes = {size_t(m) * k, size_t(k) * n, size_t(m) * n};
    if (auto meaning = linesBelowHead(lines.drop_front(), sizes)) {
      llvm::Expected<ForeignFactors> result =
          readBelowHead(lines.drop_front(), *meaning, sizes, where);
      if (!result)
        return result.takeError();
      result->dims = dims;
      return std::vector<ForeignFactors>{std::move(*result)};
    }
  }
  std::vector<size_t> sizes;
  for (const Line &line : lines) {
    if (line.opensBlock)
      sizes.push_back(0);
    ++sizes.back();
  }
  if (sizes.size() != 3)
    return makeError(
        "{0}: expected three blocks of rows, apart by lines of '#' "
        "or blank ones, or a first line 'm k n' that they fit, but "
        "got {1} {2}",
        where, sizes.size(), sizes.size() == 1 ? "block" : "blocks");
  llvm::Expected<ForeignFactors> result =
      blocksOf(lines, {sizes[0], sizes[1], sizes[2]}, where);
  if (!result)
    return result.takeError();
  return std::vector<ForeignFactors>{std::move(*result)};
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

std::string sevenfold::writeCoefficients(const Scheme &scheme) {
  std::string text =
      llvm::formatv(
          "# <{0},{1},{2};{3}> over {4}: rows are the entries of A, B "
          "and C, by rows; columns are products\n",
          scheme.m, scheme.k, scheme.n, scheme.rank(),
          stringifyRing(scheme.ring))
          .str();
  llvm::StringRef between = "";
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w}) {
    text += between;
    between = "#\n";
    for (unsigned entry = 0; entry < factor->columns(); ++entry)
      for (unsigned t = 0; t < factor->rows(); ++t)
        text += toString(factor->at(t, entry)) +
                (t + 1 == factor->rows() ? "\n" : " ");
  }
  return text;
}
