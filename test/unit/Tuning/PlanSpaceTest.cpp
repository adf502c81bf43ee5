//===- PlanSpaceTest.cpp - Which plans are legal --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shapes, limits and duplicates in the plan space.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanSpace.h"

#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"

#include "gtest/gtest.h"

#include <set>

using namespace sevenfold;

static std::vector<Candidate> plansOf(const Workload &workload,
                                      PlanLimits limits = {},
                                      TuningConfig config = {}) {
  static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
  return enumeratePlans(workload, {"onednn", "openblas"}, schemes, config,
                        limits);
}

TEST(PlanSpaceTest, SlabsAreOfCodegenAndBelowK) {
  static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
  auto slabsOf = [&](const char *provider, std::vector<int64_t> slabs) {
    std::set<int64_t> found;
    for (const Candidate &candidate :
         enumeratePlans({4096, 2048, 4096}, {provider}, schemes, {}, {}, slabs))
      if (!candidate.plan.together)
        found.insert(candidate.plan.slab);
    return found;
  };
  EXPECT_EQ(slabsOf("codegen", {}), (std::set<int64_t>{0}));
  EXPECT_EQ(slabsOf("onednn", {512}), (std::set<int64_t>{0}));
  // No level leaves k at 2048.
  EXPECT_EQ(slabsOf("codegen", {512, 2048}), (std::set<int64_t>{0, 512}));
}

TEST(PlanSpaceTest, FewFusedProductsAreTriedTogether) {
  static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
  auto depthsOf = [&](std::vector<int64_t> slabs) {
    std::map<std::string, std::set<int64_t>> depths;
    for (const Candidate &candidate : enumeratePlans(
             {4096, 4096, 4096}, {"codegen"}, schemes, {}, {}, slabs))
      if (candidate.plan.together) {
        EXPECT_TRUE(candidate.plan.hasFusedLevel());
        depths[candidate.plan.levels.back().scheme].insert(candidate.plan.slab);
      }
    return depths;
  };
  EXPECT_TRUE(depthsOf({}).empty());
  auto depths = depthsOf({512, 1024});
  EXPECT_EQ(depths["2x2x2-r7"], (std::set<int64_t>{0, 256, 512}));
  EXPECT_FALSE(depths.count("3x3x3-r23"));
}

TEST(PlanSpaceTest, FusedLevelsAreInnermostAndOfCodegen) {
  static const std::vector<Scheme> schemes = schemesForPlans(catalogue());
  Workload workload{4096, 4096, 4100};
  PlanLimits limits;
  auto fusedOf = [&](const char *provider) {
    std::vector<Plan> fused;
    for (const Candidate &candidate :
         enumeratePlans(workload, {provider}, schemes, {}, limits))
      if (llvm::any_of(candidate.plan.levels, [](const Level &level) {
            return level.execution == Execution::Fused;
          }))
        fused.push_back(candidate.plan);
    return fused;
  };
  EXPECT_TRUE(fusedOf("cublaslt").empty());
  std::vector<Plan> fused = fusedOf("codegen");
  std::set<std::string> texts;
  std::set<size_t> depths;
  for (const Plan &plan : fused) {
    texts.insert(plan.str());
    depths.insert(plan.levels.size());
    EXPECT_EQ(plan.levels.back().execution, Execution::Fused);
    for (size_t i = 0; i + 1 < plan.levels.size(); ++i)
      EXPECT_NE(plan.levels[i].execution, Execution::Fused);
  }
  EXPECT_EQ(texts.size(), fused.size()) << "each once";
  EXPECT_EQ(depths, (std::set<size_t>{1, 2}));
}

TEST(PlanSpaceTest, FractionsOfLowerRankLeaveIntegersTheirSchemes) {
  std::vector<Scheme> schemes(catalogue().begin(), catalogue().end());
  // What matters are rank and ring.
  Scheme fractions = *llvm::find_if(
      schemes, [](const Scheme &scheme) { return scheme.name == "4x4x4-r49"; });
  fractions.name = "4x4x4-r48-fractions";
  fractions.ring = Ring::Q;
  for (Factor *factor : {&fractions.u, &fractions.v, &fractions.w}) {
    Factor less(48, factor->columns());
    for (unsigned t = 0; t < 48; ++t)
      for (unsigned e = 0; e < factor->columns(); ++e)
        less.at(t, e) = factor->at(t, e);
    *factor = less;
  }
  fractions.u.at(0, 0) = Rational{1, 2};
  std::set<std::string> before, after;
  for (const Scheme &scheme : schemesForPlans(schemes))
    before.insert(scheme.name);
  schemes.push_back(fractions);
  for (const Scheme &scheme : schemesForPlans(schemes))
    EXPECT_TRUE(after.insert(scheme.name).second) << "each once";
  EXPECT_EQ(after.count(fractions.name), 1u);
  for (const std::string &name : before)
    EXPECT_EQ(after.count(name), 1u) << name;
}

