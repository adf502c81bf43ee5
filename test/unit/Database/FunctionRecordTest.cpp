//===- FunctionRecordTest.cpp - Records of whole functions ----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In and out, found by their hash, and chosen by validity, limits and sums.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"

#include "sevenfold/Database/Layers.h"
#include "sevenfold/Database/Prune.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;
using FunctionRecordTest = FolderTest;

static const Workload kWorkload{256, 256, 256};

/// Record number `index` of one function with two products, one of them
/// planned.
static Record makeFunctionRecord(int index, Verdict verdict = Verdict::Plan) {
  Record record = makeTestRecord(index, verdict);
  FunctionChoice choice;
  choice.name = "model.mlir@f";
  choice.provider = "openblas";
  choice.products = {{kWorkload, std::nullopt, ""},
                     {Workload{64, 64, 64}, std::nullopt, ""}};
  if (verdict != Verdict::Baseline) {
    choice.products[0].plan = makeTestRecord(0).plan;
    choice.products[0].schemeHashes = makeTestRecord(0).schemeHashes;
  }
  record.key.workload = {};
  record.key.function = std::string(64, 'f');
  record.choice = std::move(choice);
  record.plan = {};
  record.schemeHashes.clear();
  return record;
}

static std::string errorOf(nlohmann::json json) {
  json.erase("id");
  auto record = recordFromJson(json);
  return record ? "" : llvm::toString(record.takeError());
}

TEST(FunctionRecordJsonTest, JsonReadsBackWithTheSameId) {
  for (Verdict verdict : {Verdict::Plan, Verdict::Baseline, Verdict::Failed}) {
    Record record = makeFunctionRecord(1, verdict);
    record.choice->sums = {SumSharing::Off, 4096};
    auto again = recordFromJson(toJson(record));
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(again->id(), record.id());
    EXPECT_EQ(again->key.subject(), "function:" + record.key.function);
    EXPECT_EQ(again->choice->sums.foldBytes, 4096);
    EXPECT_EQ(again->name(), "model.mlir@f");
  }
}

TEST(FunctionRecordJsonTest, ErrorsNameTheField) {
  auto change = [](auto &&edit) {
    nlohmann::json json = toJson(makeFunctionRecord(1));
    edit(json);
    return errorOf(json);
  };
  using J = nlohmann::json &;
  auto names = [](const std::string &message, const char *field) {
    return message.find(field) != std::string::npos;
  };
  EXPECT_EQ(change([](J) {}), "");
  EXPECT_TRUE(
      names(change([](J j) { j["key"]["function"] = "f"; }), "SHA-256"));
  EXPECT_TRUE(names(change([](J j) { j["key"]["workload"] = "1x1x1:f32"; }),
                    "workload"));
  EXPECT_TRUE(names(change([](J j) { j["plan"] = nullptr; }), "plan"));
  EXPECT_TRUE(names(change([](J j) { j.erase("choice"); }), "choice"));
  EXPECT_TRUE(
      names(change([](J j) { j["choice"]["share_sums"] = 1; }), "share_sums"));
  EXPECT_TRUE(names(change([](J j) { j["choice"]["fold_weights"] = -1; }),
                    "fold_weights"));
  EXPECT_TRUE(names(change([](J j) { j["choice"]["products"][0]["x"] = 1; }),
                    "choice"));
  EXPECT_TRUE(names(change([](J j) {
                      j["choice"]["products"][1]["workload"] =
                          "256x256x256:f32";
                    }),
                    "one plan for all products '256x256x256:f32'"));
  EXPECT_TRUE(
      names(change([](J j) { j["verdict"] = "baseline"; }), "no plans"));
}

TEST_F(FunctionRecordTest, FunctionsAreFoundBesideProducts) {
  auto database = open("t.db", OpenMode::Create);
  llvm::cantFail(database->add(makeTestRecord(1)));
  llvm::cantFail(database->add(makeFunctionRecord(2)));
  EXPECT_EQ(llvm::cantFail(database->find(makeFunctionRecord(0).key)).size(),
            1u);
  EXPECT_EQ(llvm::cantFail(database->find(makeTestRecord(0).key)).size(), 1u);
  EXPECT_TRUE(llvm::cantFail(database->check()).empty());
  llvm::cantFail(exportRecords(*database, path("out.jsonl")));
  auto other = open("other.db", OpenMode::Create);
  EXPECT_EQ(llvm::cantFail(importRecords(*other, path("out.jsonl"))).added, 2);
  EXPECT_EQ(llvm::cantFail(mergeRecords(*other, {path("t.db")})).known, 2);
  EXPECT_TRUE(llvm::cantFail(other->check()).empty());
}

