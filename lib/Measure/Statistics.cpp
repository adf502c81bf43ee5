//===- Statistics.cpp - Speedups from paired samples ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Percentile bootstrap (Efron, 1979) of the median of ratios: it needs no
// assumption about a noise that is skewed and has outliers.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Measure/Statistics.h"

#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

static constexpr int kResamples = 10000;
/// One-sided, at either end.
static constexpr double kTail = 0.01;

/// Reorders `values`, which must not be empty.
static double medianInPlace(std::vector<double> &values) {
  size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + middle, values.end());
  double upper = values[middle];
  if (values.size() % 2)
    return upper;
  double lower = *std::max_element(values.begin(), values.begin() + middle);
  return (lower + upper) / 2;
}

double sevenfold::median(std::vector<double> values) {
  return values.empty() ? 0 : medianInPlace(values);
}

/// The place of each value among all, 0 the least; of equal ones, the mean.
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

Speedup sevenfold::estimateSpeedup(const PairSamples &samples, uint64_t seed) {
  Speedup speedup;
  std::vector<double> ratios;
  for (size_t pair = 0; pair < std::min(samples.a.size(), samples.b.size());
       ++pair)
    if (samples.a[pair] > 0 && samples.b[pair] > 0)
      ratios.push_back(samples.a[pair] / samples.b[pair]);
  if (ratios.empty())
    return speedup;
  speedup.pairs = static_cast<int>(ratios.size());
  speedup.median = median(ratios);

  Random random(seed);
  std::vector<double> medians(kResamples), resample(ratios.size());
  for (double &value : medians) {
    for (double &ratio : resample)
      ratio = ratios[random.below(ratios.size())];
    value = medianInPlace(resample);
  }
  std::sort(medians.begin(), medians.end());
  auto rank = static_cast<size_t>(std::floor(kTail * kResamples));
  speedup.low = medians[rank];
  speedup.high = medians[kResamples - 1 - rank];
  return speedup;
}

Confirmation sevenfold::judgeConfirmation(const Speedup &speedup,
                                          double noisyWidth) {
  if (speedup.low > kWinningLowerBound)
    return Confirmation::Wins;
  bool excluded = speedup.high <= kWinningLowerBound;
  return !excluded && speedup.high - speedup.low > noisyWidth
             ? Confirmation::TooNoisy
             : Confirmation::DoesNotWin;
}
