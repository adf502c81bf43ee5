//===- FunctionGameTest.cpp - Functions played on a fake machine ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What players propose, what they find, and what is recorded of it, where the
// answer is known.
//
//===----------------------------------------------------------------------===//

#include "FakeFunctions.h"

#include "sevenfold/Runner/Halving.h"
#include "sevenfold/Tuning/FunctionGame.h"
#include "sevenfold/Tuning/FunctionTuner.h"
#include "sevenfold/Tuning/Planner.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static const Workload kWide{512, 512, 1024}, kDown{512, 1024, 512};

static Plan planOf(std::vector<std::string> schemes, std::string provider,
                   Execution execution = Execution::Breadth) {
  Plan plan;
  for (std::string &scheme : schemes)
    plan.levels.push_back({std::move(scheme), execution, false});
  plan.provider = std::move(provider);
  return plan;
}

/// Plans of one or two levels on two libraries, in two executions.
static std::vector<Plan> somePlans() {
  std::vector<Plan> plans;
  for (const char *provider : {"onednn", "openblas"})
    for (Execution execution : {Execution::Breadth, Execution::Depth})
      for (std::vector<std::string> schemes :
           {std::vector<std::string>{"2x2x2-r7"},
            {"2x2x2-r7-winograd"},
            {"2x2x2-r7", "2x2x2-r7"},
            {"2x2x2-r7-winograd", "2x2x2-r7"}})
        plans.push_back(planOf(schemes, provider, execution));
  return plans;
}

/// A slot of those plans, all expected to gain `gain`, in logarithms of time.
static PlanSlot slotOf(const Workload &workload, double uses, double seconds,
                       const std::function<double(const Plan &)> &gain) {
  PlanSlot slot{
      workload, uses, {{"onednn", seconds}, {"openblas", seconds}}, {}};
  for (const Plan &plan : somePlans()) {
    Candidate candidate;
    candidate.plan = plan;
    candidate.expectedSeconds = seconds * std::exp(-gain(plan));
    slot.plans.push_back(candidate);
  }
  llvm::stable_sort(slot.plans, [](const Candidate &a, const Candidate &b) {
    return a.expectedSeconds < b.expectedSeconds;
  });
  return slot;
}

static double nothing(const Plan &) { return 0; }

static std::string textOf(const Assignment &assignment,
                          const FunctionSpace &space) {
  std::string text = space.facts().libraries[assignment.library];
  for (size_t slot = 0; slot < assignment.plans.size(); ++slot)
    text += "; " + (assignment.plans[slot] == Assignment::kLibrary
                        ? "none"
                        : space.facts()
                              .slots[slot]
                              .plans[assignment.plans[slot]]
                              .plan.str());
  return text;
}

namespace {
/// A space of two slots, which take 0.6 and 0.3 of the function.
struct TwoSlots {
  std::function<double(const Plan &)> wide = nothing, down = nothing;

