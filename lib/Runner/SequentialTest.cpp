//===- SequentialTest.cpp - A test for every look -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Wealth of several stakes, multiplied pair by pair.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/SequentialTest.h"

#include <algorithm>
#include <cassert>
#include <cmath>

using namespace sevenfold;

/// In standard errors of the share of ratios that exceed the threshold.
static constexpr double kGenerosity = 3;

SequentialTest::SequentialTest(double threshold, double alpha)
    : threshold(threshold), required(1 / alpha) {
  assert(alpha > 0 && alpha < 1 && "a level is a probability");
  wealths.fill(1);
}

void SequentialTest::add(double ratio) {
  bool exceeds = ratio > threshold;
  ++added;
  exceeding += exceeds;
  for (size_t i = 0; i < kStakes.size(); ++i)
    wealths[i] *= exceeds ? 1 + kStakes[i] : 1 - kStakes[i];
  proven = proven || wealth() >= required;
}

double SequentialTest::wealth() const {
  double sum = 0;
  for (double own : wealths)
    sum += own;
  return sum / double(kStakes.size());
}

bool SequentialTest::isOpen(int more) const {
  if (proven || added == 0)
    return true;
  double n = added;
  // One of each is added, so that few ratios promise neither all nor nothing.
  double share = (exceeding + 1) / (n + 2);
  double hoped =
      std::min(share + kGenerosity * std::sqrt(share * (1 - share) / n), 1.0);
  double best = 0;
  for (size_t i = 0; i < kStakes.size(); ++i) {
    double growth =
        hoped * std::log1p(kStakes[i]) + (1 - hoped) * std::log1p(-kStakes[i]);
    best = std::max(best, wealths[i] * std::exp(growth * more));
  }
  return best / double(kStakes.size()) >= required;
}
