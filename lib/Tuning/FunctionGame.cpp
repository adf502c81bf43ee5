//===- FunctionGame.cpp - The plans of a function as one game -------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions, and the players.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/FunctionGame.h"

#include "sevenfold/Runner/Statistics.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

FunctionPosition::FunctionPosition(const FunctionSpace &space,
                                   const BeliefDeviations &belief)
    : known(space), believed(belief, [this](size_t a, size_t b) {
        return known.covariance(met[a], met[b]);
      }) {}

size_t FunctionPosition::meet(const Assignment &assignment) {
  std::vector<size_t> decisions = assignment.plans;
  decisions.push_back(assignment.library);
  decisions.push_back(assignment.share == SumSharing::On);
  auto [entry, isNew] = numbers.try_emplace(std::move(decisions), met.size());
  if (isNew) {
    met.push_back(assignment);
    Entrant entrant;
    entrant.expected = known.expected(assignment);
    believed.add(std::move(entrant));
  }
  return entry->second;
}

std::vector<size_t>
FunctionPosition::meetAll(const std::vector<Assignment> &assignments) {
  std::vector<size_t> found;
  for (const Assignment &assignment : assignments)
    found.push_back(meet(assignment));
  return found;
}

std::vector<FunctionPosition::Trust *> FunctionPosition::trustsOf(size_t i) {
  std::vector<Trust *> found;
  for (size_t slot = 0; slot < met[i].plans.size(); ++slot)
    if (size_t plan = met[i].plans[slot]; plan != Assignment::kLibrary)
      found.push_back(&trusts[{slot, plan}]);
  return found;
}

bool FunctionPosition::isOpen(size_t i) const {
  if (believed.hasFailed(i))
    return false;
  size_t suspects = 0;
  for (size_t slot = 0; slot < met[i].plans.size(); ++slot) {
    auto trust = trusts.find({slot, met[i].plans[slot]});
    if (trust == trusts.end())
      continue;
    if (trust->second.isUnfit)
      return false;
    suspects += trust->second.missed != Fitness::None;
  }
  return suspects <= 1;
}

void FunctionPosition::passed(size_t i, Fitness fitness) {
  for (Trust *trust : trustsOf(i)) {
    trust->shown = std::max(trust->shown, fitness);
    if (trust->shown >= trust->missed)
      trust->missed = Fitness::None;
  }
}

void FunctionPosition::failed(size_t i, Fitness expected) {
  believed.fail(i);
  std::vector<Trust *> suspects = trustsOf(i);
  llvm::erase_if(suspects,
                 [&](const Trust *trust) { return trust->shown >= expected; });
  for (Trust *suspect : suspects) {
    suspect->isUnfit |= suspects.size() == 1;
    suspect->missed = std::max(suspect->missed, expected);
  }
}

std::optional<size_t> FunctionPosition::inHand() const {
  std::optional<size_t> best = believed.best();
  return best && believed.mean(*best) > 0 ? best : std::nullopt;
}

//===----------------------------------------------------------------------===//
// plan-game
//===----------------------------------------------------------------------===//

namespace {
/// What more runs of assignments promise, while some are already going to run.
class Promises {
public:
  Promises(const FunctionPosition &position, std::vector<size_t> open,
           int rounds)
      : standings(position.standings()), open(std::move(open)),
        hand(position.inHand()),
        noise(standings.noise() * standings.noise() / rounds) {
    for (size_t i : this->open) {
      variances.push_back(standings.posterior(i, i));
      withHand.push_back(hand ? standings.posterior(i, *hand) : 0);
    }
    if (!hand)
      return;
    handMean = standings.mean(*hand);
    for (size_t i : standings.ranked())
      if (i != *hand)
        second = std::max(second, standings.mean(i));
  }

  /// Of the open assignment at a place: by how much it is expected to raise
  /// what is in hand.
  double at(size_t place) const {
    double run = std::sqrt(std::max(variances[place], 0.0) + noise);
    double moved = std::max(std::abs(variances[place] - withHand[place]) / run,
                            kLeastMove);
    // What is in hand itself may turn out to be less than what is next to it.
    if (hand && open[place] == *hand)
      return expectedAboveZero(second - handMean,
                               std::max(variances[place] / run, kLeastMove));
    return expectedAboveZero(standings.mean(open[place]) - handMean, moved);
  }

  /// It is going to run: what it will show is no longer to be found out.
  void take(size_t place) {
    double own = std::sqrt(std::max(variances[place], 0.0) + noise);
    std::vector<double> shown(open.size());
    for (size_t i = 0; i < open.size(); ++i)
      shown[i] = covariance(i, place) / own;
    double ofHand = withHand[place] / own;
    for (size_t i = 0; i < open.size(); ++i) {
      variances[i] -= shown[i] * shown[i];
      withHand[i] -= shown[i] * ofHand;
    }
    taken.push_back(std::move(shown));
  }

private:
  static constexpr double kLeastMove = 1e-9;

  double covariance(size_t a, size_t b) const {
    double sum = standings.posterior(open[a], open[b]);
    for (const std::vector<double> &shown : taken)
      sum -= shown[a] * shown[b];
    return sum;
  }

