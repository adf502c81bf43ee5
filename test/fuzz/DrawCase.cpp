//===- DrawCase.cpp - Random workloads and plans --------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The distribution the fuzz test draws from: small sizes, most of them ragged,
// every element type, layout and spelling, arguments and constants, products
// alone and in pairs, numbers of all sizes, and catalogue schemes mixed in any
// order.
//
//===----------------------------------------------------------------------===//

#include "FuzzCase.h"

#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Random.h"

using namespace sevenfold;

/// Composed levels with more products than this are left to the unit tests:
/// compiling them takes seconds.
static constexpr unsigned kMostComposedProducts = 64;
/// Schemes with more products than this are left to the tests of lowering.
static constexpr unsigned kMostProducts = 27;
/// Depth makes three combines a product, each a function of its own. Schemes
/// with more products than this are mostly run breadth-first.
static constexpr unsigned kManyProducts = 8;
static constexpr int kMostThreads = 3;

static int64_t drawSize(Random &random) {
  switch (random.below(8)) {
  case 0:
    return 1 + random.below(16);
  case 1:
  case 2:
    return 16 * (1 + random.below(12)); // whole vectors
  case 3:
    return 1 + random.below(300);
  default:
    return 1 + random.below(130);
  }
}

static Workload drawWorkload(Random &random) {
  Workload workload;
  workload.m = drawSize(random);
  workload.k = drawSize(random);
  workload.n = drawSize(random);
  workload.batch = random.below(3) ? 1 : 1 + random.below(4);
  static constexpr ElementType types[] = {
      ElementType::F32,  ElementType::F32, ElementType::F64, ElementType::F16,
      ElementType::BF16, ElementType::I8,  ElementType::I32};
  workload.type = types[random.below(std::size(types))];
  if (workload.accumulatorType() != workload.type &&
      (workload.type == ElementType::I8 || random.below(2)))
    workload.result = workload.accumulatorType();
  workload.layoutA = random.below(2) ? Layout::RowMajor : Layout::Transposed;
  workload.layoutB = random.below(2) ? Layout::RowMajor : Layout::Transposed;
  workload.accumulation =
      random.below(3) ? Accumulation::Overwrite : Accumulation::Accumulate;
  return workload;
}

/// Strassen's scheme with halves: U divided by two, W multiplied by it. Few
/// schemes of the catalogue have coefficients that are fractions.
static Scheme halvedStrassen() {
  Scheme scheme = llvm::cantFail(lookupScheme("2x2x2-r7"));
  scheme.name = "2x2x2-r7-halves";
  scheme.ring = Ring::Q;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    for (unsigned a = 0; a < scheme.u.columns(); ++a)
      scheme.u.at(t, a) = *divide(scheme.u.at(t, a), {2, 1});
    for (unsigned c = 0; c < scheme.w.columns(); ++c)
      scheme.w.at(t, c) = *multiply(scheme.w.at(t, c), {2, 1});
  }
  return scheme;
}

static const std::vector<const Scheme *> &schemes() {
  static const std::vector<const Scheme *> all = [] {
    std::vector<const Scheme *> list;
    for (const Scheme &scheme : catalogue())
      if (scheme.ring != Ring::Z2 && scheme.rank() <= kMostProducts)
        list.push_back(&scheme);
    llvm::cantFail(schemeLibrary().add(halvedStrassen(), SchemeOrigin::Added));
    list.push_back(&llvm::cantFail(lookupScheme("2x2x2-r7-halves")));
    return list;
  }();
  return all;
}

static std::string drawProvider(Random &random, ElementType type) {
  std::string name = stringifyElementType(type).str();
  std::vector<std::string> choices = {"", "codegen"};
  // Now and then one that does not know the type, and is refused.
  if (!hasLibraries(type) && random.below(20) == 0)
    return "openblas";
  for (int p = 1; sevenfold_provider_name(p); ++p)
    if (sevenfold_provider_available(p) == 1 &&
        sevenfold_provider_supports(p, name.c_str()) == 1)
      choices.push_back(sevenfold_provider_name(p));
  return choices[random.below(choices.size())];
}

static bool hasFractions(const Scheme &scheme) {
  for (const Factor *factor : {&scheme.u, &scheme.v, &scheme.w})
    for (unsigned row = 0; row < factor->rows(); ++row)
      for (unsigned column = 0; column < factor->columns(); ++column)
        if (!factor->at(row, column).isInteger())
          return true;
  return false;
}

/// Fractions are refused for integers: that is tried, but rarely.
static const Scheme &drawScheme(Random &random, ElementType type) {
  while (true) {
    const Scheme &scheme = *schemes()[random.below(schemes().size())];
    if (!isInteger(type) || !hasFractions(scheme) || random.below(20) == 0)
      return scheme;
  }
}

