//===- AlphaZeroStrategyTest.cpp - Search by playing TensorGame -----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The strategy with a network that knows all moves: what it finds, what it
// learns from, and how it goes on from checkpoints.
//
//===----------------------------------------------------------------------===//

#include "search/AlphaZero/AlphaZeroStrategy.h"

#include "../Support/OptionsFiles.h"
#include "../Support/TemporaryFolder.h"
#include "Games.h"

#include "search/Frame/SearchLoop.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/File.h"

#include "gtest/gtest.h"

#include <climits>
#include <map>

using namespace sevenfold;

namespace {
/// Keeps what it was trained on.
class RecordingNetwork : public EnumeratingNetwork {
public:
  RecordingNetwork(const TensorGame &game, std::vector<TrainingExample> &seen)
      : EnumeratingNetwork(game), seen(seen) {}
  TrainingLoss train(const std::vector<TrainingExample> &examples) override {
    seen.insert(seen.end(), examples.begin(), examples.end());
    return EnumeratingNetwork::train(examples);
  }

private:
  std::vector<TrainingExample> &seen;
};

/// All schemes are equally fast, or each one asked for is faster than the last.
struct FakeEvaluator : SchemeEvaluator {
  std::optional<double> logSpeedup(const Scheme &scheme) override {
    EXPECT_EQ(findWrongEntry(target, scheme), "");
    ++calls;
    if (risesBy != 0)
      return risesBy * calls;
    return answer;
  }
  double predictedSeconds(const Scheme &) const override { return 1; }
  Provenance provenanceOf(const Scheme &) const override { return {}; }
  std::string name() const override { return "fake"; }
  TargetTensor target;
  std::optional<double> answer;
  double risesBy = 0;
  int calls = 0;
};

struct AlphaZeroStrategyTest : testing::Test {
  AlphaZeroStrategyTest() {
    task.target = matmulTensor(1, 2, 1, Ring::Z2);
    task.seed = 5;
    options.games = 4;
    options.simulations = 8;
    options.considered = options.candidates = 6;
    options.batch = 16;
    options.warmUpBatches = 2;
    options.annealBatches = 1;
    options.demonstrationsEnd = 0;
    loop.strategy = "alphazero";
    loop.budget = {BudgetKind::Steps, 20000};
    loop.checkpoint = folder.file("checkpoint");
  }

  llvm::Expected<std::unique_ptr<SearchStrategy>> create() {
    return createAlphaZeroStrategy(
        task, options,
        [&](const TensorGame &game, const NetworkOptions &, uint64_t seed,
            unsigned) -> llvm::Expected<std::unique_ptr<Network>> {
          EXPECT_EQ(seed, task.seed);
          return std::make_unique<RecordingNetwork>(game, seen);
        });
  }

  std::string refusal() {
    auto strategy = create();
    return strategy ? "" : llvm::toString(strategy.takeError());
  }

  TemporaryFolder folder;
  SearchTask task;
  AlphaZeroOptions options;
  SearchOptions loop;
  std::vector<TrainingExample> seen;
};
} // namespace

//===----------------------------------------------------------------------===//
// Finding
//===----------------------------------------------------------------------===//

TEST_F(AlphaZeroStrategyTest, FindsDecompositions) {
  for (std::array<unsigned, 3> dims :
       {std::array{1u, 2u, 1u}, std::array{1u, 1u, 3u}, std::array{1u, 2u, 2u}})
    for (Ring ring : {Ring::Z2, Ring::Z}) {
      if (ring == Ring::Z && dims[2] > 1)
        continue; // all moves are many there
      task.target = matmulTensor(dims[0], dims[1], dims[2], ring);
      loop.targetRank = rankLowerBound(task.target);
      options.candidates = options.considered = options.simulations = 32;
      loop.budget.amount = 300000;
      auto strategy = llvm::cantFail(create());
      auto result = runSearch(task, *strategy, loop);
      ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
      EXPECT_TRUE(result->reachedTarget) << task.target.str();
      EXPECT_GT(result->moves, 0);
      EXPECT_NE(strategy->describe().find("all moves"), std::string::npos);
    }
}