TEST(PlanSpaceTest, PlansAreDistinctLegalAndInAFixedOrder) {
  Workload workload{4096, 4096, 4096};
  auto plans = plansOf(workload);
  auto again = plansOf(workload);
  ASSERT_EQ(plans.size(), again.size());
  std::set<std::string> texts;
  for (size_t i = 0; i < plans.size(); ++i) {
    EXPECT_EQ(plans[i].plan, again[i].plan);
    texts.insert(plans[i].plan.str());
    EXPECT_FALSE(plans[i].plan.levels.empty());
    EXPECT_FALSE(plans[i].plan.levels.back().composed);
    EXPECT_LE(plans[i].numerics.errorGrowth, 64);
    EXPECT_GT(plans[i].workspaceBytes, 0);
  }
  EXPECT_EQ(texts.size(), plans.size());
}

TEST(PlanSpaceTest, HoldsTheKnownWinners) {
  auto plans = plansOf({8192, 8192, 8192});
  std::set<std::string> texts;
  for (const Candidate &candidate : plans)
    texts.insert(candidate.plan.str());
  std::string winograd = "2x2x2-r7-winograd/";
  for (const std::string &text :
       {winograd + "breadth; onednn; peel", winograd + "depth; openblas; peel",
        winograd + "breadth, " + winograd + "depth; onednn; peel",
        winograd + "breadth * " + winograd + "breadth; onednn; peel"})
    EXPECT_EQ(texts.count(text), 1u) << text;
}

TEST(PlanSpaceTest, ClassicalSchemesAreNoPlans) {
  for (const Candidate &candidate : plansOf({4096, 4096, 4096}))
    for (const Level &level : candidate.plan.levels) {
      const Scheme &scheme = llvm::cantFail(lookupScheme(level.scheme));
      EXPECT_LT(scheme.rank(), scheme.m * scheme.k * scheme.n);
    }
}

TEST(PlanSpaceTest, SmallShapesHaveNone) {
  EXPECT_TRUE(plansOf({256, 256, 256}).empty());
  EXPECT_TRUE(plansOf({4096, 4096, 64}).empty());
  EXPECT_TRUE(plansOf({1, 8192, 8192}).empty());
}

TEST(PlanSpaceTest, RaggedShapesArePeeledAndPadded) {
  size_t peeled = 0, padded = 0;
  for (const Candidate &candidate : plansOf({2047, 2048, 2048}))
    ++(candidate.plan.ragged == Ragged::Peel ? peeled : padded);
  EXPECT_GT(padded, 0u);
  EXPECT_EQ(peeled, padded);
  TuningConfig dividing;
  dividing.maxRaggedFraction = 0;
  for (const Candidate &candidate : plansOf({2048, 2048, 2048}, {}, dividing))
    EXPECT_EQ(candidate.plan.ragged, Ragged::Peel);
  EXPECT_TRUE(plansOf({2047, 2047, 2047}, {}, dividing).empty());
}

TEST(PlanSpaceTest, LimitsVeto) {
  PlanLimits limits;
  limits.maxErrorGrowth = 10;
  auto tame = plansOf({4096, 4096, 4096}, limits);
  EXPECT_FALSE(tame.empty());
  for (const Candidate &candidate : tame)
    EXPECT_LE(candidate.numerics.errorGrowth, 10);
  limits.maxErrorGrowth = 1;
  EXPECT_TRUE(plansOf({4096, 4096, 4096}, limits).empty());

  limits = {};
  limits.maxWorkspaceBytes = 64 << 20;
  auto small = plansOf({4096, 4096, 4096}, limits);
  EXPECT_FALSE(small.empty());
  EXPECT_LT(small.size(), plansOf({4096, 4096, 4096}).size());
  for (const Candidate &candidate : small)
    EXPECT_LE(candidate.workspaceBytes, limits.maxWorkspaceBytes);
}

TEST(PlanSpaceTest, ThirdLevelsNeedLargeBlocks) {
  PlanLimits limits;
  limits.maxErrorGrowth = 1e9;
  auto deepest = [&](int64_t size) {
    size_t levels = 0;
    for (const Candidate &candidate : plansOf({size, size, size}, limits))
      levels = std::max(levels, candidate.plan.levels.size());
    return levels;
  };
  EXPECT_EQ(deepest(1024), 2u);
  EXPECT_EQ(deepest(3584), 2u);
  EXPECT_EQ(deepest(4096), 3u);
}

//===----------------------------------------------------------------------===//
// Which schemes
//===----------------------------------------------------------------------===//

static Scheme named(Scheme scheme, llvm::StringRef name) {
  scheme.name = name.str();
  return scheme;
}

/// The names of what is kept, sorted.
static std::vector<std::string> keptOf(llvm::ArrayRef<Scheme> schemes) {
  std::vector<std::string> names;
  for (const Scheme &scheme : schemesForPlans(schemes))
    names.push_back(scheme.name);
  llvm::sort(names);
  return names;
}

