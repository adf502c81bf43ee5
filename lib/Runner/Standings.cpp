//===- Standings.cpp - What is believed of candidates ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A Gaussian posterior over candidates. With K the covariance of the
// predictions' errors, D the noise of what was measured of the candidates M:
//   mean = prediction + K(:,M) (K(M,M) + D)^-1 (measured - prediction(M))
//   covariance = K - K(:,M) (K(M,M) + D)^-1 K(M,:)
// (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2.2).
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Standings.h"

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Cholesky.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// The noise that is assumed before any is known counts as so many runs; and
/// the least that is believed.
static constexpr double kNoiseRuns = 4, kLeastNoise = 0.004;

Standings::Standings(std::vector<Entrant> given, const BeliefDeviations &belief)
    : entrants(std::move(given)), belief(belief), arms(entrants.size()),
      surprises(entrants.size()) {}

Standings::Standings(const BeliefDeviations &belief, ErrorCovariance errors)
    : belief(belief), errors(std::move(errors)) {}

size_t Standings::add(Entrant entrant) {
  entrants.push_back(std::move(entrant));
  arms.emplace_back();
  surprises.push_back(0);
  isCurrent = false;
  return entrants.size() - 1;
}

void Standings::observe(size_t i, const std::vector<double> &speedups) {
  arms[i].speedups.insert(arms[i].speedups.end(), speedups.begin(),
                          speedups.end());
  isCurrent = false;
}

double sevenfold::covarianceOf(const Entrant &a, const Entrant &b,
                               const BeliefDeviations &belief) {
  double sum = belief.shared * belief.shared;
  if (a.provider == b.provider)
    sum += belief.provider * belief.provider;
  if (a.kind == b.kind)
    sum += belief.kind * belief.kind;
  return sum;
}

double Standings::covariance(size_t a, size_t b) const {
  if (errors)
    return errors(a, b) + (a == b ? surprises[a] : 0);
  double sum = covarianceOf(entrants[a], entrants[b], belief);
  return a == b ? sum + belief.own * belief.own + surprises[a] : sum;
}

/// What is that far from its prediction, in deviations, has a reason of its own
/// (a workspace that the machine has to find, an execution that misses a
/// cache): it says nothing of its kin.
static constexpr double kSurprising = 4;
/// The fewest candidates of which it can be told what is usual.
static constexpr size_t kFewestForUsual = 3;

double Standings::surpriseOf(size_t i, double residual, double noise) const {
  double usual = covariance(i, i) + noise * noise;
  double excess = residual * residual - kSurprising * kSurprising * usual;
  return std::max(excess, 0.0);
}

double Standings::noise() const {
  // Distances from a candidate's own mean, which it was fitted to.
  std::vector<double> distances;
  double freedom = 0;
  for (const Arm &arm : arms) {
    double n = double(arm.speedups.size()), mean = 0;
    if (n < 2 || arm.failed)
      continue;
    for (double speedup : arm.speedups)
      mean += speedup / n;
    for (double speedup : arm.speedups)
      distances.push_back((speedup - mean) * std::sqrt(n / (n - 1)));
    freedom += n - 1;
  }
  double found = robustDeviation(distances);
  return std::max(std::sqrt((kNoiseRuns * belief.noise * belief.noise +
                             freedom * found * found) /
                            (kNoiseRuns + freedom)),
                  kLeastNoise);
}

/// Runs that something else disturbed, as a share of all, and how far those are
/// off: on the recorded tables 16 to 20 % of the ratios are off by more than 10
/// %, to both sides.
static constexpr double kDisturbed = 0.15, kDisturbance = 0.3;
/// Predictions that are far off, as a share of all, and how far.
static constexpr double kSurprises = 0.05, kSurprise = 0.4;
/// Of so many runs each may be disturbed or not by itself; of more the median
/// tells.
static constexpr size_t kFewRuns = 5;

static double logNormal(double distance, double variance) {
  return -(distance * distance / variance + std::log(variance)) / 2;
}

/// The logarithm of the likelihood of runs, of which those in `clean` are
/// undisturbed: the mean is normal about `mean` by `variance`.
static double logLikelihood(const std::vector<double> &runs, unsigned clean,
                            double mean, double variance, double noise) {
  double sum = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    bool isClean = clean >> i & 1;
    double own = noise * noise + (isClean ? 0 : kDisturbance * kDisturbance);
    double distance = runs[i] - mean;
    sum += std::log(isClean ? 1 - kDisturbed : kDisturbed) +
           logNormal(distance, variance + own);
    double gain = variance / (variance + own);
    mean += gain * distance;
    variance *= 1 - gain;
  }
  return sum;
}

/// The probability of each of a candidate's runs that nothing disturbed it. One
/// run far from what was expected may be just that; several that agree are not.
static std::vector<double> cleanness(const std::vector<double> &runs,
                                     double expected, double variance,
                                     double noise) {
  std::vector<double> clean(runs.size());
  if (runs.size() > kFewRuns) {
    double middle = median(runs),
           wide = noise * noise + kDisturbance * kDisturbance;
    for (size_t i = 0; i < runs.size(); ++i) {
      double disturbed = kDisturbed / (1 - kDisturbed) *
                         std::exp(logNormal(runs[i] - middle, wide) -
                                  logNormal(runs[i] - middle, noise * noise));
      clean[i] = 1 / (1 + disturbed);
    }
    return clean;
  }
  std::vector<double> likelihoods(size_t(1) << runs.size());
  for (unsigned subset = 0; subset < likelihoods.size(); ++subset) {
    double usual = logLikelihood(runs, subset, expected, variance, noise),
           surprise = logLikelihood(runs, subset, expected,
                                    variance + kSurprise * kSurprise, noise);
    double larger = std::max(usual, surprise);
    likelihoods[subset] =
        larger + std::log((1 - kSurprises) * std::exp(usual - larger) +
                          kSurprises * std::exp(surprise - larger));
  }
  double highest = *std::max_element(likelihoods.begin(), likelihoods.end());
  double sum = 0;
  for (unsigned subset = 0; subset < likelihoods.size(); ++subset) {
    double weight = std::exp(likelihoods[subset] - highest);
    sum += weight;
    for (size_t i = 0; i < runs.size(); ++i)
      clean[i] += subset >> i & 1 ? weight : 0;
  }
  for (double &probability : clean)
    probability /= sum;
  return clean;
}

