//===- RanksPage.h - Our ranks beside published ones ------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file of published ranks, and the page that compares the catalogue with
// them (docs/ranks.md). Private to the driver.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_DRIVER_RANKSPAGE_H
#define SEVENFOLD_LIB_DRIVER_RANKSPAGE_H

#include "sevenfold/Scheme/Scheme.h"
#include "sevenfold/Scheme/StraightLine.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

namespace sevenfold {

/// What others have published of a format m <= k <= n.
struct PublishedRanks {
  std::array<unsigned, 3> dims{};
  unsigned alphaTensorZ2 = 0, alphaTensorZ = 0;
  unsigned bestZ2 = 0, bestZ = 0, bestQ = 0;
  /// Fewest additions of a scheme of rank bestZ, shared sums counted once.
  unsigned additions = 0;
};

struct PublishedTable {
  std::string alphaTensorSource, bestSource;
  std::vector<PublishedRanks> formats;
};

/// Reads python-free-configs/ranks/published.schema.json's format. Fails,
/// naming the place, on unknown keys, impossible values and repeated formats.
llvm::Expected<PublishedTable> readPublishedRanks(llvm::StringRef path);

/// The page in Markdown: the ranks of every published format, then the costs of
/// the schemes of the lowest ranks. Additions are minimised with `effort`.
std::string ranksPage(llvm::ArrayRef<Scheme> schemes,
                      const PublishedTable &published, MinimizerEffort effort);

/// The same as an array: for each format and ring "dims", "ring", "rank" of
/// ours (null where there is none), "alphatensor", "best", and of our "scheme"
/// its "additions", "growth" and "origin".
nlohmann::ordered_json ranksJson(llvm::ArrayRef<Scheme> schemes,
                                 const PublishedTable &published,
                                 MinimizerEffort effort);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_DRIVER_RANKSPAGE_H
