//===- CostModel.cpp - Predicted time of a plan ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Follows the steps of a plan: traffic of the combines at each, the provider's
// rate at the smallest products, and the borders of ragged shapes.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/CostModel.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

CostModel::CostModel(double peak, double bandwidth)
    : peak(std::max(peak, 1.0)), bandwidth(std::max(bandwidth, 1.0)) {}

static double logSize(double m, double k, double n) {
  return std::log2(m * k * n) / 3;
}

/// How much of the full rate a product with this shortest side reaches.
static double saturation(int64_t m, int64_t k, int64_t n) {
  double side = double(std::min({m, k, n}));
  return side / (side + kHalfRateDimension);
}

void CostModel::addRate(const std::string &provider, const Workload &workload,
                        double seconds) {
  if (!(seconds > 0))
    return;
  // Filed as the rate without the loss to a short side, which `rate` applies.
  double loss = saturation(workload.m, workload.k, workload.n);
  rates[provider][logSize(workload.m, workload.k, workload.n)] =
      workload.flops() / seconds / loss;
}

double CostModel::rate(const std::string &provider, int64_t m, int64_t k,
                       int64_t n) const {
  double loss = saturation(m, k, n);
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
/// Seconds of the parts of one plan.
class Prediction {
public:
  Prediction(const CostModel &model, const Workload &workload, const Plan &plan,
             const std::vector<PlanStep> &steps, double bandwidth)
      : model(model), plan(plan), steps(steps),
        secondsPerElement(byteWidth(workload.type) / bandwidth),
        accumulates(workload.accumulation == Accumulation::Accumulate) {}

  /// A classical product; thin ones are bound by their traffic.
  double product(double m, double k, double n) const {
    if (m < 1 || k < 1 || n < 1)
      return 0;
    double compute =
        2 * m * k * n /
        model.rate(plan.provider, int64_t(m), int64_t(k), int64_t(n));
    return std::max(compute, traffic(m * k + k * n + m * n));
  }

  /// The levels from `index` inwards on an m x k x n product.
  double levels(size_t index, double m, double k, double n) const {
    if (index == steps.size())
      return product(m, k, n);
    const PlanStep &step = steps[index];
    double a = m * k / double(step.m * step.k);
    double b = k * n / double(step.k * step.n);
    double c = m * n / double(step.m * step.n);
    double moved;
    if (step.execution == Execution::Breadth) {
      // Every input block is read once, every sum written once.
      moved = (step.a.sums ? m * k : 0) + step.a.sums * a +
              (step.b.sums ? k * n : 0) + step.b.sums * b +
              (step.c.sums ? m * n : 0) + step.c.sums * c;
    } else {
      // Each sum reads its own terms; each shared product is added to its
      // blocks one by one.
      moved = (step.a.terms + step.a.sums) * a +
              (step.b.terms + step.b.sums) * b +
              (2 * step.c.terms + step.c.sums) * c;
    }
    return traffic(moved) +
           step.rank * levels(index + 1, m / step.m, k / step.k, n / step.n);
  }

  double whole(const Workload &workload) const {
    int64_t dm = 1, dk = 1, dn = 1;
    for (const PlanStep &step : steps)
      dm *= step.m, dk *= step.k, dn *= step.n;
    double m = workload.m, k = workload.k, n = workload.n;
    auto down = [](int64_t dim, int64_t by) { return double(dim / by * by); };
    double pm = down(workload.m, dm), pk = down(workload.k, dk),
           pn = down(workload.n, dn);
    double total = accumulates ? traffic(m * n) : 0;
    if (plan.ragged == Ragged::Peel)
      return total + levels(0, pm, pk, pn) + product(pm, k - pk, pn) +
             product(pm, k, n - pn) + product(m - pm, k, n);
    pm += pm < m ? dm : 0, pk += pk < k ? dk : 0, pn += pn < n ? dn : 0;
    if (pm != m || pk != k)
      total += traffic(m * k + pm * pk);
    if (pk != k || pn != n)
      total += traffic(k * n + pk * pn);
    if (pm != m || pn != n)
      total += traffic(m * n + pm * pn);
    return total + levels(0, pm, pk, pn);
  }

private:
  double traffic(double elements) const { return elements * secondsPerElement; }

  const CostModel &model;
  const Plan &plan;
  const std::vector<PlanStep> &steps;
  double secondsPerElement;
  bool accumulates;
};
} // namespace

llvm::Expected<double> CostModel::predict(const Workload &workload,
                                          const Plan &plan) const {
  auto steps = planSteps(plan);
  if (!steps)
    return steps.takeError();
  return predict(workload, plan, *steps);
}

double CostModel::predict(const Workload &workload, const Plan &plan,
                          const std::vector<PlanStep> &steps) const {
  return Prediction(*this, workload, plan, steps, bandwidth).whole(workload);
}
