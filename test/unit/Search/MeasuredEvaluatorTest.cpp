//===- MeasuredEvaluatorTest.cpp - Schemes on a fake machine --------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is measured, once, and what becomes of schemes that cannot be.
//
//===----------------------------------------------------------------------===//

#include "../Tuning/FakeMachine.h"

#include "search/Frame/Starts.h"
#include "search/Hardware/MeasuredEvaluator.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"

#include "gtest/gtest.h"

using namespace sevenfold;

namespace {
struct MeasuredEvaluatorTest : testing::Test {
  MeasuredEvaluatorTest() {
    machine.noise = 0;
    machine.fateOf = [this](const Plan &plan) {
      Fate fate;
      if (plan.levels.empty())
        fate.speed = plan.provider == "openblas" ? 1.25 : 1.0;
      else
        fate = planted;
      return fate;
    };
  }

  llvm::Expected<std::unique_ptr<MeasuredEvaluator>> create() {
    return MeasuredEvaluator::create(workload, FakeTuning().device, machine,
                                     machine, options);
  }

  FakeMachine machine;
  Fate planted;
  MeasuredEvaluatorOptions options;
  Workload workload{512, 512, 512};
  Scheme strassen = composedScheme(2, 2, 2, Ring::Z);
};

TEST_F(MeasuredEvaluatorTest, AgainstTheBestProvider) {
  auto evaluator = llvm::cantFail(create());
  EXPECT_EQ(evaluator->provider(), "openblas");
  planted.speed = 1.5;
  EXPECT_NEAR(*evaluator->logSpeedup(strassen), std::log(1.5 / 1.25), 1e-9);
  // The products inside are the best provider's, too.
  const std::string &last = machine.log.back();
  EXPECT_NE(last.find("/breadth; openblas"), std::string::npos) << last;
  EXPECT_NE(last.find("| " + std::to_string(options.pairs)), std::string::npos);
}

TEST_F(MeasuredEvaluatorTest, MeasuresOnceWhatIsTheSame) {
  auto evaluator = llvm::cantFail(create());
  EXPECT_TRUE(evaluator->provenanceOf(strassen).empty());
  evaluator->logSpeedup(strassen);
  size_t calls = machine.log.size();
  // Two terms in the other order, and the sign of one moved.
  Scheme same = strassen;
  for (Factor *factor : {&same.u, &same.v, &same.w})
    for (unsigned e = 0; e < factor->columns(); ++e)
      std::swap(factor->at(0, e), factor->at(1, e));
  for (unsigned e = 0; e < 4; ++e) {
    same.u.at(2, e) = negate(same.u.at(2, e));
    same.w.at(2, e) = negate(same.w.at(2, e));
  }
  EXPECT_EQ(keyOfTerms(same), keyOfTerms(strassen));
  evaluator->logSpeedup(same);
  EXPECT_EQ(machine.log.size(), calls);
  EXPECT_EQ(evaluator->measurements().size(), 1u);
  // The transpose is another scheme.
  EXPECT_NE(keyOfTerms(transpose(strassen)), keyOfTerms(strassen));
  evaluator->logSpeedup(transpose(strassen));
  EXPECT_GT(machine.log.size(), calls);
  // Afresh where that is asked for.
  calls = machine.log.size();
  EXPECT_EQ(evaluator->measure(strassen, 15).speedup->pairs, 15);
  EXPECT_GT(machine.log.size(), calls);
  Provenance provenance = evaluator->provenanceOf(strassen);
  std::map<std::string, std::string> said(provenance.begin(), provenance.end());
  EXPECT_EQ(said["workload"], "512x512x512:f32");
  EXPECT_EQ(said["measured_pairs"], "15");
  EXPECT_EQ(said["measured_over"], "openblas");
  EXPECT_EQ(said["measured_speedup"], "0.8000");
}

TEST_F(MeasuredEvaluatorTest, TheRaceIsWonByMorePairs) {
  auto evaluator = llvm::cantFail(create());
  EXPECT_FALSE(evaluator->race(7, 4));
  Scheme winograd = llvm::cantFail(lookupScheme("2x2x2-r7-winograd"));
  planted.speed = 1.2;
  machine.secondSlow = 0.7; // luck, which does not hold
  evaluator->logSpeedup(strassen);
  machine.secondSlow = 1;
  evaluator->logSpeedup(transpose(strassen)); // not among the best two
  planted.speed = 1.5;
  evaluator->logSpeedup(winograd);
  planted.speed = 9;
  evaluator->logSpeedup(classicalScheme(2, 2, 2)); // of another rank
  auto pairsOf = [&](const Scheme &scheme) {
    return evaluator->measurements().at(keyOfTerms(scheme)).speedup->pairs;
  };
  auto winner = evaluator->race(7, 2);
  ASSERT_TRUE(winner);
  EXPECT_EQ(keyOfTerms(*winner), keyOfTerms(winograd));
  EXPECT_EQ(pairsOf(winograd), 2 * options.pairs);
  EXPECT_EQ(pairsOf(strassen), 2 * options.pairs);
  EXPECT_EQ(pairsOf(transpose(strassen)), options.pairs);
  EXPECT_EQ(pairsOf(classicalScheme(2, 2, 2)), options.pairs);
}

TEST_F(MeasuredEvaluatorTest, FailuresAreData) {
  auto evaluator = llvm::cantFail(create());
  auto failureOf = [&](const Scheme &scheme) {
    EXPECT_FALSE(evaluator->logSpeedup(scheme));
    EXPECT_TRUE(evaluator->provenanceOf(scheme).empty());
    return evaluator->measurements().at(keyOfTerms(scheme)).failure;
  };
  planted.builds = false;
  EXPECT_EQ(failureOf(strassen), "planted: does not build");
  planted = {};
  planted.status = RunStatus::Crashed;
  EXPECT_NE(failureOf(transpose(strassen)).find("planted in"),
            std::string::npos);
  planted = {};
  planted.error = 1;
  EXPECT_NE(failureOf(composedScheme(2, 2, 3, Ring::Z)).find("wrong"),
            std::string::npos);
  planted = {};
  Scheme inexact = composedScheme(2, 3, 3, Ring::Z);
  inexact.u.at(0, 0) = Rational{5, 1};
  EXPECT_NE(failureOf(inexact).find("not exact"), std::string::npos);
  EXPECT_EQ(evaluator->measurements().size(), 4u);
}

TEST_F(MeasuredEvaluatorTest, NoProviderIsAnError) {
  machine.fateOf = [](const Plan &) {
    Fate fate;
    fate.status = RunStatus::Crashed;
    return fate;
  };
  auto evaluator = create();
  ASSERT_FALSE(bool(evaluator));
  llvm::consumeError(evaluator.takeError());
}

TEST_F(MeasuredEvaluatorTest, PredictsMoreForMore) {
  auto evaluator = llvm::cantFail(create());
  // Of one rank, the one with fewer additions and sums.
  Scheme winograd = llvm::cantFail(lookupScheme("2x2x2-r7-winograd"));
  Scheme classical = classicalScheme(2, 2, 2);
  EXPECT_NE(evaluator->predictedSeconds(winograd),
            evaluator->predictedSeconds(strassen));
  EXPECT_GT(evaluator->predictedSeconds(classical),
            evaluator->predictedSeconds(llvm::ArrayRef<Scheme>()) * 0.99);
  // Sums of all blocks, no two of them equal.
  Scheme dense = strassen;
  for (unsigned t = 0; t < 7; ++t)
    for (unsigned e = 0; e < 4; ++e)
      dense.u.at(t, e) = Rational{(t >> e) & 1 ? -1 : 1, 1};
  EXPECT_GT(evaluator->predictedSeconds(dense),
            evaluator->predictedSeconds(strassen));
}

TEST_F(MeasuredEvaluatorTest, TellsHowWellItPredicts) {
  auto evaluator = llvm::cantFail(create());
  EXPECT_FALSE(evaluator->predictionCorrelation());
  std::vector<Scheme> schemes = {strassen, classicalScheme(2, 2, 2),
                                 composedScheme(2, 2, 3, Ring::Z)};
  for (const Scheme &scheme : schemes) {
    planted.speed = 1e-3 / evaluator->predictedSeconds(scheme);
    evaluator->logSpeedup(scheme);
  }
  EXPECT_NEAR(*evaluator->predictionCorrelation(), 1, 1e-12);
}
} // namespace
