//===- Block.cpp - A few functions in rounds ------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Orders of blocks, and the two-way fit.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Block.h"

#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace sevenfold;

/// Enough for medians to settle; more sweeps change nothing that matters.
static constexpr int kSweeps = 8;

size_t sevenfold::blockSize(double seconds) {
  double fitting = kBlockSeconds / std::max(seconds, 1e-9);
  return size_t(std::clamp(fitting, 1.0, double(kBlockArms)));
}

std::vector<size_t> sevenfold::blockOrder(size_t candidates, int rounds,
                                          Random &random) {
  std::vector<size_t> order, arms;
  for (size_t arm = 1; arm <= candidates; ++arm)
    arms.push_back(arm);
  for (int round = 0; round < rounds; ++round) {
    order.push_back(0);
    for (size_t i = 1; i < arms.size(); ++i)
      std::swap(arms[i], arms[random.below(i + 1)]);
    order.insert(order.end(), arms.begin(), arms.end());
  }
  order.push_back(0);
  return order;
}

std::vector<std::vector<double>>
sevenfold::blockSpeedups(const std::vector<size_t> &order,
                         const std::vector<double> &seconds,
                         size_t candidates) {
  assert(order.size() == seconds.size() && "every run was timed");
  size_t width = candidates + 1, rounds = order.size() / width;
  std::vector<double> arm(width, 0), round(rounds, 0);
  // The last run of the baseline belongs to the round before it.
  auto roundOf = [&](size_t i) { return std::min(i / width, rounds - 1); };
  auto residuals = [&](auto belongs) {
    std::vector<double> list;
    for (size_t i = 0; i < order.size(); ++i)
      if (belongs(i))
        list.push_back(std::log(seconds[i]) - arm[order[i]] -
                       round[roundOf(i)]);
    return list;
  };
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (size_t a = 0; a < width; ++a)
      arm[a] += median(residuals([&](size_t i) { return order[i] == a; }));
    for (size_t r = 0; r < rounds; ++r)
      round[r] += median(residuals([&](size_t i) { return roundOf(i) == r; }));
  }
  std::vector<std::vector<double>> speedups(candidates);
  for (size_t i = 0; i < order.size(); ++i)
    if (order[i] != 0)
      speedups[order[i] - 1].push_back(arm[0] + round[roundOf(i)] -
                                       std::log(seconds[i]));
  return speedups;
}