namespace {
/// What runs of a candidate come to: one observation, and how far it is off.
struct Summary {
  double mean = 0, variance = 0;
};
} // namespace

static Summary summarise(const std::vector<double> &runs, double expected,
                         double variance, double noise) {
  constexpr double kLeast = 0.01;
  Summary summary;
  std::vector<double> clean = cleanness(runs, expected, variance, noise);
  double sum = 0, surest = kLeast;
  for (size_t i = 0; i < runs.size(); ++i) {
    double weight = std::max(clean[i], kLeast);
    sum += weight;
    summary.mean += weight * runs[i];
    surest = std::max(surest, weight);
  }
  summary.mean /= sum;
  // Where all may have been disturbed, as much is kept of what was expected.
  summary.variance = noise * noise / sum + variance * (1 - surest) / surest;
  return summary;
}

void Standings::update() const {
  if (isCurrent)
    return;
  isCurrent = true;
  measured.clear();
  for (size_t i = 0; i < arms.size(); ++i)
    // What fails may have been measured at anything.
    if (isMeasured(i) && !hasFailed(i))
      measured.push_back(i);
  size_t n = measured.size(), all = arms.size();
  double run = noise();
  std::vector<double> factor(n * n), residual(n), noises(n);
  surprises.assign(all, 0);
  for (size_t a = 0; a < n; ++a) {
    size_t i = measured[a];
    Summary summary = summarise(arms[i].speedups, entrants[i].expected,
                                covariance(i, i), run);
    residual[a] = summary.mean - entrants[i].expected;
    noises[a] = summary.variance;
  }
  // What most share is no surprise.
  double usual = n < kFewestForUsual ? 0 : median(residual);
  for (size_t a = 0; a < n; ++a) {
    size_t i = measured[a];
    surprises[i] = surpriseOf(i, residual[a] - usual, std::sqrt(noises[a]));
    for (size_t b = 0; b <= a; ++b)
      factor[a * n + b] = covariance(measured[a], measured[b]);
    factor[a * n + a] += noises[a];
  }
  factorCholesky(factor, n);
  solveLower(factor, residual);
  means.assign(all, 0);
  columns.assign(all, std::vector<double>(n));
  for (size_t i = 0; i < all; ++i) {
    for (size_t a = 0; a < n; ++a)
      columns[i][a] = covariance(measured[a], i);
    solveLower(factor, columns[i]);
    means[i] = entrants[i].expected;
    for (size_t a = 0; a < n; ++a)
      means[i] += columns[i][a] * residual[a];
  }
}

double Standings::posterior(size_t a, size_t b) const {
  update();
  double sum = covariance(a, b);
  for (size_t k = 0; k < measured.size(); ++k)
    sum -= columns[a][k] * columns[b][k];
  return sum;
}

double Standings::mean(size_t i) const {
  update();
  return means[i];
}

double Standings::deviation(size_t i) const {
  update();
  return std::sqrt(std::max(posterior(i, i), 0.0));
}

std::vector<size_t> Standings::expected(size_t most) const {
  update();
  std::vector<size_t> order;
  for (size_t i = 0; i < size(); ++i)
    if (!hasFailed(i))
      order.push_back(i);
  size_t count = std::min(most, order.size());
  std::partial_sort(order.begin(), order.begin() + ptrdiff_t(count),
                    order.end(), [&](size_t a, size_t b) {
                      return means[a] > means[b] ||
                             (means[a] == means[b] && a < b);
                    });
  order.resize(count);
  return order;
}

std::vector<size_t> Standings::ranked() const {
  update();
  std::vector<size_t> order = measured;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return means[a] > means[b]; });
  return order;
}

std::optional<size_t> Standings::best() const {
  std::vector<size_t> order = ranked();
  if (order.empty())
    return std::nullopt;
  return order.front();
}

double Standings::promise(size_t i) const {
  std::optional<size_t> leader = best();
  if (arms[i].failed || !leader)
    return 0;
  // Where the leader is slower than the baseline, that is what is kept.
  bool isBaseline = means[*leader] < 0;
  if (*leader == i && !isBaseline)
    return 0;
  double gain = means[i], variance = posterior(i, i);
  if (!isBaseline) {
    gain -= means[*leader];
    variance += posterior(*leader, *leader) - 2 * posterior(i, *leader);
  }
  double deviation = std::sqrt(std::max(variance, 1e-12));
  return expectedAboveZero(gain, deviation);
}

std::vector<size_t> Standings::leaders(size_t most) const {
  std::optional<size_t> leader = best();
  if (!leader)
    return {};
  std::vector<std::pair<double, size_t>> open;
  for (size_t i = 0; i < size(); ++i)
    if (double own = promise(i); own > kWorthTelling)
      open.emplace_back(own, i);
  std::stable_sort(open.begin(), open.end(), [](const auto &a, const auto &b) {
    return a.first > b.first;
  });
  std::vector<size_t> list;
  if (!open.empty() && mean(*leader) >= 0)
    list.push_back(*leader);
  for (const auto &entry : open)
    if (list.size() < most)
      list.push_back(entry.second);
  return list;
}