TEST_F(AlphaZeroStrategyTest, WarmsUpOnDemonstrations) {
  auto strategy = llvm::cantFail(create());
  for (int i = 0; i < 2; ++i) {
    SearchProgress progress = strategy->propose(1);
    EXPECT_EQ(progress.steps, options.batch);
    EXPECT_EQ(progress.moves, 0);
  }
  EXPECT_EQ(seen.size(), 32u);
  SearchProgress progress = strategy->propose(1);
  EXPECT_EQ(progress.moves, options.games);
  // Four moves pay for 32 examples: two batches.
  EXPECT_EQ(seen.size(), 64u);
  EXPECT_GT(progress.steps, 2 * options.batch);
}

TEST_F(AlphaZeroStrategyTest, TrainsAsMuchAsMovesPayFor) {
  options.examplesPerMove = 3;
  options.warmUpBatches = 0;
  auto strategy = llvm::cantFail(create());
  int64_t moves = 0;
  for (int i = 0; i < 20; ++i)
    moves += strategy->propose(1).moves;
  EXPECT_EQ(int64_t(seen.size()), 3 * moves / options.batch * options.batch);
}

//===----------------------------------------------------------------------===//
// The hardware term
//===----------------------------------------------------------------------===//

TEST_F(AlphaZeroStrategyTest, FasterSchemesAreRewarded) {
  FakeEvaluator evaluator;
  evaluator.target = task.target;
  task.evaluator = &evaluator;
  options.rewardWeight = 3;
  auto valuesWith = [&](std::optional<double> logSpeedup) {
    evaluator.answer = logSpeedup;
    seen.clear();
    auto strategy = llvm::cantFail(create());
    for (int i = 0; i < 60; ++i)
      strategy->propose(1);
    float least = 0, largest = -100;
    for (const TrainingExample &example : seen) {
      least = std::min(least, example.value);
      largest = std::max(largest, example.value);
    }
    return std::pair(least, largest);
  };
  EXPECT_EQ(valuesWith(2.0).second, 3 * 2 - 1);
  EXPECT_EQ(valuesWith(-2.0).first, -3 * 2 - 2);
  auto [least, largest] = valuesWith(std::nullopt);
  EXPECT_GE(least, -4);
  EXPECT_EQ(largest, -1);
  EXPECT_GT(evaluator.calls, 3);
  options.rewardWeight = 0;
  evaluator.calls = 0;
  EXPECT_EQ(valuesWith(2.0).second, -1);
  EXPECT_EQ(evaluator.calls, 0);
}

TEST_F(AlphaZeroStrategyTest, OfOneRankTheFasterIsProposed) {
  FakeEvaluator evaluator;
  evaluator.target = task.target;
  task.evaluator = &evaluator;
  options.rewardWeight = 1;
  auto proposals = [&] {
    auto strategy = llvm::cantFail(create());
    std::vector<unsigned> ranks;
    for (int i = 0; i < 60; ++i)
      if (auto found = strategy->propose(1).found)
        ranks.push_back(found->rank());
    EXPECT_TRUE(llvm::is_sorted(llvm::reverse(ranks)));
    return llvm::count(ranks, 2u);
  };
  evaluator.answer = 0.5;
  EXPECT_EQ(proposals(), 1);
  evaluator.answer.reset();
  EXPECT_EQ(proposals(), 1);
  evaluator.risesBy = 0.01;
  EXPECT_GT(proposals(), 1);
}

namespace {
/// Remembers of every position what it was trained on: the least that learns.
class TableNetwork : public EnumeratingNetwork {
public:
  struct Row {
    double value = 0;
    std::map<RankOneTerm, double> policy;
  };
  using Table = std::map<PositionKey, Row>;

  TableNetwork(const TensorGame &game, Table &table)
      : EnumeratingNetwork(game), game(game), moves(allMoves(game)),
        table(table) {}

  std::vector<Evaluation>
  evaluate(const std::vector<const GamePosition *> &positions,
           unsigned candidates, Random &random) override {
    std::vector<Evaluation> evaluations =
        EnumeratingNetwork::evaluate(positions, candidates, random);
    for (size_t i = 0; i < positions.size(); ++i) {
      auto row = table.find(game.key(*positions[i]));
      if (row == table.end())
        continue;
      evaluations[i].value = float(row->second.value);
      for (CandidateMove &move : evaluations[i].candidates)
        move.logPrior = float(std::log(priorOf(row->second, move.term)));
    }
    return evaluations;
  }