  FunctionSpace space() const {
    FunctionFacts facts;
    facts.slots = {slotOf(kWide, 2, 0.03, wide), slotOf(kDown, 1, 0.03, down)};
    facts.libraries = {"onednn", "openblas"};
    facts.seconds = 0.1;
    return FunctionSpace(std::move(facts), {});
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Spaces
//===----------------------------------------------------------------------===//

TEST(FunctionSpaceTest, ProductsAddWhatTheirPlansSave) {
  TwoSlots slots;
  slots.wide = [](const Plan &) { return 0.1; };
  FunctionSpace space = slots.space();
  Assignment assignment = space.classical();
  EXPECT_EQ(space.expected(assignment), 0);
  assignment.plans[0] = 0;
  EXPECT_NEAR(space.expected(assignment),
              -std::log(1 - 0.6 * (1 - std::exp(-0.1))), 1e-9);
  // The classical one is what the others are compared with: it is known.
  EXPECT_NEAR(space.covariance(space.classical(), assignment), 0, 1e-9);
}

TEST(FunctionSpaceTest, NeighboursDifferInOneDecision) {
  FunctionSpace space = TwoSlots().space();
  size_t plans = somePlans().size();
  // Neither library nor sharing is a decision before a product has a plan.
  EXPECT_EQ(space.neighbours(space.classical()).size(), 2 * plans);
  Assignment one = space.classical();
  one.plans[0] = 0;
  // Another plan, one for the other slot, the other library, no sharing.
  std::vector<Assignment> around = space.neighbours(one);
  EXPECT_EQ(around.size(), plans - 1 + plans + 1 + 1);
  for (const Assignment &other : around)
    EXPECT_TRUE(other.hasPlans());
  // With a plan each, no product is left for a library.
  Assignment both = one;
  both.plans[1] = 0;
  around = space.neighbours(both);
  EXPECT_EQ(around.size(), 2 * (plans - 1) + 2 + 1);
}

TEST(FunctionSpaceTest, LibrariesThatTakeTurnsAreExpectedToCost) {
  FunctionSpace space = TwoSlots().space();
  auto planOn = [&](size_t slot, llvm::StringRef provider) {
    const auto &plans = space.facts().slots[slot].plans;
    return size_t(llvm::find_if(plans,
                                [&](const Candidate &candidate) {
                                  return candidate.plan.provider == provider;
                                }) -
                  plans.begin());
  };
  Assignment same = space.classical(), mixed = same;
  same.plans = {planOn(0, "onednn"), planOn(1, "onednn")};
  mixed.plans = {planOn(0, "onednn"), planOn(1, "openblas")};
  EXPECT_GT(space.expected(same), space.expected(mixed));
}

TEST(FunctionSpaceTest, ErrorsAreThoseOfPlansByTheirShares) {
  FunctionSpace space = TwoSlots().space();
  Assignment a = space.classical(), b = a, small = a;
  a.plans[0] = 0;
  b.plans = {0, 1};
  small.plans[1] = 1;
  double variance = space.covariance(a, a);
  // One plan in common: most of what the one errs by the other does.
  EXPECT_GT(space.covariance(a, b), 0.8 * variance);
  EXPECT_LT(space.covariance(small, small), variance);
  EXPECT_GT(space.covariance(b, b), variance);
}

TEST(FunctionSpaceTest, OpenAreTheBestPlansAndOtherKinds) {
  PlanSlot slot{kWide, 1, {{"onednn", 1}}, {}};
  for (int i = 0; i < 100; ++i) {
    Candidate candidate;
    candidate.plan = planOf({"2x2x2-r7"}, "onednn");
    candidate.expectedSeconds = 0.9;
    slot.plans.push_back(candidate);
  }
  Candidate other;
  other.plan = planOf({"2x2x2-r7"}, "openblas");
  slot.plans.push_back(other);
  keepOpenPlans(slot);
  EXPECT_EQ(slot.plans.size(), kBestPlansOfSlot + 1);
  EXPECT_EQ(slot.plans.back().plan.provider, "openblas");
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

TEST(FunctionPositionTest, AFailureIsBlamedOnThePlanThatWasNotKnownToBeFit) {
  FunctionSpace space = TwoSlots().space();
  FunctionPosition position(space, {});
  auto meet = [&](size_t wide, size_t down) {
    Assignment assignment = space.classical();
    assignment.plans = {wide, down};
    return position.meet(assignment);
  };
  constexpr size_t kNone = Assignment::kLibrary;
  size_t both = meet(0, 0);
  EXPECT_EQ(meet(0, 0), both);
  position.failed(both, Fitness::Runs);
  EXPECT_FALSE(position.isOpen(both));
  // Either may be to blame: each is open by itself, and among others.
  size_t first = meet(0, kNone), second = meet(1, 0);
  EXPECT_TRUE(position.isOpen(first));
  EXPECT_TRUE(position.isOpen(second));
  position.passed(first, Fitness::Runs);
  position.failed(second, Fitness::Runs);
  // The second failure has two suspects again; one that runs clears its own.
  EXPECT_TRUE(position.isOpen(meet(1, kNone)));
  position.passed(meet(1, kNone), Fitness::Runs);
  position.failed(meet(0, 0), Fitness::Runs);
  EXPECT_FALSE(position.isOpen(meet(kNone, 0)));
  EXPECT_TRUE(position.isOpen(meet(0, 1)));
  // What runs may be wrong.
  position.failed(meet(0, 1), Fitness::Right);
  EXPECT_TRUE(position.isOpen(meet(0, kNone)));
  position.failed(meet(0, kNone), Fitness::Right);
  EXPECT_FALSE(position.isOpen(meet(0, 2)));
}

//===----------------------------------------------------------------------===//
// Players
//===----------------------------------------------------------------------===//

/// By how much assignments are faster, in logarithms of time.
using Truth = std::function<double(const Assignment &, const FunctionSpace &)>;

namespace {
struct Played {
  std::string choice; ///< "" where nothing is expected to be faster
  double worth = 0, best = 0;
  int runs = 0; ///< of candidates
};
} // namespace

/// All assignments of two slots that are no duplicates of others.
static double bestWorth(const FunctionSpace &space, const Truth &truth) {
  double best = 0;
  Assignment assignment = space.classical();
  auto optionsOf = [&](size_t slot) {
    std::vector<size_t> options = {Assignment::kLibrary};
    for (size_t i = 0; i < space.facts().slots[slot].plans.size(); ++i)
      options.push_back(i);
    return options;
  };
  for (size_t wide : optionsOf(0))
    for (size_t down : optionsOf(1))
      for (size_t library : {0, 1}) {
        assignment.plans = {wide, down};
        assignment.library = library;
        if (assignment.hasPlans())
          best = std::max(best, truth(assignment, space));
      }
  return best;
}

static Played play(const std::string &strategy, const FunctionSpace &space,
                   const Truth &truth, int most, uint64_t seed,
                   double price = 1e-5) {
  constexpr double kNoise = 0.005;
  FunctionPosition position(space, {});
  auto player = createFunctionPlayer(strategy, position, {4, 2, price}, seed);
  Random random(seed);
  Played played;
  while (played.runs < most) {
    Rung rung = player->propose();
    if (rung.candidates.empty())
      break;
    EXPECT_LE(rung.candidates.size(), 4u);
    for (size_t i : rung.candidates) {
      std::vector<double> speedups;
      for (int round = 0; round < rung.rounds; ++round, ++played.runs)
        speedups.push_back(truth(position.at(i), space) +
                           kNoise * random.normal());
      position.standings().observe(i, speedups);
    }
  }
  played.best = bestWorth(space, truth);
  if (auto hand = position.inHand()) {
    played.choice = textOf(position.at(*hand), space);
    played.worth = truth(position.at(*hand), space);
  }
  return played;
}

/// What plans save alone, by their slots' shares, and what turns cost.
static Truth additive(std::function<double(size_t, const Plan &)> gain,
                      double turns) {
  return [=](const Assignment &assignment, const FunctionSpace &space) {
    constexpr double kShares[] = {0.6, 0.3};
    double sum = 0;
    std::set<std::string> pools;
    for (size_t slot = 0; slot < 2; ++slot) {
      if (assignment.plans[slot] == Assignment::kLibrary) {
        pools.insert(space.facts().libraries[assignment.library]);
        continue;
      }
      const Plan &plan =
          space.facts().slots[slot].plans[assignment.plans[slot]].plan;
      pools.insert(plan.provider);
      sum += kShares[slot] * gain(slot, plan);
    }
    return sum - (pools.size() > 1 ? turns : 0);
  };
}

/// Each product gains alone with its own library; together two pools cost more
/// than one of the libraries loses.
static double poolGain(size_t slot, const Plan &plan) {
  bool isOneLevel = plan.levels.size() == 1;
  if (slot == 0)
    return plan.provider == "openblas" ? (isOneLevel ? 0.12 : 0.02) : 0.08;
  return plan.provider == "onednn" ? (isOneLevel ? 0.12 : 0.02) : 0.07;
}

TEST(FunctionGameTest, OneLibraryIsChosenWhereTwoTakeEachOthersTime) {
  TwoSlots slots;
  // That is what is expected, too: by product, each on its own library.
  slots.wide = [](const Plan &plan) { return poolGain(0, plan); };
  slots.down = [](const Plan &plan) { return poolGain(1, plan); };
  FunctionSpace space = slots.space();
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Played played = play("plan-game", space, additive(poolGain, 0.1), 60, seed);
    EXPECT_GE(played.worth, played.best - 0.004)
        << played.choice << ", " << played.runs << " runs";
  }
}

TEST(FunctionGameTest, APlanThatIsBestAloneNeedNotBeBestInTheFunction) {
  // Expected, and true of the product alone: two levels gain most. In the
  // function the first product's need caches that others have filled.
  TwoSlots slots;
  slots.wide = slots.down = [](const Plan &plan) {
    return plan.levels.size() == 2 ? 0.12 : 0.08;
  };
  FunctionSpace space = slots.space();
  Truth truth = additive(
      [](size_t slot, const Plan &plan) {
        return plan.levels.size() == 1 ? 0.08 : slot == 0 ? 0.03 : 0.12;
      },
      0.02);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Played played = play("plan-game", space, truth, 40, seed);
    EXPECT_GE(played.worth, played.best - 0.004)
        << played.choice << ", " << played.runs << " runs";
  }
}

TEST(FunctionGameTest, WhatIsExpectedWronglyIsUnlearned) {
  // Expected: two levels gain. True: they lose, one level on openblas gains.
  TwoSlots slots;
  slots.wide = slots.down = [](const Plan &plan) {
    return plan.levels.size() == 2 ? 0.08 : 0.03;
  };
  Truth truth = additive(
      [](size_t, const Plan &plan) {
        return plan.levels.size() == 2       ? -0.05
               : plan.provider == "openblas" ? 0.1
                                             : 0.02;
      },
      0.02);
  FunctionSpace space = slots.space();
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Played played = play("plan-game", space, truth, 60, seed);
    EXPECT_GE(played.worth, played.best - 0.005)
        << played.choice << ", " << played.runs << " runs";
  }
}

TEST(FunctionGameTest, WhereNothingGainsNothingIsChosenAndTheGameEnds) {
  TwoSlots slots;
  slots.wide = slots.down = [](const Plan &) { return -0.02; };
  FunctionSpace space = slots.space();
  Truth truth = additive([](size_t, const Plan &) { return -0.1; }, 0.02);
  Played played = play("plan-game", space, truth, 1000, 1, /*price=*/1e-4);
  EXPECT_EQ(played.choice, "");
  EXPECT_LT(played.runs, 200);
  // The dearer a run is, the sooner.
  Played dear = play("plan-game", space, truth, 1000, 1, /*price=*/1e-2);
  EXPECT_LT(dear.runs, played.runs);
}

TEST(FunctionGameTest, ItFindsMoreThanEvolutionAtEqualMeasurements) {
  TwoSlots slots;
  slots.wide = slots.down = [](const Plan &) { return 0.03; };
  FunctionSpace space = slots.space();
  // Nobody expects it: one plan of each slot is good.
  Truth truth = additive(
      [](size_t slot, const Plan &plan) {
        Plan good = planOf({"2x2x2-r7-winograd"}, "onednn",
                           slot == 0 ? Execution::Depth : Execution::Breadth);
        return plan == good ? 0.12 : 0.02;
      },
      0.02);
  double game = 0, evolution = 0;
  constexpr int kGames = 20;
  for (uint64_t seed = 0; seed < kGames; ++seed) {
    Played one = play("plan-game", space, truth, 48, seed),
           other = play("evolution", space, truth, 48, seed);
    game += one.worth / one.best / kGames;
    evolution += other.worth / other.best / kGames;
  }
  EXPECT_GT(game, evolution);
  EXPECT_GT(game, 0.8);
  EXPECT_GT(evolution, 0.1);
}

/// Product by product, by successive halving as the tuner does it, then those
/// together on the library of either, or as they are. Runs of a product count
/// by its share.
static Played playByProduct(const FunctionSpace &space, const Truth &truth,
                            uint64_t seed) {
  Played played;
  Random random(seed);
  double runs = 0;
  Assignment chosen = space.classical();
  for (size_t slot = 0; slot < 2; ++slot) {
    const PlanSlot &own = space.facts().slots[slot];
    Standings standings(entrantsOf(own.plans, own.baselineSeconds(), "onednn"));
    double share = slot == 0 ? 0.6 : 0.3;
    auto worth = [&](size_t plan) {
      Assignment alone = space.classical();
      alone.plans[slot] = plan;
      // Alone there are no turns: all is by the plan's library.
      alone.library = own.plans[plan].plan.provider == "onednn" ? 0 : 1;
      return truth(alone, space) / share;
    };
    int playOffs = 0;
    Halving halving(standings, {});
    while (true) {
      Rung rung =
          rungOrPlayOff([&] { return halving.next(); }, standings, 3, playOffs);
      if (rung.candidates.empty())
        break;
      for (size_t plan : rung.candidates)
        for (int round = 0; round < rung.rounds; ++round) {
          standings.observe(plan, {worth(plan) + 0.005 * random.normal()});
          // Of several products of a slot only one is measured.
          runs += share / own.uses;
        }
    }
    chosen.plans[slot] = *standings.best();
  }
  played.runs = int(runs);
  played.worth = truth(chosen, space);
  played.choice = textOf(chosen, space);
  return played;
}

TEST(FunctionGameTest, ItIsBetterThanProductByProductWhereTheyInteract) {
  TwoSlots slots;
  slots.wide = [](const Plan &plan) { return poolGain(0, plan); };
  slots.down = [](const Plan &plan) { return poolGain(1, plan); };
  FunctionSpace space = slots.space();
  Truth truth = additive(poolGain, 0.1);
  double game = 0, byProduct = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Played other = playByProduct(space, truth, seed);
    // In no more runs of the function than that took.
    Played one = play("plan-game", space, truth, other.runs, seed);
    EXPECT_GE(one.worth, one.best - 0.004) << one.choice;
    game += one.worth;
    byProduct += other.worth;
  }
  EXPECT_GT(game, byProduct);
}

