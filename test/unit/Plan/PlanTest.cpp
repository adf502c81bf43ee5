//===- PlanTest.cpp - Plans as JSON ---------------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The contract's JSON form of a plan, and what is refused in it.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Plan.h"
#include "sevenfold/Plan/PlanSource.h"

#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace sevenfold;

static const char *kContractPlan = R"({
  "levels":[{"scheme":"2x2x2-r7-winograd","execution":"breadth"},
            {"scheme":"2x2x2-r7","execution":"depth"}],
  "kernel":{"provider":"openblas"},"ragged":"peel"})";

TEST(PlanTest, ContractExampleReadsBack) {
  auto plan = parsePlan(kContractPlan);
  ASSERT_TRUE(bool(plan)) << llvm::toString(plan.takeError());
  ASSERT_EQ(plan->levels.size(), 2u);
  EXPECT_EQ(plan->levels[0].scheme, "2x2x2-r7-winograd");
  EXPECT_EQ(plan->levels[1].execution, Execution::Depth);
  EXPECT_EQ(plan->provider, "openblas");
  EXPECT_EQ(plan->ragged, Ragged::Peel);
  EXPECT_EQ(toJson(*plan), nlohmann::json::parse(kContractPlan));
  EXPECT_EQ(plan->str(),
            "2x2x2-r7-winograd/breadth, 2x2x2-r7/depth; openblas; peel");
}

TEST(PlanTest, ComposedAndDefaults) {
  auto plan = parsePlan(
      R"({"levels":[{"scheme":"a","execution":"breadth","composed":true},
                    {"scheme":"b","execution":"breadth"}],"ragged":"pad"})");
  ASSERT_TRUE(bool(plan)) << llvm::toString(plan.takeError());
  EXPECT_TRUE(plan->levels[0].composed);
  EXPECT_EQ(plan->str(), "a/breadth * b/breadth; any provider; pad");
  auto again = planFromJson(toJson(*plan));
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  EXPECT_EQ(*again, *plan);

  auto slabs = parsePlan(R"({"kernel":{"provider":"codegen","slab":512}})");
  ASSERT_TRUE(bool(slabs)) << llvm::toString(slabs.takeError());
  EXPECT_EQ(slabs->str(), "classical; codegen in slabs of 512");
  again = planFromJson(toJson(*slabs));
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  EXPECT_EQ(*again, *slabs);
  EXPECT_EQ(slabs->slab, 512);

  auto together = parsePlan(
      R"({"levels":[{"scheme":"a","execution":"fused"}],
          "kernel":{"provider":"codegen","together":true}})");
  ASSERT_TRUE(bool(together)) << llvm::toString(together.takeError());
  EXPECT_EQ(together->str(), "a/fused; codegen, products together; peel");
  again = planFromJson(toJson(*together));
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  EXPECT_EQ(*again, *together);
  EXPECT_TRUE(together->together);

  auto classical = parsePlan("{}");
  ASSERT_TRUE(bool(classical));
  EXPECT_TRUE(classical->levels.empty());
  EXPECT_EQ(*classical, Plan());
}

TEST(PlanTest, ErrorsNameThePlace) {
  struct Case {
    const char *text, *place;
  };
  for (const Case &bad : std::initializer_list<Case>{
           {"[]", "plan"},
           {"{", "plan"},
           {R"({"levels":{}})", "levels"},
           {R"({"level":[]})", "level"},
           {R"({"levels":[{"scheme":"a"}]})", "execution"},
           {R"({"levels":[{"scheme":"a","execution":"breadth"},7]})",
            "levels[1]"},
           {R"({"levels":[{"scheme":3,"execution":"breadth"}]})", "levels[0]"},
           {R"({"levels":[{"scheme":"","execution":"breadth"}]})",
            "levels[0].scheme"},
           {R"({"levels":[{"scheme":"a","execution":"wide"}]})",
            "levels[0].execution"},
           {R"({"levels":[{"scheme":"a","execution":"depth","x":1}]})", "x"},
           {R"({"levels":[{"scheme":"a","execution":"depth",
                           "composed":true}]})",
            "levels[0].composed"},
           {R"({"kernel":{"provider":"cublas"}})", "kernel.provider"},
           {R"({"kernel":{"provider":"codegen","slab":0}})", "kernel.slab"},
           {R"({"kernel":{"provider":"codegen","slab":65537}})", "kernel.slab"},
           {R"({"kernel":{"provider":"codegen","slab":"deep"}})", "slab"},
           {R"({"kernel":{"provider":"onednn","slab":512}})", "kernel.slab"},
           {R"({"kernel":{"provider":"codegen","together":true}})",
            "kernel.together"},
           {R"({"kernel":{"provider":"codegen","together":1}})", "together"},
           {R"({"kernel":[]})", "kernel"},
           {R"({"ragged":"cut"})", "ragged"},
           {R"({"ragged":"pad","ragged":"peel"})", "ragged"}}) {
    auto plan = parsePlan(bad.text);
    ASSERT_FALSE(bool(plan)) << bad.text;
    std::string message = llvm::toString(plan.takeError());
    EXPECT_NE(message.find(bad.place), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(PlanTest, ScalingIsPartOfAPlan) {
  const char *text = R"({"levels":[{"scheme":"2x2x2-r7","execution":"breadth"}],
                        "scaling":"rows"})";
  Plan plan = llvm::cantFail(parsePlan(text));
  EXPECT_EQ(plan.scaling, Scaling::Rows);
  EXPECT_EQ(llvm::cantFail(planFromJson(toJson(plan))), plan);
  EXPECT_EQ(plan.str(), "2x2x2-r7/breadth; any provider; peel; rows scaled");
  Plan other = plan;
  other.scaling = Scaling::None;
  EXPECT_FALSE(plan == other);
  EXPECT_FALSE(toJson(other).contains("scaling"));
  for (
      const char *wrong :
      {R"({"scaling":"rows"})", R"({"scaling":"columns"})",
       R"({"levels":[{"scheme":"2x2x2-r7","execution":"breadth"}],"scaling":1})"}) {
    auto refused = parsePlan(wrong);
    ASSERT_FALSE(bool(refused)) << wrong;
    EXPECT_NE(llvm::toString(refused.takeError()).find("scaling"),
              std::string::npos);
  }
}

TEST(PlanTest, TooManyLevelsAreRefused) {
  nlohmann::json plan;
  for (unsigned i = 0; i <= kMaxLevels; ++i)
    plan["levels"].push_back({{"scheme", "a"}, {"execution", "depth"}});
  auto parsed = planFromJson(plan);
  ASSERT_FALSE(bool(parsed));
  EXPECT_NE(llvm::toString(parsed.takeError()).find("at most 3"),
            std::string::npos);
}

TEST(PlanTest, MissingFileIsNamed) {
  auto plan = readPlanFile("/nowhere/plan.json");
  ASSERT_FALSE(bool(plan));
  EXPECT_NE(llvm::toString(plan.takeError()).find("/nowhere/plan.json"),
            std::string::npos);
}

TEST(PlanTest, ExplicitPlanAnswersEveryWorkload) {
  Plan plan;
  plan.provider = "onednn";
  PlanSource source = explicitPlan(plan);
  PlanAnswer answer = source(Workload{1, 2, 3});
  ASSERT_TRUE(answer.plan.has_value());
  EXPECT_EQ(*answer.plan, plan);
  EXPECT_TRUE(answer.record.empty());
}
