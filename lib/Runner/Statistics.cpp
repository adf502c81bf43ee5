//===- Statistics.cpp - What ratios of neighbouring runs say --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Medians, ranks and exact bounds.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Statistics.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static constexpr double kTail = 0.01;

double sevenfold::median(std::vector<double> values) {
  if (values.empty())
    return 0;
  size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + middle, values.end());
  double upper = values[middle];
  if (values.size() % 2)
    return upper;
  double lower = *std::max_element(values.begin(), values.begin() + middle);
  return (lower + upper) / 2;
}

double sevenfold::robustDeviation(const std::vector<double> &values) {
  if (values.size() < 2)
    return 0;
  double centre = median(values);
  std::vector<double> distances;
  for (double value : values)
    distances.push_back(std::abs(value - centre));
  // The upper quartile of a standard normal variable is at 0.6745.
  return median(std::move(distances)) / 0.6745;
}

static std::vector<double> ranksOf(const std::vector<double> &values) {
  std::vector<double> ranks;
  for (double value : values) {
    double below = 0, equal = 0;
    for (double other : values) {
      below += other < value;
      equal += other == value;
    }
    ranks.push_back(below + (equal - 1) / 2);
  }
  return ranks;
}

double sevenfold::expectedAboveZero(double mean, double deviation) {
  double z = mean / deviation;
  return mean * std::erfc(-z / M_SQRT2) / 2 +
         deviation * std::exp(-z * z / 2) / std::sqrt(2 * M_PI);
}

std::optional<double> sevenfold::rankCorrelation(const std::vector<double> &a,
                                                 const std::vector<double> &b) {
  if (a.size() != b.size() || a.size() < 3)
    return std::nullopt;
  std::vector<double> x = ranksOf(a), y = ranksOf(b);
  double mean = double(a.size() - 1) / 2, xy = 0, xx = 0, yy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  if (xx == 0 || yy == 0)
    return std::nullopt;
  return xy / std::sqrt(xx * yy);
}

/// How many of n sorted values lie outside a one-sided bound of the median: the
/// largest j with P(Binomial(n, 1/2) < j) <= kTail.
static size_t outsideBound(size_t n) {
  // In logarithms: 2^-n underflows for thousands of pairs.
  double logTerm = -double(n) * std::log(2.0), tail = 0;
  size_t j = 0;
  while (j < n / 2) {
    tail += std::exp(logTerm);
    if (tail > kTail)
      break;
    ++j;
    logTerm += std::log(double(n - j + 1)) - std::log(double(j));
  }
  return j;
}

Speedup sevenfold::speedupOf(std::vector<double> ratios) {
  Speedup speedup;
  if (ratios.empty())
    return speedup;
  std::sort(ratios.begin(), ratios.end());
  size_t outside = std::max<size_t>(outsideBound(ratios.size()), 1);
  speedup.pairs = int(ratios.size());
  speedup.median = median(ratios);
  speedup.low = ratios[outside - 1];
  speedup.high = ratios[ratios.size() - outside];
  return speedup;
}

Confirmation sevenfold::judgeUnproven(const Speedup &speedup,
                                      double noisyWidth) {
  bool excluded = speedup.pairs >= kFewestBoundedPairs &&
                  speedup.high <= kWinningLowerBound;
  bool narrow = speedup.pairs >= kFewestBoundedPairs &&
                speedup.high - speedup.low <= noisyWidth;
  // What only the time was too short for is no loss.
  bool promises =
      speedup.pairs >= kFewestBoundedPairs && speedup.low > kWinningLowerBound;
  return (excluded || narrow) && !promises ? Confirmation::DoesNotWin
                                           : Confirmation::TooNoisy;
}

bool sevenfold::isUnfair(const Speedup &identical) {
  return identical.pairs >= kFewestBoundedPairs &&
         (identical.low > 1 + kFairnessTolerance ||
          identical.high < 1 - kFairnessTolerance);
}