//===----------------------------------------------------------------------===//
// From a game to a record
//===----------------------------------------------------------------------===//

namespace {
/// A function of three products, two of them of one workload.
struct PlayedFunction {
  FakeTuning tuning; ///< for the device and the options
  FakeFunctions machine;
  FunctionSubject subject;
  std::vector<std::string> progress;
  BudgetLimit limit{BudgetKind::Steps, 400};
  size_t spent = 0;

  PlayedFunction() {
    subject.name = "model.mlir@mlp";
    subject.hash = std::string(64, 'a');
    subject.products = {
        {kWide, {}, 1, 0.03}, {kWide, {}, 1, 0.03}, {kDown, {}, 1, 0.03}};
    auto gain = [](const Plan &plan) {
      return plan.levels.size() == 1 ? 0.05 : 0.02;
    };
    subject.slots = {slotOf(kWide, 2, 0.03, gain),
                     slotOf(kDown, 1, 0.03, gain)};
    tuning.options.strategy = "plan-game";
    tuning.options.progress = [this](const std::string &line) {
      progress.push_back(line);
    };
  }

  llvm::Expected<FunctionResult> tune() {
    TuneParts parts{tuning.device, tuning.machine, machine, {}, tuning.commit};
    Budget budget(
        limit, [] { return 0.0; }, [] { return 0.0; });
    auto result = tuneFunction(
        subject, [this](const FunctionChoice &it) { return machine.build(it); },
        parts, tuning.options, budget, budget.limit());
    spent = size_t(budget.spent());
    return result;
  }
  FunctionResult run() { return llvm::cantFail(tune()); }
  const std::vector<Record> &records() const { return tuning.records; }

