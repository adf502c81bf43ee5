//===- Replay.cpp - Strategies on recorded measurements -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Plays planners against recorded machines.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/Replay.h"

#include "sevenfold/Runner/Block.h"
#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Tuning/Planner.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Those that measure nothing, or know what nobody can.
static constexpr llvm::StringLiteral kModel = "model", kValue = "value",
                                     kPerfectPolicy = "perfect-policy",
                                     kOracle = "oracle",
                                     kPlanGame = "plan-game";

std::vector<std::string> sevenfold::comparedNames() {
  std::vector<std::string> names;
  for (llvm::StringRef name : plannerNames())
    names.push_back(name.str());
  for (llvm::StringRef name : {kModel, kValue, kPerfectPolicy, kOracle})
    names.push_back(name.str());
  return names;
}

static bool learns(llvm::StringRef strategy) {
  return strategy == kPlanGame || strategy == kValue ||
         strategy == kPerfectPolicy;
}

llvm::StringRef sevenfold::stringifySplit(Split split) {
  return split == Split::Shape ? "shape" : "device";
}

namespace {
/// A table to play on, and its plans as a player sees them: what all games of a
/// strategy have in common.
struct Board {
  const PlanTable &table;
  std::vector<size_t> places; ///< of the candidates, in the table
  std::vector<Candidate> candidates;
  RecordedMachine odd, even; ///< by what is drawn from

  Board(const PlanTable &table, const PlanValue &value)
      : table(table), candidates(candidatesOf(table, value, places)),
        odd(table, Half::Odd), even(table, Half::Even) {}
};
} // namespace

/// How well plans are foreseen.
static std::optional<double> correlationOf(const Board &board) {
  std::vector<double> expected, measured;
  for (auto [candidate, place] :
       llvm::zip_equal(board.candidates, board.places)) {
    const MeasuredPlan &plan = board.table.plans[place];
    if (plan.ratios.empty())
      continue;
    expected.push_back(candidate.expectedSeconds);
    measured.push_back(1 / median(plan.ratios));
  }
  return rankCorrelation(expected, measured);
}

//===----------------------------------------------------------------------===//
// One game
//===----------------------------------------------------------------------===//

namespace {
/// One game of one strategy: plays, and keeps what the choice was worth when.
class Game {
public:
  Game(llvm::StringRef strategy, const Board &board,
       const PlanGamePolicy &policy, uint64_t seed,
       const ReplayOptions &options)
      : strategy(strategy), table(board.table), options(options),
        machine(seed % 2 == 0 ? board.even : board.odd),
        // What the machine answers does not depend on the strategy's own draws.
        random(splitMix64(seed)), places(board.places) {
    PlanningTask task;
    task.workload = table.workload;
    task.baselineProvider = table.baselineProvider;
    task.baselineSeconds = table.baselineSeconds;
    task.candidates = board.candidates;
    task.maxRuns = options.pairs;
    task.seed = seed;
    if (strategy == kPlanGame)
      task.moves = policy.moves;
    standings.emplace(entrantsOf(task.candidates, table.baselineSeconds,
                                 table.baselineProvider),
                      strategy == kPlanGame ? policy.belief
                                            : BeliefDeviations());
    task.standings = &*standings;
    if (llvm::is_contained(plannerNames(), strategy))
      planner = llvm::cantFail(
          createPlanner(strategy, std::move(task), options.config));
  }

  void play() {
    note();
    int playOffs = 0;
    auto next = [&] { return proposalOf(*planner, playOffs); };
    while (pairs < options.pairs) {
      Rung rung = rungOrPlayOff(next, *standings,
                                int(options.config.firstPairs), playOffs);
      if (rung.candidates.empty())
        break;
      llvm::ArrayRef<size_t> left = rung.candidates;
      for (size_t arms = blockSize(table.baselineSeconds); !left.empty();
           left = left.drop_front(std::min(arms, left.size())))
        playBlock(left.take_front(arms), rung.rounds);
    }
    end();
  }

