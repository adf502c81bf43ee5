//===- SchemeText.h - Schemes for people and programs to read ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON objects, table rows and formulas the scheme commands print.
// Private to the driver.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_SCHEMETEXT_H
#define SEVENFOLD_LIB_DRIVER_SCHEMETEXT_H

#include "sevenfold/Scheme/Verify.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// What the commands say about one scheme.
struct SchemeReport {
  std::string file; ///< as the user named it
  std::string name, ring;
  std::array<unsigned, 3> dims{};
  unsigned rank = 0, nonzeros = 0;
  Verification verification;
  Additions additions;
  Growth growth;
  /// Of what a scheme over R misses; nothing for exact rings and large formats.
  std::optional<double> spectralBound;
};

SchemeReport reportScheme(llvm::StringRef file, const Scheme &scheme,
                          MinimizerEffort effort);

/// Keys file, name, dims, ring, exact, reason, rank, nonzeros,
/// additions{naive,cse}, growth, growth_frobenius.
nlohmann::ordered_json reportToJson(const SchemeReport &report);

/// A table with a head line; columns as wide as their widest cell, numbers to
/// the right (a column is one of numbers where `isNumeric` says so).
std::string formatTable(const std::vector<std::vector<std::string>> &rows,
                        const std::vector<bool> &isNumeric);

/// The products and outputs in the notation of the papers:
///   m1 = (a11 + a22) (b11 + b22)
///   c11 = m1 + m4 - m5 + m7
std::string formatFormulas(const Scheme &scheme);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_SCHEMETEXT_H
