//===- LevenbergMarquardtTest.cpp - Search by least squares ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Normal equations against differences, rounding, exact schemes from random
// numbers, and checkpoints on the way.
//
//===----------------------------------------------------------------------===//

#include "search/Numeric/LevenbergMarquardtStrategy.h"

#include "search/Frame/SearchLoop.h"
#include "search/Frame/Starts.h"
#include "search/Numeric/ExactScheme.h"
#include "search/Numeric/Rounding.h"

#include <nlohmann/json.hpp>

#include <cmath>

#include "gtest/gtest.h"

using namespace sevenfold;

static SearchTask taskOf(unsigned m, unsigned k, unsigned n, unsigned rank,
                         Ring ring = Ring::Q, uint64_t seed = 2) {
  SearchTask task;
  task.target = matmulTensor(m, k, n, ring);
  task.targetRank = rank;
  task.seed = seed;
  return task;
}

static std::vector<double> randomValues(size_t size, uint64_t seed) {
  Random random(seed);
  std::vector<double> values(size);
  for (double &value : values)
    value = random.normal();
  return values;
}

/// All entries of sum - T.
static std::vector<double> errorsOf(const PolyadicModel &model,
                                    const std::vector<double> &x) {
  const TargetTensor &target = model.tensor();
  std::vector<double> errors;
  for (unsigned a = 0; a < target.shape[0]; ++a)
    for (unsigned b = 0; b < target.shape[1]; ++b)
      for (unsigned c = 0; c < target.shape[2]; ++c) {
        double sum = -double(target.at(a, b, c));
        for (unsigned t = 0; t < model.rank(); ++t)
          sum += x[model.index(0, a, t)] * x[model.index(1, b, t)] *
                 x[model.index(2, c, t)];
        errors.push_back(sum);
      }
  return errors;
}

/// The Jacobian of errorsOf by central differences, exact but for rounding: the
/// errors are linear in every coefficient. One row a coefficient.
static std::vector<std::vector<double>>
jacobianOf(const PolyadicModel &model, const std::vector<double> &x) {
  std::vector<std::vector<double>> rows;
  for (size_t i = 0; i < x.size(); ++i) {
    std::vector<double> above = x, below = x;
    above[i] += 0.5;
    below[i] -= 0.5;
    rows.push_back(errorsOf(model, above));
    std::vector<double> other = errorsOf(model, below);
    for (size_t e = 0; e < other.size(); ++e)
      rows.back()[e] -= other[e];
  }
  return rows;
}

static double dot(const std::vector<double> &a, const std::vector<double> &b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum;
}