  TrainingLoss train(const std::vector<TrainingExample> &examples) override {
    constexpr double kRate = 0.05;
    for (const TrainingExample &example : examples) {
      Row &row = table[game.key(example.position)];
      row.value += kRate * (example.value - row.value);
      for (auto &[term, weight] : row.policy)
        weight *= 1 - kRate;
      for (const WeightedTerm &move : example.policy)
        row.policy[move.term] += kRate * move.weight;
    }
    return {};
  }

private:
  double priorOf(const Row &row, const RankOneTerm &term) const {
    constexpr double kExplored = 0.1;
    auto found = row.policy.find(term);
    return kExplored / double(moves.size()) +
           (1 - kExplored) * (found == row.policy.end() ? 0 : found->second);
  }

  TensorGame game;
  std::vector<RankOneTerm> moves;
  Table &table;
};

/// A machine that is as fast as a test says.
struct PlantedEvaluator : FakeEvaluator {
  std::optional<double> logSpeedup(const Scheme &scheme) override {
    EXPECT_EQ(findWrongEntry(target, scheme), "");
    return speedOf(scheme);
  }
  std::function<double(const Scheme &)> speedOf;
};

/// x1 y1 + x2 y2 over Z2, which three schemes of rank 2 compute.
struct HardwareTermTest : AlphaZeroStrategyTest {
  HardwareTermTest() {
    task.target = matmulTensor(1, 2, 1, Ring::Z2);
    evaluator.target = task.target;
    task.evaluator = &evaluator;
    options.games = 8;
    options.simulations = options.considered = options.candidates = 9;
    options.rewardWeight = 3;
    // In another basis another scheme is the fast one, and nothing tells which
    // basis it is.
    options.basisPercent = 0;
  }

  /// What was learned of the first move.
  TableNetwork::Row learned() {
    TableNetwork::Table table;
    std::optional<TensorGame> played;
    auto strategy = llvm::cantFail(createAlphaZeroStrategy(
        task, options,
        [&](const TensorGame &game, const NetworkOptions &, uint64_t,
            unsigned) -> llvm::Expected<std::unique_ptr<Network>> {
          played.emplace(game);
          return std::make_unique<TableNetwork>(game, table);
        }));
    for (int i = 0; i < 600; ++i)
      strategy->propose(1);
    return table.at(played->key(played->start(task.target.values)));
  }

  /// The part of the policy that begins a scheme without sums.
  static double withoutSums(const TableNetwork::Row &row) {
    double sum = 0, all = 0;
    for (const auto &[term, weight] : row.policy) {
      all += weight;
      bool isOne = term[0] + term[1] == 1 && term[2] + term[3] == 1 &&
                   term[0] == term[2];
      sum += isOne ? weight : 0;
    }
    return sum / all;
  }

  PlantedEvaluator evaluator;
};
} // namespace

/// Ones in the factors: the scheme without sums has four of them beside its
/// outputs.
static unsigned onesOf(const Scheme &scheme) {
  unsigned ones = 0;
  for (const Factor *factor : {&scheme.u, &scheme.v})
    for (unsigned t = 0; t < scheme.rank(); ++t)
      for (unsigned e = 0; e < factor->columns(); ++e)
        ones += factor->at(t, e).numerator != 0;
  return ones;
}

TEST_F(HardwareTermTest, OfEqualRanksWhatRunsFasterIsLearned) {
  evaluator.speedOf = [](const Scheme &scheme) {
    return onesOf(scheme) == 4 ? 0.7 : -0.7;
  };
  double prefersPlain = withoutSums(learned());
  evaluator.speedOf = [](const Scheme &scheme) {
    return onesOf(scheme) == 4 ? -0.7 : 0.7;
  };
  double prefersSums = withoutSums(learned());
  EXPECT_GT(prefersPlain, 0.8);
  EXPECT_LT(prefersSums, 0.2);
}

