//===- FlipGraphStrategy.cpp - Search by walks on flip graphs -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every proposal lets each walker take the same number of steps and only then
// compares them, in their order: threads change the time it takes and nothing
// else.
//
//===----------------------------------------------------------------------===//

#include "search/FlipGraph/FlipGraphStrategy.h"

#include "search/FlipGraph/CyclicFlipGraph.h"
#include "search/FlipGraph/WalkerJson.h"
#include "search/Frame/Parallel.h"

#include "llvm/ADT/STLExtras.h"

#include <climits>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Graphs and schemes
//===----------------------------------------------------------------------===//

template <class Ring, unsigned W>
static Scheme toScheme(const FlipGraph<Ring, W> &,
                       const TermSum<typename Ring::Word> &state,
                       const TargetTensor &target) {
  return schemeOfTerms<Ring>(state.terms, target.dims, target.shape);
}

template <typename Word, unsigned W>
static Scheme toScheme(const CyclicFlipGraph<Word, W> &,
                       const TermSum<Word> &state, const TargetTensor &target) {
  return schemeOfTerms<BinaryRing<Word>>(unfold(state, target.dims[0]),
                                         target.dims, target.shape);
}

//===----------------------------------------------------------------------===//
// The strategy
//===----------------------------------------------------------------------===//

namespace {
template <class Graph> class FlipGraphStrategy : public SearchStrategy {
  using State = typename Graph::State;
  using Word = typename Graph::Word;

public:
  FlipGraphStrategy(const SearchTask &task, const WalkOptions &options,
                    RestartRule rule, std::vector<State> starts)
      : target(task.target), options(options), starts(std::move(starts)),
        random(task.seed) {
    unsigned numStarts = unsigned(this->starts.size());
    policy = rule == RestartRule::Learned
                 ? createLearnedRestarts(options, numStarts)
                 : createFixedRestarts(options, numStarts);
    for (unsigned i = 0; i < std::max(task.threads, 1u); ++i) {
      walkers.push_back(std::make_unique<Walker<Graph>>(Random(random.next())));
      restart(*walkers.back());
    }
  }

  SearchProgress propose(int64_t steps) override;
  std::string describe() const override;
  nlohmann::json settings() const override {
    WalkOptions said = options;
    return toJson(bindOptions(said, walkFields()));
  }
  nlohmann::json checkpoint() const override;
  llvm::Error restore(const nlohmann::json &state,
                      llvm::StringRef where) override;

private:
  int64_t movesOfAll() const;
  void gather();
  void restart(Walker<Graph> &walker);
  bool isDecomposition(const State &state) const;

  TargetTensor target;
  WalkOptions options;
  std::vector<State> starts;
  std::unique_ptr<RestartPolicy> policy;
  Random random;
  std::vector<std::unique_ptr<Walker<Graph>>> walkers;
  /// Decompositions of rank bestRank.
  std::vector<State> pool;
  unsigned bestRank = UINT_MAX;
};
} // namespace

template <class Graph> int64_t FlipGraphStrategy<Graph>::movesOfAll() const {
  int64_t moves = 0;
  for (const auto &walker : walkers)
    moves += walker->moves;
  return moves;
}

/// Puts what the walkers have reached into the pool.
template <class Graph> void FlipGraphStrategy<Graph>::gather() {
  for (const auto &walker : walkers) {
    unsigned rank = Graph::rankOf(walker->bestState);
    if (rank > bestRank)
      continue;
    if (rank < bestRank)
      pool.clear();
    bestRank = rank;
    if (llvm::is_contained(pool, walker->bestState))
      continue;
    if (int64_t(pool.size()) < options.poolSize)
      pool.push_back(walker->bestState);
    else
      pool[random.below(pool.size())] = walker->bestState;
  }
}

template <class Graph>
void FlipGraphStrategy<Graph>::restart(Walker<Graph> &walker) {
  WalkPlan plan = policy->choose(random);
  if (!plan.start && pool.empty())
    plan.start = unsigned(random.below(starts.size()));
  walker.start(
      plan.start ? starts[*plan.start] : pool[random.below(pool.size())], plan);
}

