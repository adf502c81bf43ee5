//===- PolishStrategy.cpp - Cheaper schemes of the same rank --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The walk is guided by the number of nonzeros, which a flip changes by what
// two words say; the objective itself is asked for only where a walk has come
// to few of them.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/PolishStrategy.h"

#include "search/FlipGraph/FlipGraph.h"
#include "search/FlipGraph/TermsJson.h"
#include "search/Frame/Parallel.h"
#include "sevenfold/Scheme/Verify.h"

#include <fmt/format.h>

#include <climits>
#include <cmath>

using namespace sevenfold;

/// Steps of one annealing, and its temperatures in nonzeros.
static constexpr int64_t kAnnealingSteps = 4000000;
static constexpr double kHottest = 1.5, kColdest = 0.15;

namespace {
template <unsigned W> class PolishStrategy : public SearchStrategy {
  using Graph = FlipGraph<TernaryRing, W>;
  using State = typename Graph::State;

public:
  PolishStrategy(const SearchTask &task, PolishObjective objective,
                 std::vector<State> starts)
      : target(task.target), objective(objective),
        best(std::move(starts.front())) {
    Random random(task.seed);
    for (unsigned i = 0; i < std::max(task.threads, 1u); ++i) {
      walks.emplace_back(random.next());
      walks.back().graph.assign(best);
    }
    bestCost = costOf(best);
  }

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override;
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  struct Walk {
    explicit Walk(uint64_t seed) : random(seed) {}
    Graph graph;
    Random random;
    State sparsest; ///< of the last slice
    int64_t steps = 0, moves = 0;
  };

  /// Rank first, then the objective.
  using Cost = std::pair<unsigned, double>;
  Cost costOf(const State &state) const;
  Scheme schemeOf(const State &state) const {
    return schemeOfTerms<TernaryRing>(state.terms, target.dims, target.shape);
  }
  static void run(Walk &walk, int64_t steps);
  bool isDecomposition(const State &state) const {
    return state.terms.size() <= Graph::kCapacity &&
           findWrongEntry(target, schemeOf(state)).empty();
  }

  TargetTensor target;
  PolishObjective objective;
  std::vector<Walk> walks;
  State best;
  Cost bestCost;
  bool proposed = false;
};
} // namespace

template <unsigned W>
typename PolishStrategy<W>::Cost
PolishStrategy<W>::costOf(const State &state) const {
  Scheme scheme = schemeOf(state);
  double value = objective == PolishObjective::Growth
                     ? growth(scheme).frobenius
                     : additions(scheme, MinimizerEffort::Quick).cse;
  return {scheme.rank(), value};
}

static unsigned nonzerosOf(const TermSum<TernaryRing::Word> &state) {
  unsigned count = 0;
  for (const auto &term : state.terms)
    for (TernaryRing::Word factor : term.factor)
      count += TernaryRing::nonzeros(factor);
  return count;
}

/// Flips with the temperature that the step count says.
template <unsigned W> void PolishStrategy<W>::run(Walk &walk, int64_t steps) {
  using Word = TernaryRing::Word;
  unsigned fewest = UINT_MAX;
  double progress =
      double(walk.steps % kAnnealingSteps) / double(kAnnealingSteps);
  double temperature = kHottest * std::pow(kColdest / kHottest, progress);
  // Nonzeros are few: the chances of all increases that matter.
  double chance[16];
  for (int more = 0; more < 16; ++more)
    chance[more] = std::exp(-more / temperature);
  int nonzeros = int(nonzerosOf(walk.graph.state()));
  for (int64_t i = 0; i < steps; ++i) {
    int change = 0;
    Move move = walk.graph.flip(walk.random, [&](Word y, Word nextY, Word z,
                                                 Word nextZ) {
      change = int(TernaryRing::nonzeros(nextY)) +
               int(TernaryRing::nonzeros(nextZ)) -
               int(TernaryRing::nonzeros(y)) - int(TernaryRing::nonzeros(z));
      return change <= 0 ||
             (change < 16 && walk.random.uniform() < chance[change]);
    });
    if (move == Move::None)
      break;
    if (move == Move::Rejected)
      continue;
    ++walk.moves;
    nonzeros = move == Move::Reduced ? int(nonzerosOf(walk.graph.state()))
                                     : nonzeros + change;
    if (unsigned(nonzeros) < fewest || move == Move::Reduced) {
      fewest = unsigned(nonzeros);
      walk.sparsest = walk.graph.state();
    }
  }
  walk.steps += steps;
}

