//===- SchemeOptimizer.cpp - Cheaper bases for a scheme ---------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An annealed walk over the bases of A's rows, the inner dimension and B's
// columns.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Scheme/SchemeOptimizer.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"

#include <cmath>

using namespace llvm;

namespace sevenfold {
namespace {

Factor identity(unsigned size) {
  Factor matrix(size, size);
  for (unsigned i = 0; i < size; ++i)
    matrix.at(i, i) = Rational{1, 1};
  return matrix;
}

/// What the walk compares.
struct Cost {
  double additions = 0, growth = 0;
};

Cost measure(const Scheme &scheme, MinimizerEffort effort) {
  return {double(additions(scheme, effort).cse), growth(scheme).max};
}

class Walk {
public:
  Walk(const Scheme &start, const SchemeOptimizerOptions &options)
      : options(options), start(start), best(start), current(start),
        startCost(measure(start, MinimizerEffort::Quick)),
        startNonzeros(nonzeros(start)), random(options.seed) {
    bestScore = currentScore = score(startCost);
  }

  Scheme run() {
    constexpr double kFirstTemperature = 0.08;
    for (unsigned step = 0; step < options.steps; ++step) {
      double temperature =
          kFirstTemperature * (1 - double(step) / options.steps);
      // A walk that strayed far returns to the best now and then.
      if (random.below(200) == 0) {
        current = best;
        currentScore = bestScore;
      }
      tryStep(temperature);
    }
    return best;
  }

private:
  double ratio(double value, double reference) const {
    return reference > 0 ? value / reference : 1 + value;
  }
  double score(const Cost &cost) const {
    double additions = ratio(cost.additions, startCost.additions);
    double growth = ratio(cost.growth, startCost.growth);
    switch (options.objective) {
    case SchemeObjective::Balanced:
      return (additions + growth) / 2;
    // The other cost only breaks ties.
    case SchemeObjective::Additions:
      return additions + 1e-4 * growth;
    case SchemeObjective::Growth:
      return growth + 1e-4 * additions;
    }
    return 0;
  }
  bool isAllowedAsBest(const Cost &cost) const {
    if (options.objective != SchemeObjective::Balanced)
      return true;
    return cost.additions <= startCost.additions &&
           cost.growth <= startCost.growth;
  }

  void tryStep(double temperature) {
    std::optional<Scheme> candidate = neighbour();
    if (!candidate)
      return;
    // Far denser schemes are not worth the minimiser's time.
    if (nonzeros(*candidate) > 2 * startNonzeros)
      return;
    Cost cost = measure(*candidate, MinimizerEffort::Quick);
    double found = score(cost);
    if (found < bestScore && isAllowedAsBest(cost)) {
      best = *candidate;
      bestScore = found;
    }
    bool isTaken =
        found <= currentScore ||
        (temperature > 0 &&
         random.uniform() < std::exp((currentScore - found) / temperature));
    if (!isTaken)
      return;
    current = std::move(*candidate);
    currentScore = found;
  }

  /// `current` after one or two elementary changes of basis; nothing where a
  /// coefficient overflows.
  std::optional<Scheme> neighbour() {
    Factor bases[] = {identity(current.m), identity(current.k),
                      identity(current.n)};
    unsigned changes = 1 + random.below(2);
    bool isChanged = false;
    for (unsigned i = 0; i < changes; ++i) {
      Factor &basis = bases[random.below(3)];
      if (basis.rows() < 2)
        continue;
      unsigned row = random.below(basis.rows());
      unsigned column = random.below(basis.rows() - 1);
      column += column >= row;
      int64_t sign = start.ring != Ring::Z2 && random.below(2) ? -1 : 1;
      basis.at(row, column) = Rational{sign, 1};
      // I +- E_ij +- E_ji may be singular: changeBasis refuses it below.
      isChanged = true;
    }
    if (!isChanged)
      return std::nullopt;
    Expected<Scheme> changed =
        changeBasis(current, bases[0], bases[1], bases[2]);
    if (!changed) {
      consumeError(changed.takeError());
      return std::nullopt;
    }
    return std::move(*changed);
  }

  const SchemeOptimizerOptions &options;
  const Scheme &start;
  Scheme best, current;
  Cost startCost;
  unsigned startNonzeros;
  double bestScore = 0, currentScore = 0;
  Random random;
};

/// Whether a longer minimisation agrees that `candidate` is no worse.
bool isConfirmed(const Scheme &scheme, const Scheme &candidate,
                 SchemeObjective objective) {
  Cost before = measure(scheme, MinimizerEffort::Normal);
  Cost after = measure(candidate, MinimizerEffort::Normal);
  switch (objective) {
  case SchemeObjective::Balanced:
    return after.additions <= before.additions && after.growth <= before.growth;
  case SchemeObjective::Additions:
    return after.additions <= before.additions;
  case SchemeObjective::Growth:
    return after.growth <= before.growth;
  }
  return false;
}

} // namespace

Expected<Scheme> optimizeScheme(const Scheme &scheme,
                                const SchemeOptimizerOptions &options) {
  Verification before = verify(scheme);
  if (!before.exact)
    return makeError("expected an exact scheme but in '{0}' {1}", scheme.name,
                     before.reason);
  Scheme best = Walk(scheme, options).run();
  if (best.u == scheme.u && best.v == scheme.v && best.w == scheme.w)
    return scheme;
  if (!isConfirmed(scheme, best, options.objective))
    return scheme;
  // Exactness is a theorem about changeBasis; it is checked all the same.
  Verification after = verify(best);
  if (!after.exact)
    return makeError("a change of basis of '{0}' is not exact: {1}",
                     scheme.name, after.reason);
  best.provenance = scheme.provenance;
  best.provenance.emplace_back("optimized",
                               formatv("{0} changes of basis tried from seed "
                                       "{1}",
                                       options.steps, options.seed)
                                   .str());
  return normalizeSigns(best);
}

Scheme normalizeSigns(const Scheme &scheme) {
  Scheme result = scheme;
  if (scheme.ring == Ring::Z2)
    return result;
  for (Factor *factor : {&result.u, &result.v})
    for (unsigned t = 0; t < factor->rows(); ++t) {
      unsigned lead = 0;
      while (lead < factor->columns() && factor->at(t, lead).isZero())
        ++lead;
      if (lead == factor->columns() || factor->at(t, lead).numerator > 0)
        continue;
      for (unsigned column = 0; column < factor->columns(); ++column)
        factor->at(t, column) = negate(factor->at(t, column));
      for (unsigned column = 0; column < result.w.columns(); ++column)
        result.w.at(t, column) = negate(result.w.at(t, column));
    }
  return result;
}

} // namespace sevenfold