  /// Every pair shows another plan exactly.
  void playPerfectly() {
    std::optional<size_t> best;
    worth = places.empty() ? 0 : machine.worth(places[0]);
    note();
    for (size_t i = 0; i < places.size() && pairs < options.pairs; ++i) {
      size_t place = places[i];
      ++pairs;
      runs += 2 * machine.cost(place) + 1;
      if (!machine.fails(place) &&
          (!best || machine.cost(place) < machine.cost(*best)))
        best = place;
      if (best)
        worth = machine.worth(*best);
      note();
    }
    end();
  }

  /// Nothing is measured.
  void stay() {
    worth = strategy == kOracle ? machine.gain()
            : places.empty()    ? 0
                                : machine.worth(places[0]);
    note();
    end();
  }

  /// Adds the worths to sums over seeds.
  void addTo(ReplayCase &played) const {
    for (size_t i = 0; i < byPairs.size(); ++i)
      played.share.byPairs[i] += byPairs[i];
    for (size_t i = 0; i < byRuns.size(); ++i)
      played.share.byRuns[i] += byRuns[i];
    played.reward += worth - options.config.price * runs;
    played.pairs += double(pairs);
    played.gain += machine.gain();
  }

private:
  /// As the runner does: in turns, a run of the baseline before each round and
  /// after the last.
  void playBlock(llvm::ArrayRef<size_t> block, int rounds) {
    auto isOut = [&](size_t candidate) {
      return standings->hasFailed(candidate);
    };
    if (pairs >= options.pairs)
      return;
    runs += 1;
    for (size_t candidate : block)
      if (!standings->isMeasured(candidate))
        runs += machine.cost(places[candidate]);
    for (int round = 0; round < rounds; ++round) {
      if (pairs >= options.pairs || llvm::all_of(block, isOut))
        return;
      runs += 1;
      for (size_t candidate : block)
        if (pairs < options.pairs && !isOut(candidate))
          runOnce(candidate);
    }
  }

  void runOnce(size_t candidate) {
    size_t place = places[candidate];
    ++pairs;
    runs += machine.cost(place);
    if (machine.fails(place))
      standings->fail(candidate);
    else
      standings->observe(candidate, machine.run(place, 1, random));
    note();
  }

  /// What is in hand now.
  void note() {
    if (planner) {
      std::optional<size_t> choice = planner->choice(*standings);
      worth = choice ? machine.worth(places[*choice]) : 0;
    }
    // Up to now it was what it was before.
    fill(runs, pairs);
    byPairs.push_back(worth);
    last = worth;
  }
  void fill(double untilRuns, int64_t untilPairs) {
    while (double(byRuns.size()) < untilRuns &&
           byRuns.size() <= size_t(kReplayedRuns))
      byRuns.push_back(last);
    while (int64_t(byPairs.size()) < untilPairs)
      byPairs.push_back(last);
  }
  void end() { fill(double(kReplayedRuns + 1), options.pairs + 1); }

  llvm::StringRef strategy;
  const PlanTable &table;
  const ReplayOptions &options;
  const RecordedMachine &machine;
  Random random;
  const std::vector<size_t> &places;
  std::optional<Standings> standings;
  std::unique_ptr<Planner> planner;
  int64_t pairs = 0;
  double runs = 0, worth = 0, last = 0;
  std::vector<double> byPairs, byRuns;
};
} // namespace

ReplayCase sevenfold::replay(llvm::StringRef strategy, const PlanTable &table,
                             const PlanGamePolicy &policy,
                             const ReplayOptions &options) {
  Board board(table, policy.value);
  ReplayCase played;
  played.workload = table.workload.str();
  played.processor = processorOf(table.device);
  played.correlation = correlationOf(board);
  played.learnedFrom = policy.tables;
  played.share.byPairs.resize(size_t(options.pairs) + 1);
  played.share.byRuns.resize(size_t(kReplayedRuns) + 1);
  for (unsigned seed = 0; seed < options.seeds; ++seed) {
    Game game(strategy, board, policy, seed, options);
    if (strategy == kPerfectPolicy)
      game.playPerfectly();
    else if (strategy == kModel || strategy == kValue || strategy == kOracle)
      game.stay();
    else
      game.play();
    game.addTo(played);
  }
  // Of the same halves as what is compared with it.
  for (std::vector<double> *curve :
       {&played.share.byPairs, &played.share.byRuns})
    for (double &worth : *curve)
      worth = played.gain > 0 ? worth / played.gain : 1;
  for (double *sum : {&played.gain, &played.reward, &played.pairs})
    *sum /= options.seeds;
  return played;
}

