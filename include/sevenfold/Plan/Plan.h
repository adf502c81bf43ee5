//===- Plan.h - How a matrix multiplication is carried out ------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plan: the levels of bilinear schemes applied to a matmul, what multiplies
// the smallest blocks, and what happens to ragged edges. Its JSON form is a
// binding contract; `#sevenfold.plan` says the same in IR.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_PLAN_PLAN_H
#define SEVENFOLD_PLAN_PLAN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

/// How the products of one level are carried out.
///   Breadth: all operand sums are formed by one combine a side.
///   Depth:   one product at a time, each with its own two sums; least
///            workspace.
///   Fused:   one product at a time, by code that forms its sums as it loads
///            and adds to all its blocks of C; no workspace but what a product
///            packs. Of the innermost level, by provider "codegen".
enum class Execution { Breadth, Depth, Fused };

llvm::StringRef stringifyExecution(Execution execution);
std::optional<Execution> parseExecution(llvm::StringRef text);

/// What happens to dimensions a scheme does not divide: the largest divisible
/// part is transformed and the border multiplied classically (`Peel`), or the
/// operands are extended with zeros (`Pad`).
enum class Ragged { Peel, Pad };

llvm::StringRef stringifyRagged(Ragged ragged);
std::optional<Ragged> parseRagged(llvm::StringRef text);

/// Whether operands are multiplied by powers of two first, which is exact: each
/// row of A and each column of B by the one that brings its largest number
/// between 1 and 2 (`Rows`; "outside scaling" of Ballard, Benson, Druinsky,
/// Lipshitz and Schwartz, SIAM J. Matrix Anal. Appl. 37, 2016, after
/// Dumitrescu, Numer. Math. 79, 1998). What a plan rounds is then small beside
/// each row and column, as in the classical algorithm, and not only beside the
/// largest ones.
enum class Scaling { None, Rows };

llvm::StringRef stringifyScaling(Scaling scaling);
std::optional<Scaling> parseScaling(llvm::StringRef text);

/// One application of a catalogue scheme to a block partition.
struct Level {
  std::string scheme;
  Execution execution = Execution::Breadth;
  /// True where this level and the one after it are one tensor-product scheme,
  /// whose operand sums are formed in a single combine. JSON: "composed".
  bool composed = false;

  bool operator==(const Level &other) const;
};

/// The greatest number of levels a plan may have.
inline constexpr unsigned kMaxLevels = 3;
/// The greatest `slab`.
inline constexpr int64_t kMaxSlab = 65536;

/// Levels from the outermost inwards. No levels: the classical algorithm.
struct Plan {
  std::vector<Level> levels;
  /// Provider of the smallest products: "openblas", "onednn", "blis", "mkl",
  /// "codegen"; empty: the best one present on the device.
  std::string provider;
  Ragged ragged = Ragged::Peel;
  /// How deep k is packed at a time by "codegen" on the host; 0: what suits the
  /// caches. JSON: "slab".
  int64_t slab = 0;
  /// Whether the products of a fused level are multiplied together by the host,
  /// one after another for each panel, so that C is read and written once; it
  /// needs cache for the sums of all of them. JSON: "together".
  bool together = false;
  /// Of f32 and f64, and of plans with levels. JSON: "scaling".
  Scaling scaling = Scaling::None;

  bool operator==(const Plan &other) const;
  /// Whether the innermost level is fused.
  bool hasFusedLevel() const;
  /// A short text for remarks and tables, e.g.
  /// "2x2x2-r7-winograd/breadth, 2x2x2-r7/depth; onednn; peel", or
  /// "classical; onednn".
  std::string str() const;
};

/// {"levels":[{"scheme":..,"execution":..,"composed":true?}],
///  "kernel":{"provider":..,"slab":512?,"together":true?},"ragged":..,
///  "scaling":"rows"?}
nlohmann::json toJson(const Plan &plan);
/// Strict: unknown keys, unknown words, more than kMaxLevels levels and a
/// `composed` last level are errors that name the place ("levels[1].scheme").
/// Scheme names are not looked up here. Missing `levels`, `kernel` and
/// `ragged` take their defaults.
llvm::Expected<Plan> planFromJson(const nlohmann::json &json);
llvm::Expected<Plan> parsePlan(llvm::StringRef text);
/// Reads a plan file; errors name the file.
llvm::Expected<Plan> readPlanFile(llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_PLAN_PLAN_H
