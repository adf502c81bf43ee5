//===- SchemeEvaluator.h - What a scheme is worth on hardware ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The hardware term of a search's reward. Searches know this interface only;
// what runs and times schemes stands behind it (search/Hardware).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_FRAME_SCHEMEEVALUATOR_H
#define SEVENFOLD_SEARCH_FRAME_SCHEMEEVALUATOR_H

#include "sevenfold/Scheme/Scheme.h"

#include <optional>

namespace sevenfold {

class SchemeEvaluator {
public:
  virtual ~SchemeEvaluator() = default;

  /// The natural logarithm of how much faster than the baseline a scheme runs;
  /// nothing where it was not or could not be measured. May take seconds; what
  /// was measured once is not measured again.
  virtual std::optional<double> logSpeedup(const Scheme &scheme) = 0;

  /// Seconds that a scheme may be expected to take: tells which are worth
  /// measuring. Takes milliseconds.
  virtual double predictedSeconds(const Scheme &scheme) const = 0;

  /// What was measured of a scheme and on what, for its provenance; empty where
  /// nothing was.
  virtual Provenance provenanceOf(const Scheme &scheme) const = 0;

  /// What is measured on what, in a few words: two evaluators that say the same
  /// measure the same.
  virtual std::string name() const = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_FRAME_SCHEMEEVALUATOR_H