template <unsigned W> SearchProgress PolishStrategy<W>::propose(int64_t steps) {
  SearchProgress progress;
  int64_t share = std::max<int64_t>(1, steps / int64_t(walks.size()));
  for (Walk &walk : walks)
    progress.moves -= walk.moves;
  forEachInParallel(walks.size(), [&](size_t i) { run(walks[i], share); });
  bool better = !proposed;
  for (Walk &walk : walks) {
    progress.moves += walk.moves;
    if (walk.sparsest.terms.empty())
      continue;
    Cost cost = costOf(walk.sparsest);
    if (cost < bestCost) {
      bestCost = cost;
      best = walk.sparsest;
      better = true;
    }
    // The next annealing starts from the best.
    if (walk.steps % kAnnealingSteps < share)
      walk.graph.assign(best);
  }
  if (better)
    progress.found = schemeOf(best);
  proposed = true;
  progress.steps = share * int64_t(walks.size());
  return progress;
}

template <unsigned W> std::string PolishStrategy<W>::describe() const {
  std::string where;
  for (const Walk &walk : walks)
    where += fmt::format(" {}", nonzerosOf(walk.graph.state()));
  return fmt::format("rank {}, {} {:g}, walking at{} nonzeros", bestCost.first,
                     objective == PolishObjective::Growth ? "growth"
                                                          : "additions",
                     bestCost.second, where);
}

template <unsigned W> nlohmann::json PolishStrategy<W>::checkpoint() const {
  nlohmann::json list = nlohmann::json::array();
  for (const Walk &walk : walks)
    list.push_back({{"random", walk.random.state()},
                    {"here", graphToJson(walk.graph)},
                    {"steps", walk.steps},
                    {"moves", walk.moves}});
  return {{"walks", list}, {"best", termsToJson(best)}};
}

template <unsigned W>
llvm::Error PolishStrategy<W>::restore(const nlohmann::json &state,
                                       llvm::StringRef where) {
  if (llvm::Error error = requireObject(state, where, {"walks", "best"}))
    return error;
  auto kept = termsFromJson<TernaryRing::Word>(state["best"]);
  if (!kept || !isDecomposition(*kept) || !state["walks"].is_array() ||
      state["walks"].size() != walks.size())
    return makeError("{0}: is not the state of {1} walks", where, walks.size());
  for (size_t i = 0; i < walks.size(); ++i) {
    const nlohmann::json &entry = state["walks"][i];
    std::string place = fmt::format("{}.walks[{}]", where.str(), i);
    if (llvm::Error error =
            requireObject(entry, place, {"random", "here", "steps", "moves"}))
      return error;
    auto generator = randomFromJson(entry["random"]);
    if (!generator)
      return makeError("{0}.random: is not a generator", place);
    for (auto [key, value] : {std::pair{"steps", &walks[i].steps},
                              std::pair{"moves", &walks[i].moves}}) {
      auto number = getInteger(entry, key, place, 0);
      if (!number)
        return number.takeError();
      *value = *number;
    }
    walks[i].random = Random(*generator);
    if (llvm::Error error = graphFromJson(
            walks[i].graph, entry["here"], place + ".here",
            [&](const State &here) { return isDecomposition(here); }))
      return error;
  }
  best = std::move(*kept);
  bestCost = costOf(best);
  proposed = true;
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createPolishStrategy(const SearchTask &task,
                                PolishObjective objective) {
  if (task.target.ring != Ring::Z || task.starts.empty())
    return makeError("expected a start over Z to make cheaper");
  std::vector<TermSum<TernaryRing::Word>> starts;
  auto terms = termsOfScheme<TernaryRing>(task.starts.front());
  if (!terms)
    return terms.takeError();
  size_t size = terms->terms.size();
  starts.push_back(std::move(*terms));
  std::unique_ptr<SearchStrategy> strategy;
  if (size <= 64)
    strategy = std::make_unique<PolishStrategy<1>>(task, objective, starts);
  else if (size <= 128)
    strategy = std::make_unique<PolishStrategy<2>>(task, objective, starts);
  else if (size <= 256)
    strategy = std::make_unique<PolishStrategy<4>>(task, objective, starts);
  else
    return makeError("walks hold up to 256 terms, the start has {0}", size);
  return strategy;
}