  /// The speed of one level for each product is 1.08, that of the rest is 1.
  static double oneLevel(const FunctionChoice &choice) {
    double time = 0;
    std::set<std::string> pools;
    for (const ProductChoice &product : choice.products) {
      bool gains = product.plan && product.plan->levels.size() == 1;
      time += 0.3 / (gains ? 1.12 : 1);
      pools.insert(product.plan ? product.plan->provider : choice.provider);
    }
    return 1 / (0.1 + time) * (pools.size() > 1 ? 0.9 : 1) *
           (choice.provider == "openblas" && !choice.hasPlans() ? 0.95 : 1);
  }
};
} // namespace

static bool hasPlan(const FunctionChoice &choice, size_t product) {
  return choice.products[product].plan.has_value();
}

TEST(FunctionGameTest, TheBestAssignmentIsConfirmedAndRecorded) {
  for (const char *strategy : {"plan-game", "evolution"}) {
    PlayedFunction game;
    game.tuning.options.strategy = strategy;
    game.machine.speedOf = PlayedFunction::oneLevel;
    FunctionResult result = game.run();
    ASSERT_TRUE(result.report) << result.reason;
    EXPECT_TRUE(result.report->plan);
    EXPECT_NEAR(result.report->speedup.median, 1.107, 0.01);
    EXPECT_GE(result.report->speedup.pairs, kFewestBoundedPairs);
    ASSERT_EQ(game.records().size(), 1u);
    const Record &record = game.records()[0];
    EXPECT_EQ(record.verdict, Verdict::Plan);
    EXPECT_EQ(record.key.function, game.subject.hash);
    EXPECT_EQ(record.provenance.at("strategy"), strategy);
    EXPECT_GT(std::stoi(record.provenance.at("assignments")), 1);
    for (const ProductChoice &product : record.choice->products) {
      ASSERT_TRUE(product.plan);
      EXPECT_EQ(product.plan->levels.size(), 1u);
      EXPECT_EQ(product.plan->provider,
                record.choice->products[0].plan->provider);
      EXPECT_FALSE(product.schemeHashes.empty());
    }
    // Products of one workload have one plan, and it can be stored.
    auto stored = recordFromJson(toJson(record));
    ASSERT_TRUE(bool(stored)) << llvm::toString(stored.takeError());
    EXPECT_LE(game.spent, size_t(game.limit.amount));
  }
}

