//===- PlanGameTraining.cpp - Learning the plan game by playing -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The value is a regression over all tables. Belief and moves must be learned
// from values as good as a player has on a shape it never saw: on each table
// they are trained with a value that was learned from the tables of other
// shapes.
//
// The policy is learned by its gradient: several games are played from the same
// start, and each is judged by how far its reward lies above the mean of the
// others (Williams, "Simple statistical gradient-following algorithms for
// connectionist reinforcement learning", 1992; Kool, van Hoof and Welling, "Buy
// 4 REINFORCE samples, get a baseline for free!", 2019; Kingma and Ba, "Adam",
// 2015).
//
//===----------------------------------------------------------------------===//

#include "WorkloadTuner.h"

#include "sevenfold/Runner/Block.h"
#include "sevenfold/Support/Cholesky.h"
#include "sevenfold/Tuning/PlanGamePolicy.h"
#include "sevenfold/Tuning/Planner.h"
#include "sevenfold/Tuning/RecordedMachine.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Games from one start, starts of one step, and the length of steps.
static constexpr unsigned kGroup = 8, kStarts = 16;
static constexpr double kStepSize = 0.02;
/// Rewards that differ by this differ by one.
static constexpr double kRewardUnit = 0.02;
/// Budgets of games, in runs of candidates.
static constexpr double kLeastBudget = 4, kMostBudget = 200;

namespace {
/// A table to play on, and what is believed of its plans beforehand.
struct Scenario {
  std::vector<Entrant> entrants;
  std::vector<size_t> places; ///< of the entrants, in the table
  RecordedMachine machines[2];
  double baselineSeconds;
};

/// What a game was worth, and the derivatives of the logarithm of its
/// probability.
struct Episode {
  double reward = 0;
  std::vector<double> gradient;
};
} // namespace

static Scenario scenarioOf(const PlanTable &table, const PlanValue &value) {
  PlanSetting setting{table.workload, table.device, table.baselineProvider,
                      table.baselineSeconds};
  std::vector<size_t> places;
  std::vector<Candidate> candidates = candidatesOf(table, value, places);
  return {entrantsOf(candidates, table.baselineSeconds, table.baselineProvider),
          std::move(places),
          {RecordedMachine(table, false), RecordedMachine(table, true)},
          table.baselineSeconds};
}

//===----------------------------------------------------------------------===//
// Belief
//===----------------------------------------------------------------------===//

namespace {
/// What was found of the plans of a table, less what was expected.
struct Surprises {
  std::vector<Entrant> entrants;
  std::vector<double> residuals, variances;
};
} // namespace

static Surprises surprisesOf(const PlanTable &table, const Scenario &scenario) {
  /// What is farther off than this says nothing of others.
  constexpr double kFarthest = 0.2;
  Surprises surprises;
  for (size_t i = 0; i < scenario.entrants.size(); ++i) {
    const MeasuredPlan &plan = table.plans[scenario.places[i]];
    if (plan.ratios.empty())
      continue;
    RewardSample reward = rewardOf(plan.ratios);
    surprises.entrants.push_back(scenario.entrants[i]);
    surprises.residuals.push_back(std::clamp(
        reward.median - scenario.entrants[i].expected, -kFarthest, kFarthest));
    surprises.variances.push_back(reward.variance);
  }
  return surprises;
}

/// The logarithm of the likelihood, but for a constant.
static double logLikelihood(const Surprises &surprises,
                            const BeliefDeviations &belief) {
  size_t n = surprises.residuals.size();
  std::vector<double> factor(n * n), residuals = surprises.residuals;
  for (size_t i = 0; i < n; ++i) {
    const Entrant &a = surprises.entrants[i];
    for (size_t j = 0; j <= i; ++j) {
      const Entrant &b = surprises.entrants[j];
      double sum = belief.shared * belief.shared;
      if (a.provider == b.provider)
        sum += belief.provider * belief.provider;
      if (a.kind == b.kind)
        sum += belief.kind * belief.kind;
      factor[i * n + j] = sum;
    }
    factor[i * n + i] += belief.own * belief.own + surprises.variances[i];
  }
  factorCholesky(factor, n);
  solveLower(factor, residuals);
  double sum = 0;
  for (size_t i = 0; i < n; ++i)
    sum -= residuals[i] * residuals[i] / 2 + std::log(factor[i * n + i]);
  return sum;
}

