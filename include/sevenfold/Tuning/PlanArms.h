//===- PlanArms.h - What was seen of each candidate -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The samples of every candidate, for planners that judge each by its own
// alone.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_PLANARMS_H
#define SEVENFOLD_TUNING_PLANARMS_H

#include "sevenfold/Measure/Runner.h"

#include <optional>
#include <vector>

namespace sevenfold {

struct Observation;

class PlanArms {
public:
  explicit PlanArms(size_t candidates) : arms(candidates) {}

  void observe(const Observation &observation);

  size_t size() const { return arms.size(); }
  bool hasFailed(size_t candidate) const { return arms[candidate].failed; }
  bool isMeasured(size_t candidate) const {
    return !arms[candidate].ratios.empty();
  }
  /// Measured, and not failed.
  bool isUsable(size_t candidate) const {
    return isMeasured(candidate) && !hasFailed(candidate);
  }
  /// Median ratio so far; 0 without samples.
  double score(size_t candidate) const;
  /// The usable candidate of the highest score; among equals the first.
  std::optional<size_t> best() const;

private:
  struct Arm {
    std::vector<double> ratios;
    bool failed = false;
  };
  std::vector<Arm> arms;
};

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_PLANARMS_H