TEST(FunctionGameTest, WhereNothingIsFasterTheLibraryIsRecorded) {
  PlayedFunction game;
  game.machine.speedOf = [](const FunctionChoice &choice) {
    return choice.hasPlans() ? 0.95 : choice.provider == "openblas" ? 1.1 : 1.0;
  };
  FunctionResult result = game.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_FALSE(result.report->plan);
  EXPECT_EQ(result.report->baseline.name, "openblas");
  ASSERT_EQ(game.records().size(), 1u);
  EXPECT_EQ(game.records()[0].verdict, Verdict::Baseline);
  EXPECT_LT(game.records()[0].speedupHigh, 1);
  EXPECT_FALSE(game.records()[0].choice->hasPlans());
}

TEST(FunctionGameTest, WhatDoesNotBuildIsRecordedAndTheGameGoesOn) {
  PlayedFunction game;
  game.machine.speedOf = PlayedFunction::oneLevel;
  // Nothing of one kind builds for the wide products.
  auto isBroken = [](const FunctionChoice &choice) {
    return hasPlan(choice, 0) &&
           choice.products[0].plan->levels[0].scheme == "2x2x2-r7";
  };
  game.machine.failureOf = [&](const FunctionChoice &choice) {
    return isBroken(choice) ? "planted: does not build" : "";
  };
  FunctionResult result = game.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_TRUE(result.report->plan);
  EXPECT_NEAR(result.report->speedup.median, 1.107, 0.015);
  ASSERT_GT(game.records().size(), 1u);
  std::map<std::string, int> failures;
  for (const Record &record : llvm::ArrayRef(game.records()).drop_back()) {
    EXPECT_EQ(record.verdict, Verdict::Failed);
    EXPECT_EQ(record.message, "failed: planted: does not build");
    EXPECT_TRUE(isBroken(*record.choice));
    ++failures[record.choice->products[0].plan->str()];
  }
  // One failure tells, or two where two plans may be to blame, and a second for
  // each that waited in the same block.
  for (const auto &[plan, count] : failures)
    EXPECT_LE(count, 4) << plan;
}

