//===- NetworksFixture.h - What tests of networks share ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small networks of every kind, and what they say of all moves.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_TEST_UNIT_SEARCH_NETWORKSFIXTURE_H
#define SEVENFOLD_TEST_UNIT_SEARCH_NETWORKSFIXTURE_H

#include "Games.h"

#include "search/Game/BasisChange.h"
#include "search/Network/Torch/TorchNetwork.h"

#include "gtest/gtest.h"

#include <map>

namespace sevenfold {

enum class NetworkKind { Equivariant, Residual, Attentive };

inline std::unique_ptr<TorchNetwork> makeNetwork(NetworkKind kind,
                                                 const TensorGame &game,
                                                 NetworkOptions options,
                                                 unsigned seed = 1) {
  torch::manual_seed(seed);
  options.attentive = kind == NetworkKind::Attentive;
  return kind == NetworkKind::Equivariant
             ? createEquivariantNetwork(game, options)
             : createFactoredNetwork(game, options);
}

/// The log priors of all moves, which are asked for as so many candidates.
inline std::map<RankOneTerm, float> priorsOf(Network &network,
                                             const GamePosition &position,
                                             float *value = nullptr) {
  Random random(1);
  Evaluation evaluation = network.evaluate({&position}, 100000, random)[0];
  std::map<RankOneTerm, float> priors;
  for (const CandidateMove &candidate : evaluation.candidates)
    EXPECT_TRUE(priors.insert({candidate.term, candidate.logPrior}).second);
  if (value)
    *value = evaluation.value;
  return priors;
}

inline double sumOfProbabilities(const std::map<RankOneTerm, float> &priors) {
  double sum = 0;
  for (const auto &[term, logPrior] : priors)
    sum += std::exp(double(logPrior));
  return sum;
}

} // namespace sevenfold

#endif // SEVENFOLD_TEST_UNIT_SEARCH_NETWORKSFIXTURE_H