template <class Graph>
SearchProgress FlipGraphStrategy<Graph>::propose(int64_t steps) {
  SearchProgress progress;
  int64_t movesBefore = movesOfAll();
  int64_t share = std::max<int64_t>(1, steps / int64_t(walkers.size()));
  forEachInParallel(walkers.size(), [&](size_t i) { walkers[i]->run(share); });

  unsigned rankBefore = bestRank;
  gather();
  if (bestRank < rankBefore)
    progress.found = toScheme(walkers[0]->graph, pool.front(), target);
  for (const auto &walker : walkers) {
    if (walker->sinceBest < options.restartAfter)
      continue;
    policy->observe(walker->plan, Graph::rankOf(walker->bestState), bestRank,
                    walker->flips);
    restart(*walker);
  }
  progress.steps = share * int64_t(walkers.size());
  progress.moves = movesOfAll() - movesBefore;
  return progress;
}

template <class Graph> std::string FlipGraphStrategy<Graph>::describe() const {
  std::vector<unsigned> ranks;
  for (const auto &walker : walkers)
    ranks.push_back(walker->graph.rank());
  return fmt::format("best rank {}, {} kept, walking at {}, {:.0f} million "
                     "moves",
                     bestRank, pool.size(), fmt::join(ranks, " "),
                     double(movesOfAll()) / 1e6);
}

template <class Graph>
nlohmann::json FlipGraphStrategy<Graph>::checkpoint() const {
  nlohmann::json walks = nlohmann::json::array(),
                 kept = nlohmann::json::array();
  for (const auto &walker : walkers)
    walks.push_back(walkerToJson(*walker, starts.size()));
  for (const State &state : pool)
    kept.push_back(termsToJson(state));
  return {{"random", random.state()},
          {"walkers", walks},
          {"pool", kept},
          {"policy", policy->checkpoint()}};
}

template <class Graph>
bool FlipGraphStrategy<Graph>::isDecomposition(const State &state) const {
  unsigned limit = 0;
  for (unsigned size : target.shape)
    limit = std::max(limit, size);
  if (limit > Graph::Ring::kEntries || state.terms.size() > Graph::kCapacity)
    return false;
  return findWrongEntry(target, toScheme(walkers[0]->graph, state, target))
      .empty();
}

template <class Graph>
llvm::Error FlipGraphStrategy<Graph>::restore(const nlohmann::json &state,
                                              llvm::StringRef where) {
  if (llvm::Error error =
          requireObject(state, where, {"random", "walkers", "pool", "policy"}))
    return error;
  auto generator = randomFromJson(state["random"]);
  if (!generator || !state["walkers"].is_array() || !state["pool"].is_array() ||
      state["walkers"].size() != walkers.size())
    return makeError("{0}: is not the state of {1} walkers", where,
                     walkers.size());
  for (size_t i = 0; i < walkers.size(); ++i)
    if (llvm::Error error = walkerFromJson(
            *walkers[i], state["walkers"][i],
            fmt::format("{}.walkers[{}]", where.str(), i), starts.size(),
            [&](const State &walked) { return isDecomposition(walked); }))
      return error;
  pool.clear();
  bestRank = UINT_MAX;
  for (const nlohmann::json &entry : state["pool"]) {
    auto kept = termsFromJson<Word>(entry);
    if (!kept || !isDecomposition(*kept) ||
        (!pool.empty() && Graph::rankOf(*kept) != bestRank))
      return makeError("{0}.pool[{1}]: is not a decomposition to start from",
                       where, pool.size());
    bestRank = Graph::rankOf(*kept);
    pool.push_back(std::move(*kept));
  }
  random = Random(*generator);
  return policy->restore(state["policy"], (where + ".policy").str());
}

//===----------------------------------------------------------------------===//
// Choosing the graph
//===----------------------------------------------------------------------===//

template <class Graph>
static std::unique_ptr<SearchStrategy>
makeStrategy(const SearchTask &task, const WalkOptions &options,
             RestartRule rule, std::vector<typename Graph::State> starts) {
  return std::make_unique<FlipGraphStrategy<Graph>>(task, options, rule,
                                                    std::move(starts));
}

/// Terms that walks from a decomposition of so many may come to have; where
/// there is no room for a plus transition, there is none.
static size_t termsNeeded(size_t terms, const WalkOptions &options) {
  return terms + size_t(options.slack) + 1;
}