/// The likeliest deviations of a grid, one after the other until none changes.
static BeliefDeviations fitBelief(llvm::ArrayRef<Surprises> tables) {
  constexpr double kGrid[] = {0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.08};
  BeliefDeviations belief;
  auto likelihood = [&] {
    double sum = 0;
    for (const Surprises &table : tables)
      sum += logLikelihood(table, belief);
    return sum;
  };
  double best = likelihood();
  for (bool changed = true; changed;) {
    changed = false;
    for (double BeliefDeviations::*part :
         {&BeliefDeviations::shared, &BeliefDeviations::provider,
          &BeliefDeviations::kind, &BeliefDeviations::own}) {
      for (double deviation : kGrid) {
        double before = std::exchange(belief.*part, deviation);
        double found = likelihood();
        if (found > best) {
          best = found;
          changed = true;
        } else {
          belief.*part = before;
        }
      }
    }
  }
  return belief;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

namespace {
/// Draws moves without replacement, by the softmax over what is left.
class MoveSampler {
public:
  MoveSampler(const MovePolicy &policy, llvm::ArrayRef<PlanMove> moves)
      : policy(policy), moves(moves), weights(moves.size()),
        factors(moves.size()) {
    for (size_t i = 0; i < moves.size(); ++i)
      weights[i] = policy.score(moves[i].features);
    double highest = *llvm::max_element(weights);
    for (double &weight : weights)
      weight = std::exp(weight - highest);
  }

  size_t draw(Random &random) {
    double sum = 0, point = 0;
    for (double weight : weights)
      sum += weight;
    point = random.uniform() * sum;
    size_t drawn = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      factors[i] -= weights[i] / sum;
      if (weights[i] <= 0)
        continue;
      if (point >= 0)
        drawn = i;
      point -= weights[i];
    }
    factors[drawn] += 1;
    weights[drawn] = 0;
    return drawn;
  }

  /// Of the logarithm of the probability of all that was drawn.
  void addGradient(std::vector<double> &gradient) const {
    for (size_t i = 0; i < moves.size(); ++i)
      if (factors[i] != 0)
        policy.addGradient(moves[i].features, factors[i], gradient);
  }

private:
  const MovePolicy &policy;
  llvm::ArrayRef<PlanMove> moves;
  std::vector<double> weights, factors;
};
} // namespace

namespace {
/// A game with moves drawn by a policy.
class SampledGame {
public:
  SampledGame(const Scenario &scenario, bool even,
              const BeliefDeviations &belief, double runsLeft, Random &random)
      : scenario(scenario), machine(scenario.machines[even]),
        standings(scenario.entrants, belief),
        arms(blockSize(scenario.baselineSeconds)), runsLeft(runsLeft),
        random(random) {}

  Episode play(const MovePolicy &policy, double price) {
    Episode episode{0, std::vector<double>(MovePolicy::kParameters)};
    while (runsLeft > 0) {
      std::vector<size_t> block = drawBlock(policy, episode.gradient);
      if (block.empty())
        break;
      measure(block);
    }
    while (auto last = unmeasuredChoiceOf(standings))
      measure({*last});
    std::optional<size_t> choice = choiceOf(standings);
    episode.reward =
        (choice ? machine.worth(scenario.places[*choice]) : 0) - price * spent;
    return episode;
  }

private:
  /// None where the end is drawn first; drawn later it ends the block.
  std::vector<size_t> drawBlock(const MovePolicy &policy,
                                std::vector<double> &gradient) {
    std::vector<PlanMove> moves = movesOf(standings, runsLeft);
    MoveSampler sampler(policy, moves);
    std::vector<size_t> block;
    while (block.size() < std::min(arms, moves.size() - 1)) {
      const PlanMove &move = moves[sampler.draw(random)];
      if (!move.candidate)
        break;
      block.push_back(*move.candidate);
    }
    sampler.addGradient(gradient);
    return block;
  }

  /// One round beside one run of the baseline, and warm-ups of what is new.
  void measure(const std::vector<size_t> &block) {
    spent += 1;
    for (size_t candidate : block) {
      size_t place = scenario.places[candidate];
      spent += machine.cost(place) * (standings.isMeasured(candidate) ? 1 : 2);
      runsLeft -= 1;
      if (machine.fails(place))
        standings.fail(candidate);
      else
        standings.observe(candidate, machine.run(place, 1, random));
    }
  }

  const Scenario &scenario;
  const RecordedMachine &machine;
  Standings standings;
  size_t arms;
  double runsLeft, spent = 0;
  Random &random;
};
} // namespace

namespace {
/// Steps along a gradient, each parameter at its own pace.
class Adam {
public:
  explicit Adam(size_t size) : mean(size), square(size) {}