TEST(FunctionGameTest, WhatIsWrongIsRecordedAndTheNextIsConfirmed) {
  PlayedFunction game;
  game.machine.speedOf = [](const FunctionChoice &choice) {
    bool isWinograd =
        hasPlan(choice, 0) &&
        choice.products[0].plan->levels[0].scheme == "2x2x2-r7-winograd";
    return PlayedFunction::oneLevel(choice) * (isWinograd ? 1.05 : 1);
  };
  game.machine.differenceOf = [](const FunctionChoice &choice) {
    bool isWrong =
        hasPlan(choice, 0) &&
        choice.products[0].plan->levels[0].scheme == "2x2x2-r7-winograd";
    return isWrong ? 1.0 : 1e-7;
  };
  FunctionResult result = game.run();
  ASSERT_TRUE(result.report) << result.reason;
  EXPECT_TRUE(result.report->plan);
  ASSERT_GT(game.records().size(), 1u);
  for (const Record &record : llvm::ArrayRef(game.records()).drop_back()) {
    EXPECT_EQ(record.verdict, Verdict::Failed);
    EXPECT_NE(record.message.find("wrong result"), std::string::npos);
  }
  const Record &last = game.records().back();
  EXPECT_EQ(last.verdict, Verdict::Plan);
  EXPECT_TRUE(!hasPlan(*last.choice, 0) ||
              last.choice->products[0].plan->levels[0].scheme == "2x2x2-r7");
}

