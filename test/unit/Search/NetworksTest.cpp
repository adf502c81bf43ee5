//===- NetworksTest.cpp - What all networks must do -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Probabilities, draws, training and saving, of networks of every kind.
//
//===----------------------------------------------------------------------===//

#include "NetworksFixture.h"

#include <set>

using namespace sevenfold;

namespace {
struct Kind {
  const char *name;
  NetworkKind kind;
  Ring ring;
  std::array<unsigned, 3> shape;
};

void PrintTo(const Kind &kind, std::ostream *stream) { *stream << kind.name; }

struct NetworksTest : testing::TestWithParam<Kind> {
  NetworksTest() {
    options.blocks = 2;
    options.width = 32;
    if (GetParam().kind == NetworkKind::Equivariant)
      options.width = 8;
    network = make();
  }

  std::unique_ptr<TorchNetwork> make() {
    return makeNetwork(GetParam().kind, game, options, 1);
  }

  std::vector<TrainingExample> examples(size_t count, unsigned mostTerms) {
    std::vector<TrainingExample> batch;
    while (batch.size() < count)
      batch.push_back(drawExample(
          game,
          randomTerms(game, 1 + unsigned(random.below(mostTerms)), 0.5, random),
          random));
    return batch;
  }

  GamePosition position() { return {randomTensor(game, random), 1}; }

  static void expectAlike(Network &a, Network &b, const GamePosition &at) {
    float value[2];
    EXPECT_EQ(priorsOf(a, at, &value[0]), priorsOf(b, at, &value[1]));
    EXPECT_EQ(value[0], value[1]);
  }

  TensorGame game{GetParam().ring, GetParam().shape, -1, 1, 6};
  Random random{16};
  NetworkOptions options;
  std::unique_ptr<TorchNetwork> network;
};
} // namespace

INSTANTIATE_TEST_SUITE_P(
    All, NetworksTest,
    testing::Values(
        Kind{"Equivariant", NetworkKind::Equivariant, Ring::Z2, {2, 3, 2}},
        Kind{"ResidualZ2", NetworkKind::Residual, Ring::Z2, {2, 3, 2}},
        Kind{"AttentiveZ2", NetworkKind::Attentive, Ring::Z2, {2, 3, 2}},
        Kind{"ResidualZ", NetworkKind::Residual, Ring::Z, {2, 2, 3}},
        Kind{"AttentiveZ", NetworkKind::Attentive, Ring::Z, {2, 2, 3}},
        // Two words a factor.
        Kind{"Words", NetworkKind::Residual, Ring::Z, {1, 6, 1}}),
    [](const auto &info) { return std::string(info.param.name); });

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

TEST_P(NetworksTest, AllMovesHaveAProbabilityAndTheyAddUp) {
  network->train(examples(8, 2));
  auto priors = priorsOf(*network, position());
  std::vector<RankOneTerm> moves = allMoves(game);
  EXPECT_EQ(priors.size(), moves.size());
  for (const RankOneTerm &move : moves)
    EXPECT_EQ(priors.count(move), 1u);
  EXPECT_NEAR(sumOfProbabilities(priors), 1, 1e-4);
}

TEST_P(NetworksTest, TrainingSeesTheProbabilitiesThatPlaySees) {
  // The policy's loss of one example with one move is what evaluation says of
  // the move: words are predicted from the same ones before them.
  options.valueWeight = 0;
  for (int i = 0; i < 6; ++i) {
    network = make();
    network->train(examples(8, 2));
    TrainingExample example = examples(1, 1)[0];
    auto priors = priorsOf(*network, example.position);
    ASSERT_EQ(example.policy.size(), 1u);
    EXPECT_NEAR(network->train({example}).policy,
                -priors.at(example.policy[0].term), 1e-4);
  }
}

TEST_P(NetworksTest, CandidatesAreDifferentAndAsManyAsAskedFor) {
  std::vector<GamePosition> positions;
  std::vector<const GamePosition *> pointers;
  for (int i = 0; i < 40; ++i)
    positions.push_back(position());
  for (const GamePosition &position : positions)
    pointers.push_back(&position);
  for (unsigned count : {1u, 5u, 20u})
    for (const Evaluation &evaluation :
         network->evaluate(pointers, count, random)) {
      EXPECT_TRUE(std::isfinite(evaluation.value));
      std::set<RankOneTerm> terms;
      for (const CandidateMove &candidate : evaluation.candidates) {
        EXPECT_FALSE(game.hasZeroFactor(candidate.term));
        terms.insert(candidate.term);
      }
      EXPECT_EQ(terms.size(), count);
      EXPECT_EQ(evaluation.candidates.size(), count);
    }
}

TEST_P(NetworksTest, DrawsAreWithoutReplacement) {
  // Of two moves drawn without replacement, move i is one with probability
  // p_i + sum over j of p_j p_i / (1 - p_j).
  GamePosition at = position();
  for (int step = 0; step < 40; ++step) // a policy that is far from uniform
    network->train(examples(16, 1));
  at = examples(1, 1)[0].position;
  auto priors = priorsOf(*network, at);
  constexpr int kDraws = 1000;
  std::vector<const GamePosition *> many(kDraws, &at);
  std::map<RankOneTerm, int> drawn;
  for (const Evaluation &evaluation : network->evaluate(many, 2, random))
    for (const CandidateMove &candidate : evaluation.candidates)
      ++drawn[candidate.term];
  double worst = 0, largest = 0;
  for (const auto &[term, logPrior] : priors) {
    double p = std::exp(double(logPrior)), wanted = p;
    for (const auto &[other, otherPrior] : priors)
      if (other != term) {
        double q = std::exp(double(otherPrior));
        wanted += q * p / (1 - q);
      }
    double sigma = std::sqrt(wanted * (1 - wanted) / kDraws) + 1e-3;
    worst = std::max(worst,
                     std::abs(drawn[term] / double(kDraws) - wanted) / sigma);
    largest = std::max(largest, p);
  }
  EXPECT_LT(worst, 5);
  EXPECT_GT(largest, 2.0 / double(priors.size()));
}