/// The ways to write n as a sum of at least 1 up to order, largest first.
static void addPartitions(unsigned n, unsigned largest,
                          std::vector<unsigned> &front,
                          std::vector<std::vector<unsigned>> &found) {
  if (n == 0)
    found.push_back(front);
  for (unsigned part = std::min(n, largest); part > 0; --part) {
    front.push_back(part);
    addPartitions(n - part, part, front, found);
    front.pop_back();
  }
}

template <class Ring>
static llvm::Expected<std::unique_ptr<SearchStrategy>>
createPlain(const SearchTask &task, const WalkOptions &options,
            RestartRule rule) {
  std::vector<TermSum<typename Ring::Word>> starts;
  size_t most = 0;
  for (const Scheme &start : task.starts) {
    auto terms = termsOfScheme<Ring>(start);
    if (!terms)
      return terms.takeError();
    most = std::max(most, terms->terms.size());
    starts.push_back(std::move(*terms));
  }
  size_t needed = termsNeeded(most, options);
  if (needed <= 64)
    return makeStrategy<FlipGraph<Ring, 1>>(task, options, rule,
                                            std::move(starts));
  if (needed <= 128)
    return makeStrategy<FlipGraph<Ring, 2>>(task, options, rule,
                                            std::move(starts));
  if (needed <= 256)
    return makeStrategy<FlipGraph<Ring, 4>>(task, options, rule,
                                            std::move(starts));
  if (needed <= 512)
    return makeStrategy<FlipGraph<Ring, 8>>(task, options, rule,
                                            std::move(starts));
  return makeError("walks hold up to 512 terms, a start has {0}", most);
}

template <typename Word>
static llvm::Expected<std::unique_ptr<SearchStrategy>>
createCyclic(const SearchTask &task, const WalkOptions &options,
             RestartRule rule) {
  unsigned n = task.target.dims[0];
  std::vector<TermSum<Word>> starts;
  // Flips leave the cubes alone: which there are decides where walks can end.
  std::vector<std::vector<unsigned>> partitions;
  std::vector<unsigned> front;
  addPartitions(n, n, front, partitions);
  size_t most = 0;
  for (const std::vector<unsigned> &classes : partitions) {
    if (options.cubes != 0 && int64_t(classes.size()) != options.cubes)
      continue;
    starts.push_back(symmetricStart<Word>(classes));
    most = std::max(most, starts.back().terms.size());
  }
  if (starts.empty())
    return makeError("expected at most {0} cubes for a start of {1}", n,
                     task.target.str());
  size_t needed = 3 * termsNeeded(most, options);
  if (needed <= 64)
    return makeStrategy<CyclicFlipGraph<Word, 1>>(task, options, rule, starts);
  if (needed <= 128)
    return makeStrategy<CyclicFlipGraph<Word, 2>>(task, options, rule, starts);
  if (needed <= 256)
    return makeStrategy<CyclicFlipGraph<Word, 4>>(task, options, rule, starts);
  return makeStrategy<CyclicFlipGraph<Word, 8>>(task, options, rule, starts);
}

WalkOptions sevenfold::defaultWalkOptions(const SearchTask &task) {
  return task.starts.empty() ? symmetricWalkOptions() : WalkOptions();
}

llvm::Expected<std::unique_ptr<SearchStrategy>>
sevenfold::createFlipGraphStrategy(const SearchTask &task,
                                   const WalkOptions &options,
                                   RestartRule rule) {
  const TargetTensor &target = task.target;
  unsigned entries =
      *std::max_element(target.shape.begin(), target.shape.end());
  if (task.starts.empty()) {
    auto [m, k, n] = target.dims;
    if (target.ring != Ring::Z2 || m == 0 || m != k || k != n || m > 7)
      return makeError("expected a square format up to 7x7x7 over Z2 for a "
                       "symmetric start but got {0} over {1}",
                       target.str(), stringifyRing(target.ring));
    return entries <= 32 ? createCyclic<uint32_t>(task, options, rule)
                         : createCyclic<uint64_t>(task, options, rule);
  }
  if (target.ring == Ring::Z2)
    return entries <= 32
               ? createPlain<BinaryRing<uint32_t>>(task, options, rule)
               : createPlain<BinaryRing<uint64_t>>(task, options, rule);
  if (target.ring != Ring::Z || task.minCoefficient != -1 ||
      task.maxCoefficient != 1)
    return makeError("expected ring Z2, or Z with coefficients -1:1, for walks "
                     "on flip graphs");
  return createPlain<TernaryRing>(task, options, rule);
}