TEST(PolyadicModelTest, GradientAndNormalMatrixAreThoseOfTheJacobian) {
  PolyadicModel model(matmulTensor(2, 3, 2, Ring::Z), 5);
  std::vector<double> x = randomValues(model.size(), 3);
  std::vector<double> errors = errorsOf(model, x);
  EXPECT_NEAR(model.squaredResidual(x), dot(errors, errors), 1e-9);
  std::vector<std::vector<double>> jacobian = jacobianOf(model, x);
  std::vector<double> gradient = model.gradient(x);
  for (size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(gradient[i], dot(jacobian[i], errors), 1e-9) << i;
  // All coefficients, and some of them.
  std::vector<size_t> all, some;
  for (size_t i = 0; i < x.size(); ++i) {
    all.push_back(i);
    if (i % 3 != 1)
      some.push_back(i);
  }
  for (const std::vector<size_t> &free : {all, some}) {
    PositiveSystem system;
    model.normalMatrix(x, free, system);
    for (size_t j = 0; j < free.size(); ++j)
      for (size_t i = j; i < free.size(); ++i)
        EXPECT_NEAR(system.column(j)[i],
                    dot(jacobian[free[i]], jacobian[free[j]]), 1e-9)
            << i << " " << j;
  }
}

TEST(PolyadicModelTest, BalancingKeepsTheTerms) {
  PolyadicModel model(matmulTensor(2, 2, 3, Ring::Z), 4);
  std::vector<double> x = randomValues(model.size(), 5);
  double before = model.squaredResidual(x);
  model.balance(x);
  EXPECT_NEAR(model.squaredResidual(x), before, 1e-9);
}

TEST(PositiveSystemTest, SolvesAndInverts) {
  constexpr size_t n = 37;
  std::vector<double> root = randomValues(n * n, 7), wanted(n), rhs(n);
  PositiveSystem system;
  system.resize(n);
  std::vector<double> matrix(n * n);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j) {
      for (size_t k = 0; k < n; ++k)
        matrix[i * n + j] += root[i * n + k] * root[j * n + k];
      matrix[i * n + j] += i == j;
      system.column(j)[i] = matrix[i * n + j];
    }
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j)
      rhs[i] += matrix[i * n + j] * (wanted[j] = double(j) - 11);
  ASSERT_TRUE(system.factor());
  system.solve(rhs);
  for (size_t i = 0; i < n; ++i)
    EXPECT_NEAR(rhs[i], wanted[i], 1e-8);
  // A^-1 = L^-T L^-1.
  system.invertFactor();
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j) {
      double product = 0;
      for (size_t k = 0; k < n; ++k)
        for (size_t l = std::max(k, j); l < n; ++l)
          product +=
              matrix[i * n + k] * system.column(k)[l] * system.column(j)[l];
      EXPECT_NEAR(product, i == j, 1e-8);
    }
  system.resize(1);
  system.column(0)[0] = -1;
  EXPECT_FALSE(system.factor());
}

