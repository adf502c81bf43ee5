//===- RangeTuner.h - Plans for ranges of sizes -----------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tunes matmuls of which m is known only when the code runs.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_RANGETUNER_H
#define SEVENFOLD_TUNING_RANGETUNER_H

#include "sevenfold/Plan/WorkloadRange.h"
#include "sevenfold/Tuning/Tuner.h"

namespace sevenfold {

/// Records plans at sizes of each range that are chosen on the way: the best at
/// its end, and how far down that one wins; where it has won at two sizes it is
/// measured between them as well. Reports of all sizes are appended. What a
/// budget does not reach is left to libraries.
llvm::Expected<TuneResult> tuneRanges(llvm::ArrayRef<WorkloadRange> ranges,
                                      const TuneParts &parts,
                                      const TuneOptions &options,
                                      Budget &budget);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_RANGETUNER_H