TEST(FunctionGameTest, AnInterruptLosesNothingThatWasRecorded) {
  PlayedFunction game;
  game.machine.speedOf = PlayedFunction::oneLevel;
  bool stop = false;
  game.tuning.options.interrupted = [&] { return stop; };
  game.machine.failureOf = [](const FunctionChoice &choice) {
    return hasPlan(choice, 2) && choice.products[2].plan->levels.size() == 1
               ? "planted: does not build"
               : "";
  };
  game.machine.afterMeasurement = [&] { stop = game.machine.series > 4; };
  auto result = game.tune();
  ASSERT_FALSE(bool(result));
  llvm::Error error = result.takeError();
  EXPECT_TRUE(takeInterrupted(error)) << llvm::toString(std::move(error));
  llvm::consumeError(std::move(error));
  // What had failed until then is there, and nothing was made up.
  ASSERT_FALSE(game.records().empty());
  for (const Record &record : game.records())
    EXPECT_EQ(record.verdict, Verdict::Failed);
}

TEST(FunctionGameTest, AnUnwritableRecordEndsTheGame) {
  PlayedFunction game;
  game.machine.failureOf = [](const FunctionChoice &choice) {
    return choice.hasPlans() ? "planted: does not build" : "";
  };
  game.tuning.commit = [](const Record &) {
    return makePlainError("planted: disk full");
  };
  auto result = game.tune();
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(llvm::toString(result.takeError()), "planted: disk full");
}

TEST(FunctionGameTest, WhereEverythingFailsNothingIsDecided) {
  PlayedFunction game;
  game.machine.failureOf = [](const FunctionChoice &choice) {
    return choice.hasPlans() ? "planted: does not build" : "";
  };
  FunctionResult result = game.run();
  EXPECT_FALSE(result.report);
  EXPECT_EQ(result.reason, "no assignment of plans could be measured");
  for (const Record &record : game.records())
    EXPECT_EQ(record.verdict, Verdict::Failed);
}

TEST(FunctionGameTest, EqualFunctionsCrownNoFalseWinner) {
  int winners = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    PlayedFunction game;
    game.limit.amount = 200;
    game.tuning.options.seed = seed;
    game.machine.random = Random(seed);
    game.machine.noise = 0.02;
    FunctionResult result = game.run();
    winners += result.report && result.report->plan;
  }
  // One in a hundred, over all tries of a function.
  EXPECT_LE(winners, 2);
}
