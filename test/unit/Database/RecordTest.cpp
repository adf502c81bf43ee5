//===- RecordTest.cpp - Records as JSON -----------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Ids, the JSON form and what is refused in it.
//
//===----------------------------------------------------------------------===//

#include "RecordFixture.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static std::string errorOf(const nlohmann::json &json) {
  auto record = recordFromJson(json);
  if (record)
    return "";
  return llvm::toString(record.takeError());
}

TEST(RecordTest, JsonReadsBackWithTheSameId) {
  for (Verdict verdict : {Verdict::Plan, Verdict::Baseline, Verdict::Failed}) {
    Record record = makeTestRecord(1, verdict);
    record.message = "killed by signal 11";
    std::string text = toJson(record).dump();
    auto again = recordFromJson(nlohmann::json::parse(text));
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
    EXPECT_EQ(again->id(), record.id());
    EXPECT_EQ(toJson(*again).dump(), text);
    EXPECT_TRUE(again->key == record.key);
    EXPECT_EQ(again->plannedSeconds, record.plannedSeconds);
  }
}

TEST(RecordTest, EveryFieldIsInTheId) {
  std::string id = makeTestRecord(1).id();
  EXPECT_EQ(id.size(), 64u);
  EXPECT_EQ(makeTestRecord(1).id(), id);
  Record record = makeTestRecord(1);
  record.key.threads = 3;
  EXPECT_NE(record.id(), id);
  record = makeTestRecord(1);
  record.baselineSeconds[7] += 1e-15;
  EXPECT_NE(record.id(), id);
  record = makeTestRecord(1);
  record.provenance["seed"] = "2";
  EXPECT_NE(record.id(), id);
}

TEST(RecordTest, TextThatIsNotUtf8IsKeptReadable) {
  Record record = makeTestRecord(1, Verdict::Failed);
  record.message = "bad \xff\xfe bytes";
  auto again = recordFromJson(toJson(record));
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  EXPECT_EQ(again->id(), record.id());
}

TEST(RecordTest, ChangedRecordsAreNoticed) {
  nlohmann::json json = toJson(makeTestRecord(1));
  json["speedup"] = 2.0;
  EXPECT_NE(errorOf(json).find("changed"), std::string::npos);
}

TEST(RecordTest, ErrorsNameTheField) {
  auto change = [](auto &&edit) {
    nlohmann::json json = toJson(makeTestRecord(1));
    json.erase("id");
    edit(json);
    return errorOf(json);
  };
  using J = nlohmann::json &;
  EXPECT_EQ(change([](J) {}), "");
  auto names = [](const std::string &message, const char *field) {
    return message.find(field) != std::string::npos;
  };
  EXPECT_TRUE(names(change([](J j) { j.erase("speedup"); }), "speedup"));
  EXPECT_TRUE(names(change([](J j) { j["extra"] = 1; }), "extra"));
  EXPECT_TRUE(names(change([](J j) { j["format"] = "x/1"; }), "x/1"));
  EXPECT_TRUE(names(change([](J j) { j["verdict"] = "good"; }), "good"));
  EXPECT_TRUE(names(change([](J j) { j["speedup"] = nullptr; }), "speedup"));
  EXPECT_TRUE(
      names(change([](J j) { j["speedup_low"] = 9.0; }), "speedup_low"));
  EXPECT_TRUE(names(change([](J j) { j["key"]["threads"] = 0; }), "threads"));
  EXPECT_TRUE(names(change([](J j) { j["key"]["workload"] = "1x1"; }), "1x1"));
  EXPECT_TRUE(
      names(change([](J j) { j["validity"]["codegen"] = 1; }), "codegen"));
  EXPECT_TRUE(names(change([](J j) { j["plan"]["levels"] = 1; }), "levels"));
  EXPECT_TRUE(names(change([](J j) { j["samples"]["planned_s"][0] = -1.0; }),
                    "planned_s"));
  EXPECT_TRUE(names(change([](J j) { j["samples"]["planned_s"].erase(0); }),
                    "planned_s"));
  EXPECT_TRUE(
      names(change([](J j) { j["workspace_bytes"] = -1; }), "workspace_bytes"));
  EXPECT_NE(errorOf(nlohmann::json::array()), "");
}
