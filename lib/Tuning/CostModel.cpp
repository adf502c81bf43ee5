//===- CostModel.cpp - Predicted time of a plan ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Products by tiles and rates, and the steps of a plan: traffic of the combines
// at each, the smallest products, and the borders of ragged shapes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/CostModel.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// So many terms of sums, which lie in caches and registers, take as long as
/// one element that comes from memory or goes there.
static constexpr double kCachedTerms = 4;

/// A profile of which two figures are known.
static DeviceProfile plainProfile(double peak, double bandwidth) {
  DeviceProfile profile;
  profile.peaks[ElementType::F32] = peak;
  profile.bandwidth = bandwidth;
  return profile;
}

CostModel::CostModel(double peak, double bandwidth)
    : CostModel(plainProfile(peak, bandwidth), ElementType::F32) {}

CostModel::CostModel(const DeviceProfile &known, ElementType type)
    : profile(known), type(type) {
  peak = std::max(peakOf(profile, type), 1.0);
  profile.bandwidth = std::max(profile.bandwidth, 1.0);
}

static double logSize(double m, double k, double n) {
  return std::log2(m * k * n) / 3;
}

static double roundedUp(int64_t value, int64_t multiple) {
  return double((value + multiple - 1) / multiple) * double(multiple);
}

double CostModel::tileSeconds(const DeviceProfile::Tile &tile, int64_t m,
                              int64_t k, int64_t n) const {
  auto unit = profile.units.find(type);
  DeviceProfile::Unit least;
  if (unit != profile.units.end())
    least = unit->second;
  double tileM = roundedUp(tile.m, least.m), tileN = roundedUp(tile.n, least.n),
         depth = roundedUp(k, least.k);
  double tiles = std::ceil(m / tileM) * std::ceil(n / tileN);
  double cores = double(profile.cores);
  double rounds = std::ceil(tiles / cores);
  double compute = 2 * rounds * cores * tileM * tileN * depth / peak;
  if (profile.cacheBandwidth <= 0)
    return compute;
  double read = tiles * (tileM + tileN) * depth * double(byteWidth(type));
  return std::max(compute, read / profile.cacheBandwidth);
}

double CostModel::efficiency(int64_t m, int64_t k, int64_t n) const {
  if (profile.tiles.empty()) {
    double side = double(std::min({m, k, n}));
    return side / (side + kHalfRateDimension);
  }
  double best = tileSeconds(profile.tiles.front(), m, k, n);
  for (const DeviceProfile::Tile &tile : profile.tiles)
    best = std::min(best, tileSeconds(tile, m, k, n));
  return 2.0 * double(m) * double(k) * double(n) / (peak * best);
}

double CostModel::transfer(double bytes) const {
  bool cached =
      profile.cacheBandwidth > 0 && bytes <= double(profile.cacheBytes);
  return bytes / (cached ? profile.cacheBandwidth : profile.bandwidth);
}

void CostModel::addRate(const std::string &provider, const Workload &workload,
                        double seconds) {
  if (!(seconds > 0))
    return;
  // Filed as the rate without the loss to the shape, which `rate` applies.
  double loss = efficiency(workload.m, workload.k, workload.n);
  rates[provider][logSize(workload.m, workload.k, workload.n)] =
      workload.flops() / seconds / loss;
}

size_t CostModel::ratesOf(const std::string &provider) const {
  auto found = rates.find(provider);
  return found == rates.end() ? 0 : found->second.size();
}

double CostModel::rate(const std::string &provider, int64_t m, int64_t k,
                       int64_t n) const {
  double loss = efficiency(m, k, n);
  auto measured = rates.find(provider);
  if (measured == rates.end())
    return peak * loss;
  const std::map<double, double> &points = measured->second;
  double size = logSize(m, k, n);
  auto above = points.lower_bound(size);
  if (above == points.end())
    return std::prev(above)->second * loss;
  if (above == points.begin() || above->first == size)
    return above->second * loss;
  auto below = std::prev(above);
  double part = (size - below->first) / (above->first - below->first);
  return (below->second + part * (above->second - below->second)) * loss;
}

namespace {
/// What the parts of one plan take.
class Prediction {
public:
  Prediction(const CostModel &model, const Workload &workload, const Plan &plan,
             const std::vector<PlanStep> &steps)
      : model(model), plan(plan), steps(steps),
        operandBytes(double(byteWidth(workload.type))),
        resultBytes(double(byteWidth(workload.resultType()))),
        // Blocks of C are kept in what products are summed up in.
        blockBytes(steps.empty()
                       ? resultBytes
                       : double(byteWidth(workload.accumulatorType()))),
        accumulates(workload.accumulation == Accumulation::Accumulate) {}

  /// A classical product; thin ones are bound by their traffic.
  PlanCost product(double m, double k, double n) const {
    if (m < 1 || k < 1 || n < 1)
      return {};
    double bytes = (m * k + k * n) * operandBytes + m * n * blockBytes;
    return multiplying(m, k, n, bytes);
  }

  /// The levels from `index` inwards on an m x k x n product.
  PlanCost levels(size_t index, double m, double k, double n) const {
    if (index == steps.size())
      return product(m, k, n);
    const PlanStep &step = steps[index];
    double a = m * k / double(step.m * step.k);
    double b = k * n / double(step.k * step.n);
    double c = m * n / double(step.m * step.n);
    bool isInnermost = index + 1 == steps.size();
    if (step.execution == Execution::Fused ||
        (step.execution == Execution::Depth && isInnermost &&
         model.fusesSums()))
      return fused(step, m, k, n);
    PlanCost total =
        levels(index + 1, m / step.m, k / step.k, n / step.n) * step.rank;
    if (step.execution == Execution::Breadth) {
      // Every input block is read once, every sum written once.
      total += sums(step.a, m * k, a, operandBytes);
      total += sums(step.b, k * n, b, operandBytes);
      total += sums(step.c, m * n, c, blockBytes);
    } else {
      // Each sum reads its own terms; each shared product is added to its
      // blocks one by one.
      total +=
          kernels(step.a.sums, (step.a.terms + step.a.sums) * a, operandBytes);
      total +=
          kernels(step.b.sums, (step.b.terms + step.b.sums) * b, operandBytes);
      total += kernels(step.c.sums, (2 * step.c.terms + step.c.sums) * c,
                       blockBytes);
    }
    return total;
  }

