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
#include "search/FlipGraph/MeasuredChoice.h"
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
      : target(task.target), objective(objective), starts(std::move(starts)),
        best(this->starts.front()) {
    Random random(task.seed);
    for (unsigned i = 0; i < std::max(task.threads, 1u); ++i) {
      walks.emplace_back(random.next());
      walks.back().graph.assign(this->starts[i % this->starts.size()]);
    }
    bestCost = costOf(best);
    if (objective != PolishObjective::Time)
      return;
    choice.emplace(*task.evaluator);
    evaluator = task.evaluator;
    for (const State &start : this->starts)
      choice->offer(schemeOf(start));
    startsToMeasure = this->starts.size();
  }

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override;
  nlohmann::json settings() const override;
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

  void judge(SearchProgress &progress);
  void measure(bool afterAnnealing, SearchProgress &progress);

  /// Rank first, then the objective; by time, the nonzeros, which only guide.
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
  std::vector<State> starts;
  State best;
  Cost bestCost;
  bool proposed = false;

  /// By time only.
  std::optional<MeasuredChoice> choice;
  SchemeEvaluator *evaluator = nullptr;
  size_t startsToMeasure = 0;
};
} // namespace

static unsigned nonzerosOf(const TermSum<TernaryRing::Word> &state) {
  unsigned count = 0;
  for (const auto &term : state.terms)
    for (TernaryRing::Word factor : term.factor)
      count += TernaryRing::nonzeros(factor);
  return count;
}

template <unsigned W>
typename PolishStrategy<W>::Cost
PolishStrategy<W>::costOf(const State &state) const {
  Scheme scheme = schemeOf(state);
  switch (objective) {
  case PolishObjective::Growth:
    return {scheme.rank(), growth(scheme).frobenius};
  case PolishObjective::Additions:
    return {scheme.rank(), additions(scheme, MinimizerEffort::Quick).cse};
  case PolishObjective::Time:
    return {scheme.rank(), nonzerosOf(state)};
  }
  llvm_unreachable("all objectives are listed");
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

/// What the walks have come to, where the objective is computed.
template <unsigned W> void PolishStrategy<W>::judge(SearchProgress &progress) {
  bool better = !proposed;
  for (const Walk &walk : walks) {
    if (walk.sparsest.terms.empty())
      continue;
    Cost cost = costOf(walk.sparsest);
    if (cost < bestCost) {
      bestCost = cost;
      best = walk.sparsest;
      better = true;
    }
  }
  if (better)
    progress.found = schemeOf(best);
}

/// What the walks have come to, where the objective is measured.
template <unsigned W>
void PolishStrategy<W>::measure(bool afterAnnealing, SearchProgress &progress) {
  if (startsToMeasure > 0) {
    --startsToMeasure;
  } else {
    for (const Walk &walk : walks)
      if (!walk.sparsest.terms.empty())
        choice->offer(schemeOf(walk.sparsest));
    if (!afterAnnealing)
      return;
  }
  if (!choice->measureNext())
    return;
  best = llvm::cantFail(termsOfScheme<TernaryRing>(*choice->best()));
  bestCost = costOf(best);
  progress.found = *choice->best();
  progress.provenance = evaluator->provenanceOf(*choice->best());
}

template <unsigned W> SearchProgress PolishStrategy<W>::propose(int64_t steps) {
  SearchProgress progress;
  int64_t share = std::max<int64_t>(1, steps / int64_t(walks.size()));
  for (Walk &walk : walks)
    progress.moves -= walk.moves;
  forEachInParallel(walks.size(), [&](size_t i) { run(walks[i], share); });
  bool afterAnnealing = false;
  for (const Walk &walk : walks) {
    progress.moves += walk.moves;
    afterAnnealing |= walk.steps % kAnnealingSteps < share;
  }
  if (choice)
    measure(afterAnnealing, progress);
  else
    judge(progress);
  for (size_t i = 0; i < walks.size(); ++i) {
    if (walks[i].steps % kAnnealingSteps >= share)
      continue;
    // The next annealing starts from the best, or from each start in turn.
    size_t annealing = size_t(walks[i].steps / kAnnealingSteps);
    bool fromStart = choice && annealing % 2 == 1;
    walks[i].graph.assign(
        fromStart ? starts[(annealing / 2 + i) % starts.size()] : best);
  }
  proposed = true;
  progress.steps = share * int64_t(walks.size());
  return progress;
}

template <unsigned W> std::string PolishStrategy<W>::describe() const {
  std::string where;
  for (const Walk &walk : walks)
    where += fmt::format(" {}", nonzerosOf(walk.graph.state()));
  std::string value =
      choice ? choice->describe()
             : fmt::format("{} {:g}",
                           objective == PolishObjective::Growth ? "growth"
                                                                : "additions",
                           bestCost.second);
  return fmt::format("rank {}, {}, walking at{} nonzeros", bestCost.first,
                     value, where);
}

template <unsigned W> nlohmann::json PolishStrategy<W>::settings() const {
  if (!choice)
    return nlohmann::json::object();
  return {{"measured", evaluator->name()}};
}

template <unsigned W> nlohmann::json PolishStrategy<W>::checkpoint() const {
  nlohmann::json list = nlohmann::json::array();
  for (const Walk &walk : walks)
    list.push_back({{"random", walk.random.state()},
                    {"here", graphToJson(walk.graph)},
                    {"steps", walk.steps},
                    {"moves", walk.moves}});
  nlohmann::json state = {{"walks", list}, {"best", termsToJson(best)}};
  if (choice) {
    state["choice"] = choice->checkpoint();
    state["starts_to_measure"] = startsToMeasure;
  }
  return state;
}

template <unsigned W>
llvm::Error PolishStrategy<W>::restore(const nlohmann::json &state,
                                       llvm::StringRef where) {
  std::vector<llvm::StringRef> keys = {"walks", "best"};
  if (choice)
    keys.insert(keys.end(), {"choice", "starts_to_measure"});
  if (llvm::Error error = requireObject(state, where, keys))
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
  if (!choice)
    return llvm::Error::success();
  auto unmeasured =
      getInteger(state, "starts_to_measure", where, 0, int64_t(starts.size()));
  if (!unmeasured)
    return unmeasured.takeError();
  startsToMeasure = size_t(*unmeasured);
  return choice->restore(state["choice"], (where + ".choice").str(), target);
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createPolishStrategy(const SearchTask &task,
                                PolishObjective objective) {
  if (task.target.ring != Ring::Z || task.starts.empty())
    return makeError("expected a start over Z to make cheaper");
  if (objective == PolishObjective::Time && !task.evaluator)
    return makeError("expected --measure-on for what is measured");
  std::vector<TermSum<TernaryRing::Word>> starts;
  for (const Scheme &start : task.starts) {
    auto terms = termsOfScheme<TernaryRing>(start);
    if (!terms)
      return terms.takeError();
    if (!starts.empty() && terms->terms.size() != starts[0].terms.size())
      return makeError("expected starts of one rank but got {0} and {1}",
                       starts[0].terms.size(), terms->terms.size());
    starts.push_back(std::move(*terms));
    if (objective != PolishObjective::Time)
      break;
  }
  size_t size = starts.front().terms.size();
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
