//===- TrainingExample.h - What is to be learned of a position --*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What demonstrations and played games come to, and networks are trained on.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_GAME_TRAININGEXAMPLE_H
#define SEVENFOLD_SEARCH_GAME_TRAININGEXAMPLE_H

#include "search/Game/TensorGame.h"

namespace sevenfold {

struct WeightedTerm {
  RankOneTerm term;
  float weight = 0;
};

/// A position, how it should be played (weights that add up to 1), and the sum
/// of the rewards that followed.
struct TrainingExample {
  GamePosition position;
  std::vector<WeightedTerm> policy;
  float value = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_GAME_TRAININGEXAMPLE_H