TEST(SchemesForPlansTest, BothFormsOfTwoByTwo) {
  Scheme strassen = llvm::cantFail(lookupScheme("2x2x2-r7"));
  Scheme winograd = llvm::cantFail(lookupScheme("2x2x2-r7-winograd"));
  // One has less growth, the other fewer additions.
  EXPECT_EQ(keptOf({strassen, winograd, classicalScheme(2, 2, 2)}),
            (std::vector<std::string>{"2x2x2-r7", "2x2x2-r7-winograd"}));
  // The same once more, or at greater cost, is nothing.
  EXPECT_EQ(keptOf({strassen, named(strassen, "2x2x2-r7-twin")}),
            (std::vector<std::string>{"2x2x2-r7"}));
}

TEST(SchemesForPlansTest, NoneModuloTwo) {
  Scheme strassen = llvm::cantFail(lookupScheme("2x2x2-r7"));
  strassen.ring = Ring::Z2;
  EXPECT_TRUE(keptOf({strassen}).empty());
  EXPECT_TRUE(enumeratePlans({4096, 4096, 4096}, {"onednn"}, {strassen}, {}, {})
                  .empty());
}

TEST(SchemesForPlansTest, NoLargerFormatThatSavesNoMore) {
  Scheme strassen = llvm::cantFail(lookupScheme("2x2x2-r7"));
  auto twice = blockSum(strassen, strassen, BlockSumAxis::N); // <2,2,4;14>
  ASSERT_TRUE(bool(twice));
  EXPECT_EQ(keptOf({*twice, strassen}), (std::vector<std::string>{"2x2x2-r7"}));
  // Without the smaller one it is of use, and its other orientations too.
  EXPECT_EQ(keptOf({*twice, named(rotate(*twice), "2x4x2-r14")}).size(), 2u);
}

/// <2,2,4> of two schemes <2,2,2>, under another name.
static Scheme sideBySide(const Scheme &left, const Scheme &right,
                         llvm::StringRef name) {
  auto sum = blockSum(left, right, BlockSumAxis::N);
  return named(llvm::cantFail(std::move(sum)), name);
}

/// Strassen's scheme with U over two and W times two.
static Scheme halvedStrassen() {
  Scheme scheme = llvm::cantFail(lookupScheme("2x2x2-r7"));
  scheme.ring = Ring::Q;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    for (unsigned a = 0; a < scheme.u.columns(); ++a)
      scheme.u.at(t, a) = *divide(scheme.u.at(t, a), {2, 1});
    for (unsigned c = 0; c < scheme.w.columns(); ++c)
      scheme.w.at(t, c) = *multiply(scheme.w.at(t, c), {2, 1});
  }
  return scheme;
}

TEST(SchemesForPlansTest, FractionsOfLowerRankLeaveIntegersTheirSchemes) {
  Scheme strassen = llvm::cantFail(lookupScheme("2x2x2-r7")),
         halves = halvedStrassen(), classical = classicalScheme(2, 2, 2);
  std::vector<Scheme> schemes = {
      sideBySide(halves, halves, "2x2x4-r14-fractions"),
      sideBySide(strassen, classical, "2x2x4-r15-integers")};
  for (const Scheme &scheme : schemes)
    llvm::cantFail(schemeLibrary().add(scheme, SchemeOrigin::Added));
  EXPECT_EQ(keptOf(schemes), (std::vector<std::string>{"2x2x4-r14-fractions",
                                                       "2x2x4-r15-integers"}));
  auto usedFor = [&](ElementType type) {
    std::set<std::string> names;
    Workload workload{4096, 4096, 4096};
    workload.type = type;
    for (const Candidate &candidate : enumeratePlans(
             workload, {"codegen"}, schemesForPlans(schemes), {}, {}))
      for (const Level &level : candidate.plan.levels)
        names.insert(level.scheme);
    return names;
  };
  EXPECT_EQ(usedFor(ElementType::F32),
            (std::set<std::string>{"2x2x4-r14-fractions"}));
  EXPECT_EQ(usedFor(ElementType::I32),
            (std::set<std::string>{"2x2x4-r15-integers"}));
}

TEST(SchemesForPlansTest, CheaperFractionsLeaveIntegersTheirVariant) {
  Scheme strassen = llvm::cantFail(lookupScheme("2x2x2-r7"));
  // The same additions and growth, and a name that comes first.
  EXPECT_EQ(keptOf({named(halvedStrassen(), "2x2x2-r7-a"),
                    named(strassen, "2x2x2-r7-b")}),
            (std::vector<std::string>{"2x2x2-r7-b"}));
}

TEST(SchemesForPlansTest, ManyProductsAreOneLevel) {
  size_t large = 0;
  for (const Candidate &candidate : plansOf({8192, 8192, 8192}))
    for (const Level &level : candidate.plan.levels)
      if (llvm::cantFail(lookupScheme(level.scheme)).rank() >
          TuningConfig().maxNestedRank) {
        ++large;
        EXPECT_EQ(candidate.plan.levels.size(), 1u) << candidate.plan.str();
      }
  EXPECT_GT(large, 0u);
}