//===----------------------------------------------------------------------===//
// Training
//===----------------------------------------------------------------------===//

TEST_P(NetworksTest, ABatchCanBeLearned) {
  std::vector<TrainingExample> batch = examples(20, 2);
  TrainingLoss first = network->train(batch), last;
  for (int step = 0; step < 40; ++step)
    last = network->train(batch);
  EXPECT_LT(last.policy, first.policy - 0.1);
  EXPECT_LT(last.value, 0.7 * first.value);
}

TEST_P(NetworksTest, RankOneIsSolvedAfterTraining) {
  if (GetParam().kind == NetworkKind::Attentive)
    GTEST_SKIP() << "slow; ABatchCanBeLearned trains it";
  options.learningRate = 1e-2;
  network = make();
  for (int step = 0; step < 150; ++step)
    network->train(examples(24, 2));
  int right = 0;
  double error = 0;
  for (const TrainingExample &example : examples(50, 1)) {
    float value = 0;
    auto priors = priorsOf(*network, example.position, &value);
    auto top = std::max_element(
        priors.begin(), priors.end(),
        [](const auto &a, const auto &b) { return a.second < b.second; });
    right += top->first == example.policy[0].term;
    error += std::abs(value + 1) / 50;
  }
  EXPECT_GE(right, 20); // of 50; the one move in fifty or more
  EXPECT_LT(error, 0.5);
}

TEST_P(NetworksTest, ThreadsChangeNothing) {
  auto other = make();
  network->setThreads(1);
  other->setThreads(3);
  for (int step = 0; step < 3; ++step) {
    std::vector<TrainingExample> batch = examples(50, 2);
    TrainingLoss a = network->train(batch), b = other->train(batch);
    EXPECT_EQ(a.policy, b.policy);
    EXPECT_EQ(a.value, b.value);
  }
  std::vector<GamePosition> positions;
  std::vector<const GamePosition *> pointers;
  for (int i = 0; i < 50; ++i)
    positions.push_back(position());
  for (const GamePosition &position : positions)
    pointers.push_back(&position);
  Random one(5), two(5);
  auto a = network->evaluate(pointers, 4, one),
       b = other->evaluate(pointers, 4, two);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].value, b[i].value);
    for (size_t j = 0; j < 4; ++j) {
      EXPECT_EQ(a[i].candidates[j].term, b[i].candidates[j].term);
      EXPECT_EQ(a[i].candidates[j].logPrior, b[i].candidates[j].logPrior);
    }
  }
}

//===----------------------------------------------------------------------===//
// Saving
//===----------------------------------------------------------------------===//

TEST_P(NetworksTest, GoesOnFromWhatWasSaved) {
  for (int step = 0; step < 3; ++step)
    network->train(examples(16, 2));
  auto other = makeNetwork(GetParam().kind, game, options, /*seed=*/2);
  other->train(examples(16, 2));
  ASSERT_TRUE(other->restore(network->save()));
  expectAlike(*network, *other, position());
  for (int step = 0; step < 3; ++step) {
    std::vector<TrainingExample> batch = examples(16, 2);
    EXPECT_EQ(network->train(batch).policy, other->train(batch).policy);
  }
  expectAlike(*network, *other, position());
}

TEST_P(NetworksTest, WhatIsNotItsOwnLeavesItAsItWas) {
  network->train(examples(16, 2));
  auto same = make();
  ASSERT_TRUE(same->restore(network->save()));
  NetworkOptions wider = options;
  wider.width *= 2;
  auto other = makeNetwork(GetParam().kind, game, wider);
  other->train(examples(16, 2));
  std::string good = network->save(), cut = good.substr(0, good.size() / 2);
  for (const std::string &bytes :
       {std::string(), std::string("garbage"), cut, other->save()})
    EXPECT_FALSE(network->restore(bytes));
  for (int i = 0; i < 20; ++i) { // taken or not, but never the end
    std::string text = good;
    text[random.below(text.size())] ^= char(1 + random.below(255));
    auto victim = make();
    if (!victim->restore(text))
      expectAlike(*victim, *make(), position());
    victim->train(examples(2, 2));
  }
  expectAlike(*network, *same, position());
  std::vector<TrainingExample> batch = examples(16, 2);
  EXPECT_EQ(network->train(batch).policy, same->train(batch).policy);
  expectAlike(*network, *same, position());
}

TEST(AttentiveNetworkTest, AnyWidthWillDo) {
  TensorGame game(Ring::Z2, {2, 2, 2}, 0, 1, 4);
  for (int64_t width : {2, 31, 33, 97, 100}) {
    NetworkOptions options;
    options.width = width;
    options.blocks = 1;
    auto network = makeNetwork(NetworkKind::Attentive, game, options);
    EXPECT_NEAR(
        sumOfProbabilities(priorsOf(*network, {std::vector<int32_t>(8, 1), 0})),
        1, 1e-4)
        << width;
  }
}
