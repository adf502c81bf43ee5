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
#include <limits>
#include <map>

using namespace sevenfold;

/// Games from one start, starts of one step, and the length of steps.
static constexpr unsigned kGroup = 8, kStarts = 16;
static constexpr double kStepSize = 0.01;
/// Rewards that differ by this differ by one.
static constexpr double kRewardUnit = 0.02;

namespace {
/// A table to play on, and what is believed of its plans beforehand.
struct Scenario {
  std::vector<Entrant> entrants;
  std::vector<size_t> places;  ///< of the entrants, in the table
  RecordedMachine machines[2]; ///< by what is drawn from, Half
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
  std::vector<size_t> places;
  std::vector<Candidate> candidates = candidatesOf(table, value, places);
  return {
      entrantsOf(candidates, table.baselineSeconds, table.baselineProvider),
      std::move(places),
      {RecordedMachine(table, Half::Odd), RecordedMachine(table, Half::Even)},
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
    for (size_t j = 0; j <= i; ++j)
      factor[i * n + j] =
          covarianceOf(surprises.entrants[i], surprises.entrants[j], belief);
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

/// What is won by believing so, where the first plans are measured and the best
/// of them is chosen.
static double worthOfBelief(llvm::ArrayRef<Scenario> scenarios,
                            const BeliefDeviations &belief) {
  constexpr size_t kPlans = 5;
  constexpr int kGames = 10;
  double sum = 0;
  Random random(1);
  for (const Scenario &scenario : scenarios)
    for (const RecordedMachine &machine : scenario.machines)
      for (int game = 0; game < kGames; ++game) {
        Standings standings(scenario.entrants, belief);
        for (size_t i = 0; i < std::min(kPlans, standings.size()); ++i)
          if (!machine.fails(scenario.places[i]))
            standings.observe(
                i, machine.run(scenario.places[i], kRoundsOfMove, random));
        if (std::optional<size_t> best = standings.best())
          sum += machine.worth(scenario.places[*best]);
      }
  return sum;
}

/// The likeliest belief is that of all plans. Those that are expected to be the
/// best are foreseen better than others, and runs are disturbed: by how much,
/// is learned by playing.
static BeliefDeviations sharpen(const BeliefDeviations &likeliest,
                                llvm::ArrayRef<Scenario> scenarios) {
  BeliefDeviations best = likeliest;
  double most = -1;
  for (double scale : {1.0, 0.7, 0.5, 0.35})
    for (double noise : {0.03, 0.06, 0.1}) {
      BeliefDeviations belief = likeliest;
      for (double BeliefDeviations::*part :
           {&BeliefDeviations::provider, &BeliefDeviations::kind,
            &BeliefDeviations::own})
        belief.*part *= scale;
      belief.noise = noise;
      double worth = worthOfBelief(scenarios, belief);
      if (worth > most) {
        most = worth;
        best = belief;
      }
    }
  return best;
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

namespace {
/// Draws moves without replacement, by the softmax over what is left.
class MoveSampler {
public:
  MoveSampler(const MovePolicy &policy, llvm::ArrayRef<PlanMove> moves)
      : policy(policy), moves(moves), factors(moves.size()) {
    for (size_t i = 0; i < moves.size(); ++i) {
      left.push_back(i);
      scores.push_back(policy.score(moves[i].features));
    }
  }

  size_t draw(Random &random) {
    double highest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (size_t i : left)
      highest = std::max(highest, scores[i]);
    std::vector<double> weights;
    for (size_t i : left) {
      weights.push_back(std::exp(scores[i] - highest));
      sum += weights.back();
    }
    double point = random.uniform() * sum;
    size_t drawn = left.size() - 1;
    for (size_t at = 0; at < left.size(); ++at) {
      factors[left[at]] -= weights[at] / sum;
      if (point >= 0 && point < weights[at])
        drawn = at;
      point -= weights[at];
    }
    size_t move = left[drawn];
    factors[move] += 1;
    left.erase(left.begin() + ptrdiff_t(drawn));
    return move;
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
  std::vector<size_t> left; ///< that were not drawn
  std::vector<double> scores, factors;
};
} // namespace

namespace {
/// A game with moves drawn by a policy.
class SampledGame {
public:
  SampledGame(const Scenario &scenario, Half half,
              const BeliefDeviations &belief, const GameLimits &limits,
              Random &random)
      : scenario(scenario), machine(scenario.machines[size_t(half)]),
        standings(scenario.entrants, belief),
        arms(blockSize(scenario.baselineSeconds)), limits(limits),
        random(random) {}

  /// Draws moves.
  Episode play(const MovePolicy &policy) {
    Episode episode{0, std::vector<double>(MovePolicy::kParameters)};
    episode.reward =
        finish([&] { return drawBlock(policy, episode.gradient); });
    return episode;
  }
  /// Takes the best scored moves, as the planner does. The reward.
  double playWell(const MovePolicy &policy) {
    return finish(
        [&] { return bestMoves(policy, movesOf(standings, limits), arms); });
  }

private:
  double finish(llvm::function_ref<std::vector<size_t>()> next) {
    while (limits.runsLeft > 0) {
      std::vector<size_t> block = next();
      if (block.empty())
        break;
      measure(block);
    }
    while (auto last = unmeasuredChoiceOf(standings))
      measure({*last});
    std::optional<size_t> choice = choiceOf(standings);
    return (choice ? machine.worth(scenario.places[*choice]) : 0) -
           limits.price * spent;
  }

  /// None where the end is drawn first; drawn later it ends the block.
  std::vector<size_t> drawBlock(const MovePolicy &policy,
                                std::vector<double> &gradient) {
    std::vector<PlanMove> moves = movesOf(standings, limits);
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

  /// Rounds between runs of the baseline, and warm-ups of what is new.
  void measure(const std::vector<size_t> &block) {
    spent += kRoundsOfMove + 1;
    for (size_t candidate : block) {
      size_t place = scenario.places[candidate];
      int runs = kRoundsOfMove + !standings.isMeasured(candidate);
      spent += machine.cost(place) * runs;
      limits.runsLeft -= kRoundsOfMove;
      if (machine.fails(place))
        standings.fail(candidate);
      else
        standings.observe(candidate, machine.run(place, kRoundsOfMove, random));
    }
  }

  const Scenario &scenario;
  const RecordedMachine &machine;
  Standings standings;
  size_t arms;
  GameLimits limits;
  double spent = 0;
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

/// As likely in every doubling.
static double drawBetween(double least, double most, Random &random) {
  return least * std::pow(most / least, random.uniform());
}

static GameLimits drawLimits(Random &random) {
  GameLimits limits;
  limits.runsLeft = drawBetween(kLeastRuns, kMostRuns, random);
  limits.price = drawBetween(kLeastPrice, kMostPrice, random);
  return limits;
}

/// Plays several games from one start; adds what they say of the policy.
static void playGroup(const Scenario &scenario, const BeliefDeviations &belief,
                      const MovePolicy &policy, Random &random,
                      std::vector<double> &gradient) {
  Half half = random.below(2) == 0 ? Half::Odd : Half::Even;
  GameLimits limits = drawLimits(random);
  std::vector<Episode> group;
  double mean = 0;
  for (unsigned i = 0; i < kGroup; ++i) {
    group.push_back(
        SampledGame(scenario, half, belief, limits, random).play(policy));
    mean += group.back().reward / kGroup;
  }
  for (const Episode &episode : group) {
    // Of the others: the mean without this one.
    double advantage = (episode.reward - mean) * kGroup / (kGroup - 1);
    double factor = advantage / kRewardUnit / (kGroup * kStarts);
    for (size_t i = 0; i < gradient.size(); ++i)
      gradient[i] += factor * episode.gradient[i];
  }
}

/// The mean reward of the best scored moves, in games that are the same for all
/// policies.
static double rewardOf(llvm::ArrayRef<Scenario> scenarios,
                       const BeliefDeviations &belief,
                       const MovePolicy &policy) {
  constexpr int kGames = 12; // of each scenario and half
  double sum = 0;
  int games = 0;
  Random random(2);
  for (const Scenario &scenario : scenarios)
    for (Half half : {Half::Odd, Half::Even})
      for (int game = 0; game < kGames; ++game, ++games) {
        GameLimits limits = drawLimits(random);
        Random own(random.next());
        sum +=
            SampledGame(scenario, half, belief, limits, own).playWell(policy);
      }
  return sum / games;
}

static MovePolicy learnMoves(llvm::ArrayRef<Scenario> scenarios,
                             const BeliefDeviations &belief,
                             const PlanGameTraining &training, int64_t &games) {
  constexpr int64_t kGames = int64_t(kGroup) * kStarts, kLooks = 10;
  MovePolicy policy(training.seed), best = policy;
  double most = rewardOf(scenarios, belief, best);
  training.progress(fmt::format("untaught: reward {:.4f}", most));
  Adam adam(MovePolicy::kParameters);
  Random random(training.seed + 1);
  int64_t steps = (training.games + kGames - 1) / kGames,
          look = std::max<int64_t>(steps / kLooks, 1);
  for (int64_t step = 0; step < steps && !training.stopped(); ++step) {
    std::vector<double> gradient(MovePolicy::kParameters);
    for (unsigned i = 0; i < kStarts; ++i)
      playGroup(scenarios[random.below(scenarios.size())], belief, policy,
                random, gradient);
    games += kGames;
    double left = 1 - double(step) / double(steps);
    adam.step(gradient, kStepSize * left, policy.parameters());
    if ((step + 1) % look != 0)
      continue;
    // The gradient is of drawn moves, and noisy: what plays best is kept.
    double reward = rewardOf(scenarios, belief, policy);
    training.progress(fmt::format("{} games: reward {:.4f}", games, reward));
    if (reward > most) {
      most = reward;
      best = policy;
    }
  }
  return best;
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

namespace {
/// Values for tables that they were not learned from, each made once.
class Strangers {
public:
  explicit Strangers(llvm::ArrayRef<PlanTable> tables) : tables(tables) {}

  /// Learned from other shapes, or from other shapes of other processors. What
  /// was learned may be worth nothing on a processor that is like no other:
  /// where there are no others, that is what is expected there.
  const PlanValue &valueFor(const PlanTable &table, bool ofOtherProcessors) {
    std::string key = shapeOf(table.workload);
    if (ofOtherProcessors)
      key += " " + processorOf(table.device);
    auto [entry, isNew] = values.try_emplace(key);
    if (isNew) {
      std::vector<PlanTable> others = otherShapes(table.workload, tables);
      if (ofOtherProcessors)
        others = otherProcessors(table.device, others);
      entry->second = PlanValue(experienceOf(others));
    }
    return entry->second;
  }

private:
  llvm::ArrayRef<PlanTable> tables;
  std::map<std::string, PlanValue> values;
};
} // namespace

PlanGamePolicy sevenfold::learnPlanGame(llvm::ArrayRef<PlanTable> tables,
                                        const PlanGameTraining &training) {
  PlanGamePolicy learned;
  learned.date = currentDate();
  learned.value = PlanValue(experienceOf(tables));
  std::vector<Scenario> scenarios;
  std::vector<Surprises> surprises;
  Strangers strangers(tables);
  for (const PlanTable &table : tables) {
    learned.tables.push_back({table.workload.str(), table.device.hardware});
    if (training.games == 0 || !isSplit(table) ||
        otherShapes(table.workload, tables).empty())
      continue;
    for (bool ofOtherProcessors : {false, true}) {
      scenarios.push_back(
          scenarioOf(table, strangers.valueFor(table, ofOtherProcessors)));
      surprises.push_back(surprisesOf(table, scenarios.back()));
    }
  }
  if (scenarios.empty())
    return learned;
  learned.belief = sharpen(fitBelief(surprises), scenarios);
  training.progress(
      fmt::format("{} tables, {} to play: expectations are off by {:.3f} "
                  "together, {:.3f} a "
                  "provider, {:.3f} a kind, {:.3f} each, runs by {:.3f}",
                  tables.size(), scenarios.size(), learned.belief.shared,
                  learned.belief.provider, learned.belief.kind,
                  learned.belief.own, learned.belief.noise));
  MovePolicy moves =
      learnMoves(scenarios, learned.belief, training, learned.games);
  if (learned.games > 0)
    learned.moves = std::move(moves);
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