  const Standings &standings;
  std::vector<size_t> open;
  std::optional<size_t> hand;
  double noise; ///< variance of what the runs of a move say
  double handMean = 0, second = 0;
  std::vector<double> variances, withHand;
  std::vector<std::vector<double>> taken;
};

class GamePlayer : public FunctionPlayer {
public:
  GamePlayer(FunctionPosition &position, const FunctionRules &rules)
      : position(position), rules(rules) {}

  Rung propose() override {
    std::vector<size_t> open = openAssignments();
    Promises promises(position, open, rules.rounds);
    Rung rung{{}, rules.rounds};
    while (rung.candidates.size() < std::min(rules.arms, open.size())) {
      size_t best = open.size();
      double most = std::max(costOfMove() * rules.price, kLeastPromise);
      for (size_t i = 0; i < open.size(); ++i) {
        bool isTaken = llvm::is_contained(rung.candidates, open[i]);
        if (double promise = isTaken ? 0 : promises.at(i); promise > most) {
          most = promise;
          best = i;
        }
      }
      if (best == open.size())
        break;
      promises.take(best);
      rung.candidates.push_back(open[best]);
    }
    return rung;
  }

private:
  /// What is left of the time is for confirming where a move promises less than
  /// this, in logarithms of time: near equals are not told apart.
  static constexpr double kLeastPromise = 3e-4;

  /// In runs: those of a candidate, its warm-up, and its part of the baseline.
  double costOfMove() const {
    return rules.rounds + 1 + double(rules.rounds + 1) / double(rules.arms);
  }

  /// Where no change of one decision is believed to be for the better.
  size_t climb(size_t from) {
    while (true) {
      size_t best = from;
      for (size_t i :
           position.meetAll(position.space().neighbours(position.at(from))))
        if (position.isOpen(i) &&
            position.standings().mean(i) > position.standings().mean(best))
          best = i;
      if (best == from)
        return from;
      from = best;
    }
  }

  /// All that were met: on the way of climbs, and around what is in hand and
  /// what has no plans. What is two decisions away was met by climbs from
  /// elsewhere, or will be.
  std::vector<size_t> openAssignments() {
    const FunctionSpace &space = position.space();
    std::vector<size_t> starts = position.meetAll(space.aligned());
    position.meetAll(space.neighbours(space.classical()));
    if (auto hand = position.inHand())
      starts.push_back(*hand);
    for (size_t start : starts)
      if (position.isOpen(start))
        climb(start);
    std::vector<size_t> open;
    for (size_t i = 0; i < position.standings().size(); ++i)
      if (position.isOpen(i))
        open.push_back(i);
    return open;
  }

  FunctionPosition &position;
  FunctionRules rules;
};
} // namespace

//===----------------------------------------------------------------------===//
// evolution
//===----------------------------------------------------------------------===//

namespace {
class FunctionEvolution : public FunctionPlayer {
public:
  FunctionEvolution(FunctionPosition &position, const FunctionRules &rules,
                    uint64_t seed)
      : position(position), rules(rules), random(seed) {
    for (size_t i : position.meetAll(position.space().aligned()))
      waiting.push_back(i);
  }

  Rung propose() override {
    for (size_t i : asked)
      if (position.standings().isMeasured(i))
        admit(i);
    Rung rung{{}, rules.rounds};
    while (rung.candidates.size() < rules.arms) {
      auto next = nextOne();
      if (!next)
        break;
      seen.push_back(*next);
      rung.candidates.push_back(*next);
    }
    asked = rung.candidates;
    return rung;
  }

private:
  static constexpr size_t kPopulation = 12, kTournament = 4;
  /// So often a parent is drawn whose children are all known.
  static constexpr int kDraws = 100;

  void admit(size_t i) {
    population.push_back(i);
    if (population.size() > kPopulation)
      population.pop_front();
  }

  /// A good assignment; the classical one where there is none yet.
  Assignment parent() {
    if (population.empty())
      return position.space().classical();
    size_t best = population[random.below(population.size())];
    for (size_t i = 1; i < kTournament; ++i) {
      size_t other = population[random.below(population.size())];
      if (position.standings().mean(other) > position.standings().mean(best))
        best = other;
    }
    return position.at(best);
  }

  std::optional<size_t> nextOne() {
    auto isNew = [&](size_t i) {
      return position.isOpen(i) && !llvm::is_contained(seen, i);
    };
    while (!waiting.empty()) {
      size_t next = waiting.front();
      waiting.pop_front();
      if (isNew(next))
        return next;
    }
    for (int draw = 0; draw < kDraws; ++draw) {
      std::vector<size_t> children =
          position.meetAll(position.space().neighbours(parent()));
      llvm::erase_if(children, [&](size_t i) { return !isNew(i); });
      if (!children.empty())
        return children[random.below(children.size())];
    }
    return std::nullopt;
  }

  FunctionPosition &position;
  FunctionRules rules;
  Random random;
  std::deque<size_t> waiting, population;
  std::vector<size_t> asked, seen;
};
} // namespace

bool sevenfold::playsFunctions(llvm::StringRef strategy) {
  return strategy == "plan-game" || strategy == "evolution";
}

std::unique_ptr<FunctionPlayer>
sevenfold::createFunctionPlayer(llvm::StringRef strategy,
                                FunctionPosition &position,
                                const FunctionRules &rules, uint64_t seed) {
  if (strategy == "evolution")
    return std::make_unique<FunctionEvolution>(position, rules, seed);
  return std::make_unique<GamePlayer>(position, rules);
}