TEST(ReducedSystemTest, SolvesWhatTheWholeSystemDoes) {
  // Each factor is the longest once.
  for (const TargetTensor &target :
       {matmulTensor(3, 2, 2, Ring::Z), matmulTensor(2, 3, 4, Ring::Z),
        matmulTensor(2, 1, 3, Ring::Z)}) {
    PolyadicModel model(target, 5);
    std::vector<double> x = randomValues(model.size(), 11),
                        rhs = randomValues(model.size(), 12);
    std::vector<size_t> all;
    for (size_t i = 0; i < x.size(); ++i)
      all.push_back(i);
    constexpr double shift = 1e-2;
    PositiveSystem system;
    model.normalMatrix(x, all, system);
    for (size_t i = 0; i < x.size(); ++i)
      system.column(i)[i] += shift;
    ASSERT_TRUE(system.factor());
    std::vector<double> wanted = rhs, solved = rhs;
    system.solve(wanted);
    ReducedSystem reduced;
    EXPECT_LT(ReducedSystem::sizeOf(model), model.size());
    ASSERT_TRUE(reduced.solve(model, x, shift, solved));
    for (size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(solved[i], wanted[i], 1e-8 * (1 + std::abs(wanted[i])))
          << target.str() << " " << i;
  }
}

TEST(LevenbergMarquardtTest, DescendsAndLeavesFixedCoefficientsAlone) {
  PolyadicModel model(matmulTensor(2, 2, 2, Ring::Z), 8);
  LevenbergMarquardt here(model);
  here.values = randomValues(model.size(), 3);
  here.fixed[model.index(1, 2, 3)] = 1;
  here.values[model.index(1, 2, 3)] = 0.5;
  std::fill(here.weights.begin(), here.weights.end(), 1e-2);
  here.evaluate();
  for (int i = 0; i < 20; ++i) {
    double before = here.objective();
    if (here.step() == LevenbergMarquardt::Step::Taken)
      EXPECT_LT(here.objective(), before);
    else
      EXPECT_EQ(here.objective(), before);
  }
  EXPECT_EQ(here.values[model.index(1, 2, 3)], 0.5);
  EXPECT_LT(here.squaredResidual(), 1);
}

/// Strassen's scheme in a basis that nobody would choose.
static LevenbergMarquardt distortedStrassen(const PolyadicModel &model) {
  Scheme strassen = composedScheme(2, 2, 2, Ring::Z);
  const Factor *factors[3] = {&strassen.u, &strassen.v, &strassen.w};
  // A -> A Q, B -> Q^-1 B with Q = (1 s; 0 1), and terms of other scales.
  constexpr double s = 0.31;
  LevenbergMarquardt here(model);
  for (unsigned t = 0; t < 7; ++t)
    for (unsigned mode = 0; mode < 3; ++mode)
      for (unsigned e = 0; e < 4; ++e) {
        double value = factors[mode]->at(t, e).toDouble();
        if (mode == 0 && e % 2 == 1)
          value += s * factors[0]->at(t, e - 1).toDouble();
        if (mode == 1 && e < 2)
          value -= s * factors[1]->at(t, e + 2).toDouble();
        double scale = mode == 0 ? 1.7 : mode == 1 ? 0.4 : 1 / 1.7 / 0.4;
        here.values[model.index(mode, e, t)] = value * scale;
      }
  here.evaluate();
  return here;
}

TEST(RoundingTest, KeepsTheResidualAndEndsInFractions) {
  PolyadicModel model(matmulTensor(2, 2, 2, Ring::Q), 7);
  LevenbergMarquardt here = distortedStrassen(model);
  ASSERT_LE(here.squaredResidual(), LevenbergMarquardt::kSolved);
  Rounding rounding(RoundingGrid::of(Ring::Q, -1, 1));
  rounding.begin(here, 0);
  EXPECT_LE(here.squaredResidual(), LevenbergMarquardt::kSolved);
  Random random(1);
  int64_t steps = 0;
  Rounding::State state = Rounding::State::Going;
  for (int i = 0; i < 200 && state == Rounding::State::Going; ++i) {
    state = rounding.advance(here, random, steps);
    EXPECT_LE(here.squaredResidual(), LevenbergMarquardt::kSolved);
  }
  ASSERT_EQ(state, Rounding::State::Rounded);
  EXPECT_GT(steps, 0);
  std::optional<Scheme> scheme = exactScheme(here, -1, 1);
  ASSERT_TRUE(scheme.has_value());
  EXPECT_EQ(findWrongEntry(model.tensor(), *scheme), "");
}

TEST(ExactSchemeTest, SolvesForTheThirdFactor) {
  TargetTensor target = matmulTensor(2, 2, 2, Ring::Q);
  Scheme strassen = composedScheme(2, 2, 2, Ring::Z);
  strassen.ring = Ring::Q;
  // A term's first factor by 24, its third by a 24th.
  for (unsigned e = 0; e < 4; ++e) {
    strassen.u.at(3, e) = *multiply(strassen.u.at(3, e), {24, 1});
    strassen.w.at(3, e) = *divide(strassen.w.at(3, e), {24, 1});
  }
  Scheme cut = strassen;
  cut.w = Factor(7, 4);
  EXPECT_EQ(solveFactor(target, cut, 2), strassen.w);
  cut = strassen;
  cut.u = Factor(7, 4);
  EXPECT_EQ(solveFactor(target, cut, 0), strassen.u);
  // Two equal terms: the third factor is not determined.
  for (unsigned e = 0; e < 4; ++e) {
    cut.v.at(0, e) = cut.v.at(1, e);
    cut.w.at(0, e) = cut.w.at(1, e);
  }
  EXPECT_FALSE(solveFactor(target, cut, 0).has_value());
}

TEST(ExactSchemeTest, NearestFractions) {
  EXPECT_EQ(nearestFraction(0.3333333333, 8, 1e-9), makeRational(1, 3));
  EXPECT_EQ(nearestFraction(-2, 8, 1e-9), makeRational(-2, 1));
  EXPECT_FALSE(nearestFraction(0.3333, 8, 1e-9).has_value());
  EXPECT_FALSE(nearestFraction(1.6180339887, 24, 1e-6).has_value());
}

/// Runs a search of at most so many slices.
static std::optional<Scheme> search(const SearchTask &task, int slices) {
  auto strategy = llvm::cantFail(createLevenbergMarquardtStrategy(task));
  std::optional<Scheme> found;
  for (int i = 0; i < slices && !found; ++i)
    found = strategy->propose(1 << 16).found;
  return found;
}

TEST(LevenbergMarquardtStrategyTest, FindsStrassenFromEverySeed) {
  for (uint64_t seed = 0; seed < 5; ++seed)
    for (Ring ring : {Ring::Q, Ring::Z}) {
      SearchTask task = taskOf(2, 2, 2, 7, ring, seed);
      std::optional<Scheme> found = search(task, 200);
      ASSERT_TRUE(found.has_value()) << seed;
      EXPECT_EQ(found->rank(), 7u);
      EXPECT_EQ(findWrongEntry(task.target, *found), "");
    }
}

TEST(LevenbergMarquardtStrategyTest, FindsOtherFormats) {
  for (const SearchTask &task :
       {taskOf(2, 2, 3, 11), taskOf(2, 3, 3, 15), taskOf(1, 2, 2, 4)}) {
    std::optional<Scheme> found = search(task, 2000);
    ASSERT_TRUE(found.has_value()) << task.target.str();
    EXPECT_EQ(findWrongEntry(task.target, *found), "");
  }
}

TEST(LevenbergMarquardtStrategyTest, FindsNothingBelowTheRank) {
  SearchTask task = taskOf(2, 2, 2, 6);
  auto strategy = llvm::cantFail(createLevenbergMarquardtStrategy(task));
  SearchOptions options;
  options.strategy = "levenberg-marquardt";
  options.budget = {BudgetKind::Steps, 1 << 20};
  options.targetRank = 6;
  options.interrupted = StopRequest([] { return false; });
  auto result = llvm::cantFail(runSearch(task, *strategy, options));
  EXPECT_FALSE(result.best.has_value());
  EXPECT_FALSE(result.reachedTarget);
  EXPECT_GE(result.steps, 1 << 20);
  EXPECT_GT(result.moves, 0);
}

TEST(LevenbergMarquardtStrategyTest, CheckpointsGoOnBitIdentically) {
  SearchTask task = taskOf(2, 2, 3, 11);
  task.threads = 2;
  auto whole = llvm::cantFail(createLevenbergMarquardtStrategy(task));
  auto parts = llvm::cantFail(createLevenbergMarquardtStrategy(task));
  // Small slices: some end in each phase.
  for (int i = 0; i < 150; ++i) {
    whole->propose(1 << 14);
    parts->propose(1 << 14);
    nlohmann::json state = nlohmann::json::parse(parts->checkpoint().dump());
    parts = llvm::cantFail(createLevenbergMarquardtStrategy(task));
    ASSERT_FALSE(bool(parts->restore(state, "test")));
    ASSERT_EQ(whole->checkpoint(), parts->checkpoint()) << i;
  }
  nlohmann::json state = parts->checkpoint();
  state["attempts"][0]["values"].push_back(1);
  llvm::Error error = parts->restore(state, "here");
  EXPECT_NE(llvm::toString(std::move(error)).find("here.attempts[0].values"),
            std::string::npos);
}

TEST(LevenbergMarquardtStrategyTest, Refusals) {
  auto refusalOf = [](const SearchTask &task) {
    auto strategy = createLevenbergMarquardtStrategy(task);
    return strategy ? "" : llvm::toString(strategy.takeError());
  };
  SearchTask task = taskOf(2, 2, 2, 7);
  task.targetRank.reset();
  EXPECT_NE(refusalOf(task).find("--target-rank"), std::string::npos);
  EXPECT_NE(refusalOf(taskOf(2, 2, 2, 7, Ring::Z2)).find("ring Z or Q"),
            std::string::npos);
  EXPECT_NE(refusalOf(taskOf(8, 8, 8, 343)).find("at most 6144 coefficients"),
            std::string::npos);
}
