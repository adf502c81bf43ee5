//===- ConfirmSpeedup.h - One comparison of two artefacts -------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whether one artefact is faster than another, beyond a given doubt and within
// a given time. Private to the library.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_LIB_TUNING_CONFIRMSPEEDUP_H
#define SEVENFOLD_LIB_TUNING_CONFIRMSPEEDUP_H

#include "sevenfold/Measure/Statistics.h"

namespace sevenfold {

/// What a comparison says of the speedup of `b` over `a`.
enum class Comparison {
  Above,     ///< it exceeds the threshold
  NotShown,  ///< that was not shown
  OutOfTime, ///< too few pairs fit into the time to show anything
  Failed     ///< one of them failed; the samples have the status
};

struct ComparedSpeedup {
  Comparison outcome = Comparison::OutOfTime;
  PairSamples samples; ///< all that were measured
  Speedup speedup;     ///< estimated from them
};

/// Measures adjacent pairs. `Above` where the speedup exceeds `threshold`,
/// which is wrong with a probability of at most `alpha`, by the sign test on
/// the ratios of the pairs, and where the lower bound does so too. The first
/// pairs tell whether the others fit into `secondsCap`.
ComparedSpeedup confirmSpeedup(Runner &runner, const Artefact &a,
                               const Artefact &b, double threshold,
                               double alpha, double secondsCap,
                               uint64_t seed = 0);

} // namespace sevenfold

#endif // SEVENFOLD_LIB_TUNING_CONFIRMSPEEDUP_H
