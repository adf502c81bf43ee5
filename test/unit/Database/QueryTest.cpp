//===- QueryTest.cpp - Which record answers -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys, validity and limits of a query.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"

#include "sevenfold/Database/Layers.h"

using namespace sevenfold;
using QueryTest = FolderTest;

static const Workload kWorkload{256, 256, 256};

static bool mentions(const PlanAnswer &answer, const char *text) {
  return answer.reason.find(text) != std::string::npos;
}

TEST(BestPlanTest, NewestValidRecordAnswers) {
  Record older = makeTestRecord(1), newer = makeTestRecord(2);
  newer.plan.levels[0].execution = Execution::Depth;
  PlanAnswer answer = bestPlan({older, newer}, testContext(), kWorkload);
  ASSERT_TRUE(answer.plan.has_value());
  EXPECT_EQ(*answer.plan, newer.plan);
  EXPECT_EQ(answer.record, newer.id());
  EXPECT_NEAR(*answer.plannedSeconds, 1.007, 1e-9);
  EXPECT_NEAR(*answer.baselineSeconds, 1.107, 1e-5);
}

TEST(BestPlanTest, StaleRecordsSayWhatChanged) {
  QueryContext context = testContext();
  context.present["provider:onednn"] = "3.1";
  PlanAnswer answer = bestPlan({makeTestRecord(1)}, context, kWorkload);
  EXPECT_FALSE(answer.plan.has_value());
  EXPECT_EQ(answer.reason, "record is stale: onednn 2.6 -> 3.1");
  context.present.erase("provider:onednn");
  answer = bestPlan({makeTestRecord(1)}, context, kWorkload);
  EXPECT_EQ(answer.reason, "record is stale: onednn 2.6 is missing");
  // Where only a part of the versions is known, others are taken to be right.
  context.presence = Presence::Partial;
  EXPECT_TRUE(bestPlan({makeTestRecord(1)}, context, kWorkload).plan);
  context.present["codegen"] = "2";
  answer = bestPlan({makeTestRecord(1)}, context, kWorkload);
  EXPECT_EQ(answer.reason, "record is stale: codegen 1 -> 2");
  Record other = makeTestRecord(1);
  other.schemeHashes = std::string(64, '0');
  answer = bestPlan({other}, testContext(), kWorkload);
  EXPECT_TRUE(mentions(answer, "scheme"));
}

TEST(BestPlanTest, AnOlderValidRecordStandsInForAStaleOne) {
  Record older = makeTestRecord(1), stale = makeTestRecord(2);
  stale.validity["codegen"] = "0";
  PlanAnswer answer = bestPlan({older, stale}, testContext(), kWorkload);
  ASSERT_TRUE(answer.plan.has_value());
  EXPECT_EQ(answer.record, older.id());
}

TEST(BestPlanTest, BaselineRecordsAnswerWithoutAPlan) {
  PlanAnswer answer =
      bestPlan({makeTestRecord(1), makeTestRecord(2, Verdict::Baseline)},
               testContext(), kWorkload);
  EXPECT_FALSE(answer.isPlanned());
  EXPECT_TRUE(mentions(answer, "openblas")) << answer.reason;
  EXPECT_FALSE(answer.record.empty());
  EXPECT_EQ(answer.note, kFunctionNotMeasured);
  // The product goes to the library that was measured fastest.
  ASSERT_TRUE(answer.plan);
  EXPECT_TRUE(answer.plan->levels.empty());
  EXPECT_EQ(answer.plan->provider, "openblas");
}

TEST(BestPlanTest, AnswersSayHowLibrariesDid) {
  Record record = makeTestRecord(2, Verdict::Baseline);
  record.provenance[kRaceKey] =
      R"({"onednn 2.6": 0.5, "openblas 0.2": 0.3, "blis": 0.1, "x 1": "y"})";
  // Of the versions that are present, and of numbers only.
  EXPECT_EQ(bestPlan({record}, testContext(), kWorkload).raceSeconds,
            (std::map<std::string, double>{{"onednn", 0.5}}));
  for (const char *text : {"", "[1]", "{\"onednn 2.6\": -1}"}) {
    record.provenance[kRaceKey] = text;
    EXPECT_TRUE(
        bestPlan({record}, testContext(), kWorkload).raceSeconds.empty());
  }
}

