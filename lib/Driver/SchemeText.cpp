//===- SchemeText.cpp - Schemes for people and programs to read -*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Formats reports, tables and formulas.
//
//===----------------------------------------------------------------------===//

#include "SchemeText.h"
#include "sevenfold/Scheme/Layout.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace llvm;

namespace sevenfold {
namespace {

/// "3/2 x" with the sign put between terms.
void appendTerm(std::string &sum, const Rational &coefficient,
                const std::string &symbol) {
  if (coefficient.isZero())
    return;
  bool isNegative = coefficient.numerator < 0;
  Rational magnitude = isNegative ? negate(coefficient) : coefficient;
  if (sum.empty())
    sum += isNegative ? "-" : "";
  else
    sum += isNegative ? " - " : " + ";
  if (!magnitude.isOne())
    sum += toString(magnitude) + " ";
  sum += symbol;
}

/// Indices from 1, apart where one has two digits.
std::string entryName(const char *matrix, unsigned index, unsigned columns,
                      bool isWide) {
  return fmt::format(isWide ? "{}[{},{}]" : "{}{}{}", matrix,
                     index / columns + 1, index % columns + 1);
}

std::string formatSum(unsigned size,
                      function_ref<const Rational &(unsigned)> coefficient,
                      function_ref<std::string(unsigned)> symbol) {
  std::string sum;
  for (unsigned i = 0; i < size; ++i)
    appendTerm(sum, coefficient(i), symbol(i));
  return sum.empty() ? "0" : sum;
}

/// Parentheses around everything but a lone symbol.
std::string enclose(const std::string &sum) {
  bool isSymbol = sum.find_first_of(" -") == std::string::npos;
  return isSymbol ? sum : "(" + sum + ")";
}

} // namespace

SchemeReport reportScheme(StringRef file, const Scheme &scheme,
                          MinimizerEffort effort) {
  SchemeReport report;
  report.file = file.str();
  report.name = scheme.name;
  report.ring = stringifyRing(scheme.ring).str();
  report.dims = {scheme.m, scheme.k, scheme.n};
  report.rank = scheme.rank();
  report.nonzeros = nonzeros(scheme);
  report.verification = verifyLayouts(scheme);
  report.additions = additions(scheme, effort);
  report.growth = growth(scheme);
  // Larger tensors would take longer than anybody waits.
  constexpr double kMostWork = 2e8;
  double entries =
      double(scheme.u.columns()) * scheme.v.columns() * scheme.w.columns();
  if (scheme.ring == Ring::R && entries * scheme.rank() <= kMostWork)
    report.spectralBound = spectralBound(scheme);
  return report;
}

nlohmann::ordered_json reportToJson(const SchemeReport &report) {
  nlohmann::ordered_json object;
  object["file"] = report.file;
  object["name"] = report.name;
  object["dims"] = report.dims;
  object["ring"] = report.ring;
  object["exact"] = report.verification.exact;
  object["reason"] = report.verification.reason;
  if (report.ring == "R") {
    object["residual"] = report.verification.residual;
    object["relative_error"] = report.verification.relativeError;
    if (report.spectralBound)
      object["spectral_bound"] = *report.spectralBound;
  }
  object["rank"] = report.rank;
  object["nonzeros"] = report.nonzeros;
  object["additions"] = {{"naive", report.additions.naive},
                         {"cse", report.additions.cse}};
  object["growth"] = report.growth.max;
  object["growth_frobenius"] = report.growth.frobenius;
  return object;
}

std::string formatTable(const std::vector<std::vector<std::string>> &rows,
                        const std::vector<bool> &isNumeric) {
  std::vector<size_t> widths(isNumeric.size());
  for (const auto &row : rows)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      line += isNumeric[i] ? fmt::format("{:>{}}  ", row[i], widths[i])
                           : fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string formatFormulas(const Scheme &scheme) {
  bool isWide = std::max({scheme.m, scheme.k, scheme.n}) > 9;
  std::string text;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    std::string left = formatSum(
        scheme.u.columns(),
        [&](unsigned i) -> const Rational & { return scheme.u.at(t, i); },
        [&](unsigned i) { return entryName("a", i, scheme.k, isWide); });
    std::string right = formatSum(
        scheme.v.columns(),
        [&](unsigned i) -> const Rational & { return scheme.v.at(t, i); },
        [&](unsigned i) { return entryName("b", i, scheme.n, isWide); });
    text += fmt::format("m{} = {} {}\n", t + 1, enclose(left), enclose(right));
  }
  for (unsigned c = 0; c < scheme.w.columns(); ++c) {
    std::string sum = formatSum(
        scheme.rank(),
        [&](unsigned t) -> const Rational & { return scheme.w.at(t, c); },
        [&](unsigned t) { return fmt::format("m{}", t + 1); });
    text += fmt::format("{} = {}\n", entryName("c", c, scheme.n, isWide), sum);
  }
  return text;
}

} // namespace sevenfold