  void step(llvm::ArrayRef<double> gradient, double size,
            std::vector<double> &parameters) {
    constexpr double kMean = 0.9, kSquare = 0.99, kLeast = 1e-8;
    ++steps;
    for (size_t i = 0; i < parameters.size(); ++i) {
      mean[i] = kMean * mean[i] + (1 - kMean) * gradient[i];
      square[i] =
          kSquare * square[i] + (1 - kSquare) * gradient[i] * gradient[i];
      double m = mean[i] / (1 - std::pow(kMean, steps)),
             s = square[i] / (1 - std::pow(kSquare, steps));
      parameters[i] += size * m / (std::sqrt(s) + kLeast);
    }
  }

private:
  std::vector<double> mean, square;
  double steps = 0;
};
} // namespace

/// Plays several games from one start; adds what they say of the policy. Their
/// mean reward.
static double playGroup(const Scenario &scenario,
                        const BeliefDeviations &belief,
                        const MovePolicy &policy, double price, Random &random,
                        std::vector<double> &gradient) {
  bool even = random.below(2) != 0;
  double budget =
      kLeastBudget * std::pow(kMostBudget / kLeastBudget, random.uniform());
  std::vector<Episode> group;
  double mean = 0;
  for (unsigned i = 0; i < kGroup; ++i) {
    group.push_back(SampledGame(scenario, even, belief, budget, random)
                        .play(policy, price));
    mean += group.back().reward / kGroup;
  }
  for (const Episode &episode : group) {
    // Of the others: the mean without this one.
    double advantage = (episode.reward - mean) * kGroup / (kGroup - 1);
    double factor = advantage / kRewardUnit / (kGroup * kStarts);
    for (size_t i = 0; i < gradient.size(); ++i)
      gradient[i] += factor * episode.gradient[i];
  }
  return mean;
}

static MovePolicy learnMoves(llvm::ArrayRef<Scenario> scenarios,
                             const BeliefDeviations &belief,
                             const PlanGameTraining &training, int64_t &games) {
  MovePolicy policy(training.seed);
  Adam adam(MovePolicy::kParameters);
  Random random(training.seed + 1);
  constexpr int64_t kGames = int64_t(kGroup) * kStarts;
  int64_t steps = (training.games + kGames - 1) / kGames;
  double recent = 0;
  for (int64_t step = 0; step < steps && !training.stopped(); ++step) {
    std::vector<double> gradient(MovePolicy::kParameters);
    double reward = 0;
    for (unsigned i = 0; i < kStarts; ++i)
      reward += playGroup(scenarios[random.below(scenarios.size())], belief,
                          policy, training.price, random, gradient) /
                kStarts;
    games += kGames;
    double left = 1 - double(step) / double(steps);
    adam.step(gradient, kStepSize * left, policy.parameters());
    constexpr int64_t kReports = 10;
    recent += reward;
    if ((step + 1) % std::max<int64_t>(steps / kReports, 1) == 0) {
      training.progress(
          fmt::format("{} games: reward {:.4f}", games,
                      recent / double(std::max<int64_t>(steps / kReports, 1))));
      recent = 0;
    }
  }
  return policy;
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

PlanGamePolicy sevenfold::learnPlanGame(llvm::ArrayRef<PlanTable> tables,
                                        const PlanGameTraining &training) {
  PlanGamePolicy learned;
  learned.date = currentDate();
  learned.value = PlanValue(experienceOf(tables));
  std::vector<Scenario> scenarios;
  std::vector<Surprises> surprises;
  // One value for all tables of a shape.
  std::vector<std::pair<Workload, PlanValue>> values;
  for (const PlanTable &table : tables) {
    if (table.plans.empty())
      continue;
    learned.tables.push_back({table.workload.str(), table.device.hardware});
    auto known = llvm::find_if(values, [&](const auto &entry) {
      return haveSameShape(entry.first, table.workload);
    });
    if (known == values.end()) {
      values.emplace_back(
          table.workload,
          PlanValue(experienceOf(otherShapes(table.workload, tables))));
      known = std::prev(values.end());
    }
    scenarios.push_back(scenarioOf(table, known->second));
    surprises.push_back(surprisesOf(table, scenarios.back()));
  }
  if (values.size() < 2)
    return learned;
  learned.belief = fitBelief(surprises);
  training.progress(fmt::format(
      "{} tables of {} shapes: beliefs are off by {} together, {} a provider, "
      "{} a kind, {} each",
      scenarios.size(), values.size(), learned.belief.shared,
      learned.belief.provider, learned.belief.kind, learned.belief.own));
  learned.moves =
      learnMoves(scenarios, learned.belief, training, learned.games);
  return learned;
}

PlanGamePolicy sevenfold::learnMore(const PlanGamePolicy &policy,
                                    llvm::ArrayRef<PlanTable> own) {
  PlanGamePolicy more = policy;
  more.value = PlanValue(std::make_shared<const PlanValue>(policy.value),
                         experienceOf(own));
  for (const PlanTable &table : own)
    more.tables.push_back({table.workload.str(), table.device.hardware});
  return more;
}