TEST(BestPlanTest, ARaceOnlyAnswersWhereNothingElseDoes) {
  Record race = makeTestRecord(2, Verdict::Baseline);
  race.provenance[kRaceOnlyKey] = "too noisy to tell";
  PlanAnswer answer =
      bestPlan({makeTestRecord(1), race}, testContext(), kWorkload);
  EXPECT_TRUE(answer.isPlanned()) << "noise does not take a plan away";
  answer = bestPlan({race}, testContext(), kWorkload);
  EXPECT_FALSE(answer.isPlanned());
  ASSERT_TRUE(answer.plan);
  EXPECT_EQ(answer.plan->provider, "openblas");
  EXPECT_TRUE(mentions(answer, "nothing is decided")) << answer.reason;
}

TEST(BestPlanTest, LimitsFilter) {
  QueryContext context = testContext();
  context.limits.maxErrorGrowth = 4;
  EXPECT_TRUE(
      mentions(bestPlan({makeTestRecord(1)}, context, kWorkload), "growth"));
  context = testContext();
  context.limits.maxWorkspaceBytes = 1000;
  EXPECT_TRUE(
      mentions(bestPlan({makeTestRecord(1)}, context, kWorkload), "workspace"));
  context.limits.maxWorkspaceBytes = 1 << 20;
  EXPECT_TRUE(
      bestPlan({makeTestRecord(1)}, context, kWorkload).plan.has_value());
}

TEST(BestPlanTest, MissesSayWhatIsThere) {
  std::vector<Record> records = {makeTestRecord(1)};
  QueryContext context = testContext();
  EXPECT_EQ(bestPlan(records, context, Workload{1, 2, 3}).reason,
            "no record for this workload");
  context.threads = 8;
  EXPECT_TRUE(mentions(bestPlan(records, context, kWorkload), "threads"));
  context.hardware = "another";
  EXPECT_TRUE(mentions(bestPlan(records, context, kWorkload), "hardware"));
  context = testContext();
  EXPECT_TRUE(mentions(
      bestPlan({makeTestRecord(1, Verdict::Failed)}, context, kWorkload),
      "failed"));
}

TEST_F(QueryTest, SourceAnswersFromTheFile) {
  {
    auto database = open("tuning.db", OpenMode::Create);
    llvm::cantFail(database->add(makeTestRecord(1)));
  }
  PlanSource source = llvm::cantFail(
      databasePlanSource({path("tuning.db"), {}}, testContext()));
  EXPECT_TRUE(source(kWorkload).plan.has_value());
  EXPECT_FALSE(source(Workload{1, 2, 3}).plan.has_value());
}

TEST_F(QueryTest, AMissingFileAlwaysMisses) {
  PlanSource source =
      llvm::cantFail(databasePlanSource({path("none.db"), {}}, testContext()));
  PlanAnswer answer = source(kWorkload);
  EXPECT_FALSE(answer.plan.has_value());
  EXPECT_TRUE(mentions(answer, "none.db"));
}

TEST_F(QueryTest, DamagedRecordsAreAReasonNotAnError) {
  {
    auto database = open("tuning.db", OpenMode::Create);
    llvm::cantFail(database->add(makeTestRecord(1)));
  }
  std::string bytes = read("tuning.db");
  size_t at = bytes.find("\"speedup\":1.1,");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 10] = '9';
  write("tuning.db", bytes);
  PlanSource source = llvm::cantFail(
      databasePlanSource({path("tuning.db"), {}}, testContext()));
  PlanAnswer answer = source(kWorkload);
  EXPECT_FALSE(answer.plan.has_value());
  EXPECT_TRUE(mentions(answer, "changed")) << answer.reason;
}
