//===- EquivariantNetworkTest.cpp - A network that knows the symmetry -----===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What it thinks of a tensor it thinks of it in every basis.
//
//===----------------------------------------------------------------------===//

#include "NetworksFixture.h"

#include "search/Network/Torch/Walsh.h"

using namespace sevenfold;

namespace {
struct EquivariantNetworkTest
    : testing::TestWithParam<std::array<unsigned, 3>> {
  EquivariantNetworkTest() {
    options.blocks = 3;
    options.width = 6;
    network = makeNetwork(NetworkKind::Equivariant, game, options);
    // Some training, so that no part of it is as it was made.
    for (int step = 0; step < 3; ++step) {
      std::vector<TrainingExample> batch;
      for (int i = 0; i < 16; ++i)
        batch.push_back(
            drawExample(game, randomTerms(game, 3, 0.5, random), random));
      network->train(batch);
    }
  }

  TensorGame game{Ring::Z2, GetParam(), 0, 1, 10};
  Random random{14};
  NetworkOptions options;
  std::unique_ptr<TorchNetwork> network;
};
} // namespace

INSTANTIATE_TEST_SUITE_P(Shapes, EquivariantNetworkTest,
                         testing::Values(std::array{2u, 3u, 2u},
                                         std::array{1u, 2u, 4u},
                                         std::array{4u, 4u, 4u}));

TEST_P(EquivariantNetworkTest, ThinksAlikeInEveryBasis) {
  float spread = 0;
  for (int i = 0; i < 5; ++i) {
    GamePosition position = {randomTensor(game, random), 2};
    BasisChange basis = BasisChange::draw(game, random);
    GamePosition mapped = {basis.apply(position.residual), 2};
    float value = 0, valueThere = 0;
    auto here = priorsOf(*network, position, &value);
    auto there = priorsOf(*network, mapped, &valueThere);
    EXPECT_NEAR(value, valueThere, 1e-4);
    ASSERT_EQ(here.size(), allMoves(game).size());
    for (const auto &[term, logPrior] : here) {
      ASSERT_NEAR(logPrior, there.at(basis.apply(term)), 1e-4);
      spread = std::max(spread, std::abs(logPrior - here.begin()->second));
    }
  }
  // Else all of this says nothing.
  EXPECT_GT(spread, 0.01);
}

TEST_P(EquivariantNetworkTest, ModesAreAlike) {
  // A tensor turned so that mode a becomes mode b is as good.
  auto [a, b, c] = game.shape();
  TensorGame turned(Ring::Z2, {c, a, b}, 0, 1, 10);
  auto other = makeNetwork(NetworkKind::Equivariant, turned, options);
  ASSERT_TRUE(other->restore(network->save()));
  GamePosition position = {randomTensor(game, random), 0};
  GamePosition there = position;
  for (unsigned i = 0; i < a; ++i)
    for (unsigned j = 0; j < b; ++j)
      for (unsigned l = 0; l < c; ++l)
        there.residual[(l * a + i) * b + j] =
            position.residual[(i * b + j) * c + l];
  float value = 0, turnedValue = 0;
  priorsOf(*network, position, &value);
  priorsOf(*other, there, &turnedValue);
  EXPECT_NEAR(value, turnedValue, 1e-4);
}

/// The two ways to transform are one, and twice is the projection that leaves
/// functions without their means.
TEST(WalshTest, ByProductsAsByButterflies) {
  torch::manual_seed(3);
  torch::Tensor f = torch::randn({2, 3, 1, 3, 15});
  EXPECT_LT((walsh(f) - walshByProducts(f)).abs().max().item<float>(), 1e-5);
  torch::Tensor whole = torch::randn({1, 1, 3, 3, 3}), again = whole;
  for (int64_t mode = 2; mode < 5; ++mode)
    again = again - again.sum(mode, true) / 4;
  // The rows of the matrix without x = 0: its square is 1 - (all ones) / 4.
  EXPECT_LT((walsh(walsh(whole)) - again).abs().max().item<float>(), 1e-5);
  // The gradient of a symmetric map is the map.
  torch::Tensor g = torch::randn({2, 3, 1, 3, 15});
  f.requires_grad_();
  (walsh(f) * g).sum().backward();
  EXPECT_LT((f.grad() - walsh(g)).abs().max().item<float>(), 1e-5);
}

TEST(EquivariantDrawTest, FrequenciesAreThoseOfThePrior) {
  TensorGame game(Ring::Z2, {1, 2, 1}, 0, 1, 4);
  NetworkOptions options;
  auto network = makeNetwork(NetworkKind::Equivariant, game, options);
  GamePosition position = {{1, 0}, 0};
  auto priors = priorsOf(*network, position);
  ASSERT_EQ(priors.size(), 3u);
  Random random(15);
  std::map<RankOneTerm, int> drawn;
  std::vector<const GamePosition *> many(4000, &position);
  for (const Evaluation &evaluation : network->evaluate(many, 1, random)) {
    ASSERT_EQ(evaluation.candidates.size(), 1u);
    ++drawn[evaluation.candidates[0].term];
  }
  for (const auto &[term, logPrior] : priors)
    EXPECT_NEAR(drawn[term] / 4000.0, std::exp(logPrior), 0.04);
}