namespace {
/// What a database with these records answers about the function.
class FunctionAnswerTest : public FolderTest {
protected:
  FunctionAnswer ask(std::vector<Record> records, QueryContext context,
                     FunctionQuery query = {std::string(64, 'f'), {}, 0}) {
    std::string file = path(std::to_string(++count) + ".db");
    llvm::cantFail(writeDatabase(file, records));
    return llvm::cantFail(databaseAnswers({file, {}}, context))
        .functions(query);
  }
  int count = 0;
};
} // namespace

TEST_F(FunctionAnswerTest, TheNewestValidRecordAnswers) {
  FunctionAnswer answer =
      ask({makeFunctionRecord(1), makeFunctionRecord(2)}, testContext());
  ASSERT_TRUE(answer.choice);
  EXPECT_EQ(answer.record, makeFunctionRecord(2).id());
  EXPECT_TRUE(answer.choice->hasPlans());
  PlanSource source =
      choiceSource(*answer.choice, answer.record, explicitPlan(Plan()));
  EXPECT_TRUE(source(kWorkload).isPlanned());
  PlanAnswer rest = source(Workload{64, 64, 64});
  EXPECT_FALSE(rest.isPlanned());
  ASSERT_TRUE(rest.plan);
  EXPECT_EQ(rest.plan->provider, "openblas");
  EXPECT_EQ(rest.record, answer.record);
}

TEST_F(FunctionAnswerTest, ABaselineRecordIsAnAnswerToo) {
  FunctionAnswer answer =
      ask({makeFunctionRecord(1), makeFunctionRecord(2, Verdict::Baseline)},
          testContext());
  ASSERT_TRUE(answer.choice);
  EXPECT_FALSE(answer.choice->hasPlans());
  EXPECT_EQ(answer.reason, "no plan was measured faster than openblas in the "
                           "whole function");
}

TEST_F(FunctionAnswerTest, StaleRecordsAreNotUsed) {
  QueryContext context = testContext();
  context.present["provider:onednn"] = "3.1";
  FunctionAnswer answer = ask({makeFunctionRecord(1)}, context);
  EXPECT_FALSE(answer.choice);
  EXPECT_EQ(answer.reason, "record is stale: onednn 2.6 -> 3.1");
  Record changed = makeFunctionRecord(1);
  changed.choice->products[0].schemeHashes = std::string(64, '0');
  answer = ask({changed}, testContext());
  EXPECT_EQ(answer.reason, "record is stale: a scheme of its plan has changed");
  context = testContext();
  context.threads = 8;
  EXPECT_EQ(ask({makeFunctionRecord(1)}, context).reason,
            "no record for this number of threads");
  EXPECT_EQ(ask({makeFunctionRecord(1)}, testContext(), {"0", {}, 0}).reason,
            "no record for this function");
}

TEST_F(FunctionAnswerTest, SumsThatWereNotMeasuredAreNotUsed) {
  Record folded = makeFunctionRecord(1);
  folded.choice->sums = {SumSharing::Off, 4096};
  FunctionQuery query{std::string(64, 'f'), {}, 4096};
  EXPECT_TRUE(ask({folded}, testContext(), query).choice);
  query.maxFoldBytes = 100;
  EXPECT_NE(ask({folded}, testContext(), query).reason.find("exceed the limit"),
            std::string::npos);
  query.maxFoldBytes = 4096;
  query.share = SumSharing::On;
  EXPECT_EQ(ask({folded}, testContext(), query).reason,
            "it was measured without shared sums");
  query.share = SumSharing::Off;
  EXPECT_TRUE(ask({folded}, testContext(), query).choice);
}

TEST(FunctionPruneTest, ANewerRecordSupersedesOneOfTheSameSums) {
  PruneResult result = pruneRecords(
      {makeFunctionRecord(1), makeFunctionRecord(2)}, testContext());
  ASSERT_EQ(result.dropped.size(), 1u);
  EXPECT_EQ(result.dropped[0].cause, DropCause::Superseded);
  Record apart = makeFunctionRecord(2);
  apart.choice->sums.share = SumSharing::Off;
  result = pruneRecords({makeFunctionRecord(1), apart}, testContext());
  EXPECT_TRUE(result.dropped.empty());
}