static Plan drawPlan(Random &random, ElementType type) {
  Plan plan;
  static constexpr unsigned depths[] = {0, 1, 1, 1, 1, 2, 2, 2, 2, 3};
  unsigned depth = depths[random.below(std::size(depths))];
  unsigned composedProducts = 1;
  for (unsigned i = 0; i < depth; ++i) {
    const Scheme &scheme = drawScheme(random, type);
    Level level;
    level.scheme = scheme.name;
    unsigned breadths = scheme.rank() > kManyProducts ? 7 : 1;
    level.execution =
        random.below(breadths + 1) ? Execution::Breadth : Execution::Depth;
    composedProducts *= scheme.rank();
    if (i > 0 && plan.levels.back().composed) {
      level.execution = Execution::Breadth; // as one with the level before
      if (composedProducts > kMostComposedProducts)
        plan.levels.back().composed = false;
    }
    if (i == 0 || !plan.levels.back().composed)
      composedProducts = scheme.rank();
    level.composed = i + 1 < depth && level.execution == Execution::Breadth &&
                     random.below(2);
    plan.levels.push_back(level);
  }
  plan.provider = drawProvider(random, type);
  plan.ragged = random.below(2) ? Ragged::Peel : Ragged::Pad;
  return plan;
}

/// Grows what the levels would leave empty, but for a few cases.
static void fit(Workload &workload, const Plan &plan, Random &random) {
  int64_t m = 1, k = 1, n = 1;
  for (const Level &level : plan.levels) {
    const Scheme &scheme = llvm::cantFail(lookupScheme(level.scheme));
    m *= scheme.m;
    k *= scheme.k;
    n *= scheme.n;
  }
  if (random.below(20) == 0)
    return;
  auto grow = [&](int64_t &size, int64_t least) {
    if (size < least)
      size = least + random.below(3 * least);
  };
  grow(workload.m, m);
  grow(workload.k, k);
  grow(workload.n, n);
}

/// Gives a case a fused innermost level, below at most one other, and the
/// provider that can have one.
static void fuseInnermost(FuzzCase &fuzzCase, Random &random) {
  // Each product is a function of its own: small schemes only.
  static const char *const small[] = {"2x2x2-r7", "2x2x2-r7-winograd",
                                      "2x2x3-r11", "2x2x2-r7-halves"};
  Plan &plan = fuzzCase.plan;
  bool hasNoFractions = isInteger(fuzzCase.workload.type);
  Level fused{small[random.below(hasNoFractions ? 3 : 4)], Execution::Fused,
              /*composed=*/false};
  if (plan.levels.size() > 1) {
    plan.levels.resize(1);
    plan.levels.back().composed = false;
    plan.levels.push_back(fused);
  } else {
    plan.levels = {fused};
  }
  plan.provider = "codegen";
  plan.together = random.below(3) == 0;
  fit(fuzzCase.workload, plan, random);
}

/// Leaves some sizes to the calls; those of a constant are known.
static void drawAnySizes(FuzzCase &fuzzCase, Random &random) {
  bool isWeight = fuzzCase.weights != Weights::Argument;
  for (char letter : llvm::StringRef(isWeight ? "m" : "mnkb"))
    if (random.below(2) && (letter != 'b' || fuzzCase.workload.batch > 1))
      fuzzCase.anySizes += letter;
  // One value everywhere is a constant of static shape only.
  if (!fuzzCase.anySizes.empty() && fuzzCase.start == Start::Constant)
    fuzzCase.start = Start::Fill;
}

FuzzCase sevenfold::drawCase(uint64_t seed, int number) {
  Random random(splitMix64(seed ^ splitMix64(number)));
  FuzzCase fuzzCase;
  fuzzCase.workload = drawWorkload(random);
  fuzzCase.spelling = static_cast<Spelling>(random.below(kNumSpellings));
  fuzzCase.plan = drawPlan(random, fuzzCase.workload.type);
  fit(fuzzCase.workload, fuzzCase.plan, random);
  fuzzCase.threads = 1 + random.below(kMostThreads);
  // The barriers of BLIS spin: with less than a core a thread, a call can take
  // as long as a turn of the scheduler.
  if (fuzzCase.plan.provider == "blis")
    fuzzCase.threads = 1;
  fuzzCase.dataSeed = random.next();
  static constexpr Weights weights[] = {Weights::Argument, Weights::Argument,
                                        Weights::Constant, Weights::Folded};
  fuzzCase.weights = weights[random.below(std::size(weights))];
  fuzzCase.siblings = random.below(4) ? 1 : 2;
  // Kernels on tensor cores and without, of large tiles and of small ones.
  static constexpr unsigned architectures[] = {70, 80, 90};
  fuzzCase.kernels.architecture =
      architectures[random.below(std::size(architectures))];
  fuzzCase.kernels.processors = random.below(2) ? 1 : 108;
  if (fuzzCase.plan.provider == "codegen" && random.below(2))
    fuzzCase.f32Products = F32Products::TF32;
  if (random.below(2))
    fuzzCase.values = static_cast<Values>(random.below(kNumValues));
  if (random.below(2))
    fuzzCase.start = static_cast<Start>(random.below(kNumStarts));
  if (random.below(3) == 0)
    fuzzCase.surroundings =
        static_cast<Surroundings>(random.below(kNumSurroundings));
  if (random.below(3) == 0)
    fuseInnermost(fuzzCase, random);
  if (random.below(3) == 0)
    drawAnySizes(fuzzCase, random);
  // Blocks as on a large processor and slabs of all k, or many of each.
  fuzzCase.cores.cacheBytes = random.below(2) ? 1 << 20 : 1 << 12;
  fuzzCase.cores.threads = 1 + int64_t(random.below(3));
  if (fuzzCase.plan.provider == "codegen" && random.below(2))
    fuzzCase.plan.slab = 2 + int64_t(random.below(40));
  return fuzzCase;
}