  /// Products that read all their terms and add to all their blocks of C, the
  /// first of each but written: while a GPU multiplies, and before and after
  /// the host does.
  PlanCost fused(const PlanStep &step, double m, double k, double n) const {
    double a = m * k / double(step.m * step.k);
    double b = k * n / double(step.k * step.n);
    double c = m * n / double(step.m * step.n);
    auto blocks = [&](const SideCounts &side) {
      return double(side.terms + step.rank - side.sums);
    };
    double bytes = (blocks(step.a) * a + blocks(step.b) * b) * operandBytes +
                   (2 * blocks(step.c) * c - m * n) * blockBytes;
    double rank = double(step.rank);
    m /= step.m, k /= step.k, n /= step.n;
    if (!model.hidesTraffic()) {
      double own = (m * k + k * n) * operandBytes + m * n * blockBytes;
      PlanCost total = product(m, k, n) * rank;
      total += {model.transfer(bytes - rank * own), 0, bytes - rank * own};
      return total;
    }
    return multiplying(m, k, n, bytes / rank) * rank;
  }

  PlanCost whole(const Workload &workload) const {
    int64_t dm = 1, dk = 1, dn = 1;
    for (const PlanStep &step : steps)
      dm *= step.m, dk *= step.k, dn *= step.n;
    double m = workload.m, k = workload.k, n = workload.n;
    auto down = [](int64_t dim, int64_t by) { return double(dim / by * by); };
    double pm = down(workload.m, dm), pk = down(workload.k, dk),
           pn = down(workload.n, dn);
    PlanCost total;
    if (accumulates)
      total += {model.transfer(m * n * blockBytes), 0, m * n * blockBytes};
    if (blockBytes != resultBytes)
      total += kernels(1, m * n, blockBytes + resultBytes);
    if (plan.ragged == Ragged::Peel) {
      for (const PlanCost &part :
           {levels(0, pm, pk, pn), product(pm, k - pk, pn),
            product(pm, k, n - pn), product(m - pm, k, n)})
        total += part;
      return total;
    }
    pm += pm < m ? dm : 0, pk += pk < k ? dk : 0, pn += pn < n ? dn : 0;
    if (pm != m || pk != k)
      total += kernels(1, m * k + pm * pk, operandBytes);
    if (pk != k || pn != n)
      total += kernels(1, k * n + pk * pn, operandBytes);
    if (pm != m || pn != n)
      total += kernels(1, m * n + pm * pn, blockBytes);
    total += levels(0, pm, pk, pn);
    return total;
  }

private:
  /// One kernel that multiplies and moves so many bytes meanwhile.
  PlanCost multiplying(double m, double k, double n, double bytes) const {
    double flops = 2 * m * k * n,
           compute = flops / model.rate(plan.provider, int64_t(m), int64_t(k),
                                        int64_t(n));
    return {std::max(compute, model.transfer(bytes)) + model.launchSeconds(),
            flops, bytes};
  }
  /// `count` kernels that move so many elements altogether.
  PlanCost kernels(double count, double elements, double bytes) const {
    if (count < 1)
      return {};
    double seconds =
        model.transfer(elements * bytes / count) + model.launchSeconds();
    return {count * seconds, 0, elements * bytes};
  }
  /// All sums of a side, of so many elements each, by one kernel over `whole`.
  PlanCost sums(const SideCounts &side, double whole, double elements,
                double bytes) const {
    if (side.sums == 0)
      return {};
    double moved = whole + double(side.sums) * elements,
           added = double(side.terms) * elements;
    PlanCost cost = kernels(1, moved + added / kCachedTerms, bytes);
    cost.bytes = moved * bytes;
    return cost;
  }

  const CostModel &model;
  const Plan &plan;
  const std::vector<PlanStep> &steps;
  double operandBytes, resultBytes, blockBytes;
  bool accumulates;
};
} // namespace

/// What a plan of these steps takes.
static PlanCost costOf(const CostModel &model, const Workload &workload,
                       const Plan &plan, const std::vector<PlanStep> &steps) {
  PlanCost cost = Prediction(model, workload, plan, steps).whole(workload) *
                  double(workload.batch);
  // Depths of slabs, and whether products are better together, are for the
  // measurement to tell apart, what suits most caches first.
  constexpr double kOtherForm = 1.005;
  if (plan.slab != 0 || plan.together)
    cost.seconds *= kOtherForm;
  return cost;
}

llvm::Expected<PlanCost> CostModel::cost(const Workload &workload,
                                         const Plan &plan) const {
  auto steps = planSteps(plan, workload.type);
  if (!steps)
    return steps.takeError();
  return costOf(*this, workload, plan, *steps);
}

llvm::Expected<double> CostModel::predict(const Workload &workload,
                                          const Plan &plan) const {
  auto found = cost(workload, plan);
  if (!found)
    return found.takeError();
  return found->seconds;
}

double CostModel::predict(const Workload &workload, const Plan &plan,
                          const std::vector<PlanStep> &steps) const {
  return costOf(*this, workload, plan, steps).seconds;
}