TEST_F(HardwareTermTest, WhatIsFastCannotBePlayedForInABasisNobodyKnows) {
  evaluator.speedOf = [](const Scheme &scheme) {
    return onesOf(scheme) == 4 ? 0.7 : -0.7;
  };
  // Two moves, and three times the log speedup.
  EXPECT_NEAR(learned().value, -2 + 3 * 0.7, 0.3);
  // One game in three ends with the fast one.
  options.basisPercent = 100;
  EXPECT_LT(learned().value, -2);
}

TEST_F(HardwareTermTest, ARankThatCostsMoreThanItSavesIsGivenUp) {
  options.extraMoves = 1;
  options.demonstrationsEnd = 0;
  // Three products instead of two cost a move, and save more than that.
  auto longerIsFaster = [](const Scheme &scheme) {
    return scheme.rank() == 2 ? -1.0 : 1.0;
  };
  evaluator.speedOf = longerIsFaster;
  EXPECT_GT(learned().value, -2);
  // Or they do not.
  evaluator.speedOf = [](const Scheme &scheme) {
    return scheme.rank() == 2 ? 0.0 : 0.1;
  };
  EXPECT_NEAR(learned().value, -2, 0.5);
}

//===----------------------------------------------------------------------===//
// Checkpoints
//===----------------------------------------------------------------------===//

TEST_F(AlphaZeroStrategyTest, AnInterruptedSearchEndsAsAnUninterruptedOne) {
  for (Ring ring : {Ring::Z2, Ring::Z}) {
    task.target = matmulTensor(1, 2, 1, ring);
    auto run = [&](double steps, bool resume) {
      loop.budget.amount = steps;
      loop.resume = resume;
      auto strategy = llvm::cantFail(create());
      llvm::cantFail(runSearch(task, *strategy, loop));
      return strategy->checkpoint();
    };
    nlohmann::json whole = run(9000, false);
    for (double part : {20., 1000., 4321.}) {
      run(part, false);
      EXPECT_EQ(run(9000, true), whole) << part;
    }
  }
}

namespace {
struct AlphaZeroCheckpointTest : AlphaZeroStrategyTest {
  AlphaZeroCheckpointTest() {
    auto strategy = llvm::cantFail(create());
    for (int i = 0; i < 20; ++i)
      strategy->propose(1);
    good = strategy->checkpoint();
  }

  /// What is said about a checkpoint.
  std::string restore(const nlohmann::json &state) {
    auto strategy = llvm::cantFail(create());
    llvm::Error error = strategy->restore(state, "file: state");
    if (error)
      return llvm::toString(std::move(error));
    strategy->propose(1);
    return "";
  }

  nlohmann::json good;
};
} // namespace

TEST_F(AlphaZeroCheckpointTest, DamageIsNamed) {
  EXPECT_EQ(restore(good), "");
  EXPECT_NE(restore(nlohmann::json::array()), "");
  for (auto &[key, value] : good.items()) {
    nlohmann::json missing = good, other = good;
    missing.erase(key);
    EXPECT_NE(restore(missing).find("'" + key + "'"), std::string::npos) << key;
    // Null where that is what is there.
    other[key] = value.is_null() ? nlohmann::json("x") : nlohmann::json();
    std::string message = restore(other);
    EXPECT_EQ(message.find("file: state"), 0u) << key;
    EXPECT_NE(message.find(key), std::string::npos) << message;
  }
  for (const char *key : {"network", "games", "replay"})
    for (const char *text : {"", "A", "!!!!", "AAAA", "\xc3\xa4\xc3\xa4"}) {
      nlohmann::json other = good;
      other[key] = text;
      EXPECT_EQ(restore(other).find(std::string("file: state.") + key), 0u)
          << key << " " << text;
    }
}

TEST_F(AlphaZeroCheckpointTest, NumbersOutOfRangeAreRefused) {
  auto with = [&](const char *key, nlohmann::json value) {
    nlohmann::json other = good;
    other[key] = std::move(value);
    return restore(other);
  };
  for (const char *key : {"batches", "games_ended", "games_won", "known_rank",
                          "found_rank", "training_due"})
    EXPECT_NE(with(key, -1).find(key), std::string::npos) << key;
  // As much training as would never end, games as long.
  EXPECT_NE(with("training_due", 1e300).find("training_due"),
            std::string::npos);
  EXPECT_NE(with("known_rank", UINT_MAX).find("known_rank"), std::string::npos);
  EXPECT_NE(with("loss", {1}), "");
  EXPECT_NE(with("random", {0, 0, 0, 0}), "");
}

