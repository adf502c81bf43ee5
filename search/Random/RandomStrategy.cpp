//===- RandomStrategy.cpp - Search by random terms ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An attempt is done whole within one slice of the loop, so that all there is
// to remember between two of them are the generators and the best rank.
//
//===----------------------------------------------------------------------===//

#include "search/Random/RandomStrategy.h"

#include "search/Frame/Parallel.h"
#include "search/Frame/RandomState.h"
#include "search/Random/Residual.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <climits>

using namespace sevenfold;

/// Random terms that the best is taken of.
static constexpr unsigned kProposals = 8;
/// Draws in vain before an attempt is given up.
static constexpr unsigned kMaxFailures = 256;
/// Steps that a term looked at counts as: it takes as long as many flips.
static constexpr int64_t kStepsPerProposal = 64;

namespace {
class RandomStrategy : public SearchStrategy {
public:
  RandomStrategy(const SearchTask &task) : target(task.target) {
    limits = {task.minCoefficient, task.maxCoefficient};
    if (target.ring == Ring::Z2)
      limits = {0, 1};
    Random random(task.seed);
    for (unsigned i = 0; i < std::max(task.threads, 1u); ++i)
      walkers.emplace_back(Random(random.next()));
  }

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override {
    return fmt::format("best rank {}", best);
  }
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  using Terms = std::vector<ResidualTerm>;
  struct Walker {
    explicit Walker(Random random) : random(random) {}
    Random random;
    Terms found; ///< fewest of this slice; empty where there are none
    int64_t proposals = 0, moves = 0;
  };

  void attempt(Walker &walker, unsigned limit) const;
  Scheme schemeOf(const Terms &terms) const;

  TargetTensor target;
  CoefficientLimits limits;
  std::vector<Walker> walkers;
  unsigned best = UINT_MAX;
};
} // namespace

/// Takes terms off the tensor until nothing is left, or there cannot be fewer
/// than `limit` of them.
void RandomStrategy::attempt(Walker &walker, unsigned limit) const {
  Residual residual(target, unsigned(walker.random.below(3)));
  Terms terms;
  while (residual.totalRank() != 0) {
    if (terms.size() + residual.mostRank() >= limit)
      return;
    std::optional<ResidualTerm> chosen;
    for (unsigned drawn = 0, failed = 0;
         drawn < kProposals && failed < kMaxFailures;) {
      auto term = residual.propose(walker.random, limits);
      ++walker.proposals;
      if (!term) {
        ++failed;
        continue;
      }
      ++drawn;
      if (!chosen || term->gain > chosen->gain)
        chosen = std::move(term);
    }
    if (!chosen)
      return;
    residual.subtract(*chosen);
    terms.push_back(std::move(*chosen));
    ++walker.moves;
  }
  walker.found = std::move(terms);
}

Scheme RandomStrategy::schemeOf(const Terms &terms) const {
  Scheme scheme;
  scheme.m = target.dims[0], scheme.k = target.dims[1],
  scheme.n = target.dims[2];
  scheme.ring = target.ring;
  Factor *factors[3] = {&scheme.u, &scheme.v, &scheme.w};
  for (unsigned mode = 0; mode < 3; ++mode) {
    *factors[mode] = Factor(unsigned(terms.size()), target.shape[mode]);
    for (unsigned t = 0; t < terms.size(); ++t)
      for (unsigned e = 0; e < target.shape[mode]; ++e)
        factors[mode]->at(t, e) = Rational{terms[t].factor[mode][e], 1};
  }
  return scheme;
}

SearchProgress RandomStrategy::propose(int64_t steps) {
  SearchProgress progress;
  int64_t share =
      std::max<int64_t>(1, steps / kStepsPerProposal / int64_t(walkers.size()));
  forEachInParallel(walkers.size(), [&](size_t i) {
    Walker &walker = walkers[i];
    walker.found.clear();
    walker.proposals = walker.moves = 0;
    unsigned limit = best;
    while (walker.proposals < share) {
      attempt(walker, limit);
      if (!walker.found.empty())
        limit = unsigned(walker.found.size());
    }
  });
  for (const Walker &walker : walkers) {
    progress.steps += walker.proposals * kStepsPerProposal;
    progress.moves += walker.moves;
    if (walker.found.empty() || walker.found.size() >= best)
      continue;
    best = unsigned(walker.found.size());
    progress.found = schemeOf(walker.found);
  }
  return progress;
}

nlohmann::json RandomStrategy::checkpoint() const {
  nlohmann::json generators = nlohmann::json::array();
  for (const Walker &walker : walkers)
    generators.push_back(walker.random.state());
  return {{"random", generators}, {"best", best}};
}

llvm::Error RandomStrategy::restore(const nlohmann::json &state,
                                    llvm::StringRef where) {
  if (llvm::Error error = requireObject(state, where, {"random", "best"}))
    return error;
  auto rank = getInteger(state, "best", where, 1, UINT_MAX);
  if (!rank)
    return rank.takeError();
  const nlohmann::json &generators = state["random"];
  if (!generators.is_array() || generators.size() != walkers.size())
    return makeError("{0}.random: expected {1} generators", where,
                     walkers.size());
  for (size_t i = 0; i < walkers.size(); ++i) {
    auto generator = randomFromJson(generators[i]);
    if (!generator)
      return makeError("{0}.random[{1}]: is not a generator", where, i);
    walkers[i].random = Random(*generator);
  }
  best = unsigned(*rank);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createRandomStrategy(const SearchTask &task) {
  if (task.target.ring != Ring::Z2 && task.target.ring != Ring::Z)
    return makeError("expected ring Z2 or Z for random terms but got {0}",
                     stringifyRing(task.target.ring));
  return std::make_unique<RandomStrategy>(task);
}