//===----------------------------------------------------------------------===//
// All tables
//===----------------------------------------------------------------------===//

/// What strategies that learn may know before they play a table.
static std::vector<PlanTable> seenBefore(const PlanTable &held, Split split,
                                         llvm::ArrayRef<PlanTable> tables) {
  return split == Split::Shape ? otherShapes(held.workload, tables)
                               : otherProcessors(held.device, tables);
}

static std::string groupOf(const PlanTable &table, Split split) {
  return split == Split::Shape ? shapeOf(table.workload)
                               : processorOf(table.device);
}

/// Those that learn, on tables of one group that all others were learned from.
static void
playLearners(const std::string &group, llvm::ArrayRef<const PlanTable *> held,
             llvm::ArrayRef<PlanTable> tables, const ReplayOptions &options,
             const std::function<void(const std::string &)> &progress,
             llvm::MutableArrayRef<ReplayReport> reports, Split split) {
  auto isLearner = [&](const ReplayReport &report) {
    return report.split == split && learns(report.strategy);
  };
  if (llvm::none_of(reports, isLearner))
    return;
  PlanGameTraining training = options.training;
  // Only what plays by moves needs them.
  if (llvm::none_of(reports, [&](const ReplayReport &report) {
        return isLearner(report) && report.strategy == kPlanGame;
      }))
    training.games = 0;
  PlanGamePolicy policy =
      learnPlanGame(seenBefore(*held.front(), split, tables), training);
  for (ReplayReport &report : reports)
    if (isLearner(report))
      for (const PlanTable *table : held)
        report.cases.push_back(
            replay(report.strategy, *table, policy, options));
  progress(fmt::format("{} {}: learned from {} tables of others, {} replayed",
                       stringifySplit(split).str(), group, policy.tables.size(),
                       held.size()));
}

llvm::Expected<std::vector<ReplayReport>>
sevenfold::replayAll(llvm::ArrayRef<std::string> strategies,
                     llvm::ArrayRef<PlanTable> tables,
                     const ReplayOptions &options,
                     const std::function<void(const std::string &)> &progress) {
  std::vector<std::string> names = comparedNames();
  for (const std::string &strategy : strategies)
    if (!llvm::is_contained(names, strategy))
      return makeError("expected strategy '{0}' but got '{1}'",
                       llvm::join(names, "' or '"), strategy);
  std::vector<const PlanTable *> played;
  std::map<std::string, size_t> processors;
  for (const PlanTable &table : tables) {
    ++processors[processorOf(table.device)];
    if (achievableGain(table) < std::log(kWinningLowerBound))
      progress(table.workload.str() + ": no gain to find, left out");
    else
      played.push_back(&table);
  }
  if (played.empty())
    return makeError("no table has a plan faster than the baseline");
  std::vector<Split> splits = {Split::Shape};
  if (processors.size() > 1)
    splits.push_back(Split::Device);
  std::vector<ReplayReport> reports;
  for (Split split : splits)
    for (const std::string &strategy : strategies)
      reports.push_back({strategy, split, {}});
  for (ReplayReport &report : reports) {
    if (learns(report.strategy))
      continue;
    for (const PlanTable *table : played)
      report.cases.push_back(
          replay(report.strategy, *table, PlanGamePolicy(), options));
    progress(report.strategy + ": replayed");
  }
  for (Split split : splits) {
    std::map<std::string, std::vector<const PlanTable *>> groups;
    for (const PlanTable *table : played)
      groups[groupOf(*table, split)].push_back(table);
    for (const auto &[group, held] : groups)
      playLearners(group, held, tables, options, progress, reports, split);
  }
  return reports;
}
