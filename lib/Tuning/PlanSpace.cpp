//===- PlanSpace.cpp - The plans a workload can have ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Grows plans level by level from the outermost inwards, and drops what does
// not fit the shape or the limits.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/PlanSpace.h"
#include "sevenfold/Plan/Provider.h"

#include <algorithm>
#include <array>

using namespace sevenfold;

/// Products that are tried together: the sums of more do not fit a cache.
static constexpr unsigned kMostTogether = 8;

namespace {
using Dims = std::array<int64_t, 3>;

/// Collects the plans of one workload.
class Enumerator {
public:
  Enumerator(const Workload &workload, llvm::ArrayRef<std::string> providers,
             llvm::ArrayRef<Scheme> schemes, const TuningConfig &config,
             const PlanLimits &limits, llvm::ArrayRef<int64_t> slabs)
      : workload(workload), dims{workload.m, workload.k, workload.n},
        providers(providers),
        schemes(lowestRankSchemes(schemes, workload.type)), config(config),
        limits(limits), slabs(slabs) {}

  std::vector<Candidate> run() {
    extend({}, {1, 1, 1});
    return std::move(found);
  }

private:
  /// Adds a level to `levels`, whose partition is `divisors`, in every way.
  void extend(const std::vector<Level> &levels, const Dims &divisors) {
    if (int64_t(levels.size()) >= config.maxLevels)
      return;
    for (const Scheme *known : schemes) {
      const Scheme &scheme = *known;
      bool nests = scheme.rank() <= config.maxNestedRank;
      if (!nests && !levels.empty())
        continue;
      Dims next = {divisors[0] * scheme.m, divisors[1] * scheme.k,
                   divisors[2] * scheme.n};
      if (!fits(next, levels.size() + 1))
        continue;
      for (Execution execution : {Execution::Breadth, Execution::Depth}) {
        std::vector<Level> longer = levels;
        longer.push_back({scheme.name, execution, /*composed=*/false});
        emitAll(longer, next);
        if (!nests)
          continue;
        extend(longer, next);
        // Composed levels share one combine, which forms all sums at once.
        bool bothBreadth = !levels.empty() &&
                           levels.back().execution == Execution::Breadth &&
                           execution == Execution::Breadth;
        bool alreadyComposed =
            levels.size() >= 2 && levels[levels.size() - 2].composed;
        if (!bothBreadth || alreadyComposed)
          continue;
        longer[levels.size() - 1].composed = true;
        emitAll(longer, next);
        extend(longer, next);
      }
    }
  }

  bool fits(const Dims &divisors, size_t levels) const {
    int64_t least = levels >= 3 ? config.minThirdLevelLeaf : config.minLeaf;
    for (unsigned i = 0; i < 3; ++i)
      if (dims[i] / divisors[i] < least ||
          double(dims[i] % divisors[i]) > config.maxRaggedFraction * dims[i])
        return false;
    return true;
  }

  void emitAll(const std::vector<Level> &levels, const Dims &divisors) {
    bool ragged = false;
    for (unsigned i = 0; i < 3; ++i)
      ragged |= dims[i] % divisors[i] != 0;
    for (const std::string &provider : providers) {
      emitSlabs(Plan{levels, provider, Ragged::Peel}, divisors);
      if (ragged)
        emitSlabs(Plan{levels, provider, Ragged::Pad}, divisors);
      if (provider == kCodegen)
        emitFused(levels, divisors, ragged);
    }
  }

  /// A plan, and where k is worth cutting the same with slabs of other depths
  /// than what suits the caches.
  void emitSlabs(Plan plan, const Dims &divisors) {
    emit(plan);
    if (plan.provider != kCodegen)
      return;
    for (int64_t slab : slabs) {
      if (slab >= dims[1] / divisors[1])
        break;
      plan.slab = slab;
      emit(plan);
    }
  }

  /// The same with its innermost level fused, once for both executions. Padding
  /// costs a fused level nothing.
  void emitFused(std::vector<Level> levels, const Dims &divisors, bool ragged) {
    bool isComposed = levels.size() > 1 && levels[levels.size() - 2].composed;
    if (levels.back().execution != Execution::Breadth || isComposed)
      return;
    levels.back().execution = Execution::Fused;
    Plan plan{levels, kCodegen.str(), ragged ? Ragged::Pad : Ragged::Peel};
    emitSlabs(plan, divisors);
    if (slabs.empty() || rankOf(levels.back()) > kMostTogether)
      return;
    plan.together = true;
    emit(plan);
    for (int64_t slab : slabs) {
      if (slab / 2 >= dims[1] / divisors[1])
        break;
      plan.slab = slab / 2;
      emit(plan);
    }
  }

  unsigned rankOf(const Level &level) const {
    return (*llvm::find_if(schemes,
                           [&](const Scheme *scheme) {
                             return scheme->name == level.scheme;
                           }))
        ->rank();
  }

  void emit(Plan plan) {
    auto numerics = planNumerics(workload, plan);
    auto workspace = estimateWorkspaceBytes(workload, plan);
    // Schemes given by hand that the catalogue does not know cannot be planned.
    if (!numerics || !workspace) {
      llvm::consumeError(numerics.takeError());
      llvm::consumeError(workspace.takeError());
      return;
    }
    if (!checkNumerics(*numerics, limits).empty())
      return;
    if (!limits.hasRoomFor(*workspace))
      return;
    found.push_back({std::move(plan), *numerics, *workspace, 0});
  }

  const Workload &workload;
  Dims dims;
  llvm::ArrayRef<std::string> providers;
  std::vector<const Scheme *> schemes;
  const TuningConfig &config;
  const PlanLimits &limits;
  llvm::ArrayRef<int64_t> slabs;
  std::vector<Candidate> found;
};
} // namespace

TuningConfig sevenfold::configFor(TuningConfig config, const Device &device) {
  config.maxLevels = std::min<int64_t>(config.maxLevels, device.mostLevels);
  config.maxNestedRank =
      std::min<int64_t>(config.maxNestedRank, device.mostNestedRank);
  return config;
}

std::vector<Candidate> sevenfold::enumeratePlans(
    const Workload &workload, llvm::ArrayRef<std::string> providers,
    llvm::ArrayRef<Scheme> schemes, const TuningConfig &config,
    const PlanLimits &limits, llvm::ArrayRef<int64_t> slabs) {
  return Enumerator(workload, providers, schemes, config, limits, slabs).run();
}