TEST_F(AlphaZeroCheckpointTest, DamagedTextsNeverCrash) {
  Random random(8);
  for (int i = 0; i < 200; ++i) {
    nlohmann::json other = good;
    const char *key = random.below(2) ? "games" : "replay";
    std::string text = other[key];
    for (uint64_t changes = 1 + random.below(3); changes > 0; --changes)
      text[random.below(text.size())] = "AZaz09+/="[random.below(9)];
    other[key] = text;
    std::string message = restore(other);
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

//===----------------------------------------------------------------------===//
// Refusals
//===----------------------------------------------------------------------===//

TEST_F(AlphaZeroStrategyTest, TasksWithoutAGameAreRefused) {
  EXPECT_EQ(refusal(), "");
  task.target.ring = Ring::Q;
  EXPECT_NE(refusal().find("ring"), std::string::npos);
  task.target = matmulTensor(1, 2, 1, Ring::Z);
  // Signs move between the factors of a term.
  for (auto [low, high] : {std::pair{-1, 2}, {0, 1}, {-100, 100}}) {
    task.minCoefficient = low, task.maxCoefficient = high;
    EXPECT_NE(refusal().find("coefficients"), std::string::npos) << low;
  }
  task.minCoefficient = -2, task.maxCoefficient = 2;
  EXPECT_EQ(refusal(), "");
  task.target.values[0] = int64_t(1) << 40;
  EXPECT_NE(refusal().find("entries"), std::string::npos);
  task.target.values.assign(task.target.values.size(), 0);
  EXPECT_NE(refusal().find("zero"), std::string::npos);
}

TEST_F(AlphaZeroStrategyTest, ANetworkThatIsMissingIsTold) {
  auto strategy = createAlphaZeroStrategy(
      task, options,
      [](const TensorGame &, const NetworkOptions &, uint64_t,
         unsigned) -> llvm::Expected<std::unique_ptr<Network>> {
        return makeError("no network here");
      });
  ASSERT_FALSE(bool(strategy));
  EXPECT_EQ(llvm::toString(strategy.takeError()), "no network here");
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static const std::string kFolder = SEVENFOLD_CONFIG_DIR "/search/";

TEST(AlphaZeroOptionsTest, ShippedFilesSayWhatTheTableSays) {
  expectDefaultsIn<AlphaZeroOptions>(kFolder + "alphazero-tiny.json",
                                     alphaZeroFields());
  expectSchemaOf(kFolder + "alphazero.schema.json", alphaZeroFields());
}

TEST(AlphaZeroOptionsTest, WrongFilesAreRefused) {
  TemporaryFolder folder;
  std::string path = folder.file("options.json");
  auto message = [&](llvm::StringRef text) {
    llvm::cantFail(writeFileAtomically(path, text));
    auto read = readAlphaZeroOptions(path);
    return read ? "" : llvm::toString(read.takeError());
  };
  EXPECT_EQ(message(R"({"games": 7, "value_scale": 0.5})"), "");
  for (const char *key :
       {"game", "simulation", "equivarient", "", "learningRate"})
    EXPECT_NE(message("{\"" + std::string(key) + "\": 1}")
                  .find("'" + std::string(key) + "'"),
              std::string::npos)
        << key;
  for (const OptionField<AlphaZeroOptions> &field : alphaZeroFields())
    for (double wrong : {field.minimum - 1, 2 * field.maximum + 1}) {
      std::string text = field.isInteger() ? std::to_string(int64_t(wrong))
                                           : std::to_string(wrong);
      std::string said =
          message("{\"" + std::string(field.name) + "\": " + text + "}");
      EXPECT_NE(said.find(path), std::string::npos) << field.name << text;
      EXPECT_NE(said.find(field.name), std::string::npos) << said;
      EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
  EXPECT_NE(message(R"({"games": 1.5})"), "");
  EXPECT_NE(message(R"({"games": "7"})"), "");
  EXPECT_NE(message("[]"), "");
}
