//===- Network.h - What a position is worth, and what to play ---*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The interface between the games and whatever learns them. Nothing here knows
// LibTorch: tests play with networks of a few lines, and the real ones live in
// a library of their own, loaded by the searches that learn (LoadNetwork.h).
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SEARCH_NETWORK_NETWORK_H
#define SEVENFOLD_SEARCH_NETWORK_NETWORK_H

#include "search/Game/TrainingExample.h"
#include "search/Network/NetworkOptions.h"
#include "sevenfold/Support/Random.h"

#include <string>

namespace sevenfold {

/// A move and the logarithm of the probability the network gives it.
struct CandidateMove {
  RankOneTerm term;
  float logPrior = 0;
};

struct Evaluation {
  /// The expected sum of the rewards still to come: about minus the rank.
  float value = 0;
  /// Different moves, drawn from the policy without replacement.
  std::vector<CandidateMove> candidates;
};

struct TrainingLoss {
  double policy = 0, value = 0; ///< cross entropy in nats; quantile loss
};

class Network {
public:
  virtual ~Network() = default;

  /// Up to `candidates` moves for each position, drawn with `random`.
  virtual std::vector<Evaluation>
  evaluate(const std::vector<const GamePosition *> &positions,
           unsigned candidates, Random &random) = 0;

  /// One step of the optimiser.
  virtual TrainingLoss train(const std::vector<TrainingExample> &examples) = 0;

  /// "equivariant, 4 blocks of 16 channels, 9713 parameters".
  virtual std::string describe() const = 0;

  /// Parameters and the optimiser's state, everything training depends on.
  virtual std::string save() = 0;
  /// False where `bytes` is not what `save` of a network of this kind and these
  /// sizes gave.
  virtual bool restore(const std::string &bytes) = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SEARCH_NETWORK_NETWORK_H
