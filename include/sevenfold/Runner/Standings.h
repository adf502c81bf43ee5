//===- Standings.h - What is believed of candidates -------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The posterior of the speedups of all candidates, measured or not: a
// prediction, what candidates of a kind have in common, and their own few noisy
// runs. The luckiest of many is shrunk to what its kin makes likely.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_RUNNER_STANDINGS_H
#define SEVENFOLD_RUNNER_STANDINGS_H

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sevenfold {

/// A promise below this, in logarithms of time, is not worth telling apart.
inline constexpr double kWorthTelling = 0.002;

/// What is known of a candidate before it runs.
struct Entrant {
  double expected = 0; ///< logarithm of the predicted speedup
  /// What predictions are wrong about together: formats, executions, borders.
  std::string kind;
  std::string provider;
  /// Is tried first whatever is expected of it.
  bool wellTried = false;
};

/// What predictions are off by, in logarithms of time, by standard deviations.
struct BeliefDeviations {
  double shared = 0.04;   ///< all together
  double provider = 0.03; ///< those of one provider together
  double kind = 0.04;     ///< those of one kind together
  double own = 0.03;      ///< each by itself
  double noise = 0.03;    ///< a run, as far as no others are known
};

/// The covariance of the errors of two different candidates' predictions; of
/// one candidate it is more by own^2.
double covarianceOf(const Entrant &a, const Entrant &b,
                    const BeliefDeviations &belief);

/// The covariance of the errors of two candidates' predictions, by their
/// numbers; of one and itself it is the variance of its error.
using ErrorCovariance = std::function<double(size_t a, size_t b)>;

/// Logarithms of speedups as normal variables: each is its prediction, plus an
/// error that all share, one of its provider, one of its kind and one of its
/// own. The deviations are those of predictions on the recorded tables
/// (docs/Rationale-measurement.md).
class Standings {
public:
  explicit Standings(std::vector<Entrant> entrants,
                     const BeliefDeviations &belief = {});
  /// Of candidates whose predictions err together as `errors` says, and not by
  /// providers and kinds. Of `belief` only the noise counts.
  Standings(const BeliefDeviations &belief, ErrorCovariance errors);

  /// A candidate more; its number.
  size_t add(Entrant entrant);

  size_t size() const { return entrants.size(); }
  const Entrant &entrant(size_t i) const { return entrants[i]; }

  /// Takes logarithms of speedups of one candidate.
  void observe(size_t i, const std::vector<double> &speedups);
  /// It is out of the question from now on, and says nothing of others.
  void fail(size_t i) {
    arms[i].failed = true;
    isCurrent = false;
  }

  bool hasFailed(size_t i) const { return arms[i].failed; }
  bool isMeasured(size_t i) const { return !arms[i].speedups.empty(); }
  size_t measurements(size_t i) const { return arms[i].speedups.size(); }

  /// What is expected of a candidate, and how far that may be off.
  double mean(size_t i) const;
  double deviation(size_t i) const;

  /// Those that have not failed and are expected to be the fastest, measured or
  /// not, the best first.
  std::vector<size_t> expected(size_t most) const;
  /// Those that have not failed, the best expected first; measured ones only.
  std::vector<size_t> ranked() const;
  /// The first of them.
  std::optional<size_t> best() const;

  /// The covariance of what is believed of two candidates.
  double posterior(size_t a, size_t b) const;

  /// By how much a run of a candidate is off, in logarithms of time.
  double noise() const;

  /// What a candidate, known exactly, would add on average to the best one, or
  /// to the baseline where that is better.
  double promise(size_t i) const;

  /// What is still worth a run, at most `most`: the best one, unless the
  /// baseline is better, and those that promise more than kWorthTelling, the
  /// most promising first. None where there are no such.
  std::vector<size_t> leaders(size_t most) const;

private:
  struct Arm {
    std::vector<double> speedups;
    bool failed = false;
  };
  /// The covariance of two predictions' errors.
  double covariance(size_t a, size_t b) const;
  /// The variance that a candidate which is far from its prediction has more
  /// than others, of its own.
  double surpriseOf(size_t i, double residual, double noise) const;
  void update() const;

  std::vector<Entrant> entrants;
  BeliefDeviations belief;
  ErrorCovariance errors; ///< empty: by providers and kinds
  std::vector<Arm> arms;

  // Of the posterior, found when asked for.
  mutable bool isCurrent = false;
  mutable std::vector<size_t> measured;
  mutable std::vector<double> means, surprises;
  /// Of each candidate, L^-1 K(M, candidate).
  mutable std::vector<std::vector<double>> columns;
};

} // namespace sevenfold

#endif // SEVENFOLD_RUNNER_STANDINGS_H
