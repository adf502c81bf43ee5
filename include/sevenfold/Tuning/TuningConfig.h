//===- TuningConfig.h - Every number of the tuner ---------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tuner's options in one struct of defaults with one table of fields, from
// which JSON, its checks and the help text come.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TUNING_TUNINGCONFIG_H
#define SEVENFOLD_TUNING_TUNINGCONFIG_H

#include "sevenfold/Support/Options.h"
#include "sevenfold/Tuning/MovePolicy.h"

namespace sevenfold {

struct TuningConfig {
  int64_t maxLevels = 3;
  int64_t maxNestedRank = 23;
  int64_t minLeaf = 256;
  int64_t minThirdLevelLeaf = 512;
  double maxRaggedFraction = 0.05;

  int64_t fairnessSize = 2048;
  int64_t fairnessPairs = 31;
  int64_t providerPairs = 11;
  int64_t firstPairs = 3;
  int64_t keepOneOf = 3;
  int64_t maxCandidates = 6;
  int64_t exhaustivePairs = 5;
  double confirmationSeconds = 120;
  double noisyWidth = 0.1;
  double price = kPriceOfRun; ///< of a run of the baseline, in plan-game
};

llvm::ArrayRef<OptionField<TuningConfig>> tuningFields();

/// Missing keys keep their defaults; unknown keys and values out of range are
/// errors that name the file and the key.
llvm::Expected<TuningConfig> readTuningConfig(llvm::StringRef path);

} // namespace sevenfold

#endif // SEVENFOLD_TUNING_TUNINGCONFIG_H
