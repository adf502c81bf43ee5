//===- ForeignFactors.h - What a foreign file holds -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three matrices of numbers as a file lists them, before anybody knows in which
// layout, the readers of each format that give them, and the writers. Private.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_SCHEME_FOREIGN_FOREIGNFACTORS_H
#define SEVENFOLD_LIB_SCHEME_FOREIGN_FOREIGNFACTORS_H

#include "sevenfold/Scheme/ForeignScheme.h"

#include <vector>

namespace sevenfold {

/// Whether a row of the three matrices is a product or an entry of A, B or C.
enum class FactorRows { Products, Entries, Unknown };

/// U, V and W as they stand in the file.
struct ForeignFactors {
  std::array<Factor, 3> factors;
  FactorRows rows = FactorRows::Unknown;
  /// m, k and n where the file says them.
  std::optional<std::array<unsigned, 3>> dims;
  /// Where in the file, for errors; empty where it is all.
  std::string place;
};

/// Numbers of one matrix: the largest rank and operand of SchemeFile.h.
constexpr size_t kMaxFactorNumbers = size_t(1) << 20;
/// Numbers of all matrices of a file, 256 MiB of them: more than all schemes
/// that anybody published in one file.
constexpr size_t kMaxForeignNumbers = size_t(1) << 24;

/// The scheme by rows of factors in the layout, among all that there are, that
/// is exact: over Z or Q rather than modulo 2 only, and the project's own
/// rather than another's. Name and provenance are left empty. Fails on shapes
/// that no m, k, n and rank have, or that are not those the file says.
llvm::Expected<ForeignScheme> guessLayout(ForeignFactors factors,
                                          llvm::StringRef where);

/// The readers, each of all schemes in a content of its format. The archive's
/// leaves members out whose names say other dims than `select`.
llvm::Expected<std::vector<ForeignFactors>>
readNpz(llvm::StringRef content, llvm::StringRef where,
        std::optional<std::array<unsigned, 3>> select);
llvm::Expected<std::vector<ForeignFactors>>
readCoefficients(llvm::StringRef content, llvm::StringRef where);
llvm::Expected<std::vector<ForeignFactors>>
readExpressions(llvm::StringRef content, llvm::StringRef where);
llvm::Expected<std::vector<ForeignFactors>>
readJsonLists(llvm::StringRef content, llvm::StringRef where);

/// The writers.
llvm::Expected<std::string> writeNpz(const Scheme &scheme);
std::string writeCoefficients(const Scheme &scheme);
llvm::Expected<std::string> writeFormulas(const Scheme &scheme);
llvm::Expected<std::string> writeTrilinear(const Scheme &scheme);
std::string writeJsonLists(const Scheme &scheme);

/// "3", "-1/8", "0.125", "1e-3"; nothing where the text is none of them, or
/// what it says is not finite or does not fit.
std::optional<Rational> coefficientFromText(llvm::StringRef text);

/// The fraction that somebody rounded to a double or a float: the first p/q
/// with q up to 64 that rounds to it, else its decimal. Nothing where it is not
/// finite or does not fit.
std::optional<Rational> coefficientFromDouble(double value);
std::optional<Rational> coefficientFromFloat(float value);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_SCHEME_FOREIGN_FOREIGNFACTORS_H
