//===- Numerics.cpp - Error and workspace of a plan -----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The error model and the workspace estimate of Numerics.h.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Plan/Numerics.h"

#include "ValueRange.h"
#include "sevenfold/Plan/PlanSteps.h"
#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Scheme/Verify.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

using SchemeList = std::vector<const Scheme *>;

static llvm::Expected<SchemeList> lookupSchemes(const Plan &plan) {
  SchemeList schemes;
  for (const Level &level : plan.levels) {
    llvm::Expected<const Scheme &> scheme = lookupScheme(level.scheme);
    if (!scheme)
      return scheme.takeError();
    schemes.push_back(&*scheme);
  }
  return schemes;
}

//===----------------------------------------------------------------------===//
// Range
//===----------------------------------------------------------------------===//

/// How many times larger than any sum of products the largest number is.
static double roomOf(const Workload &workload) {
  double largest = largestNumber(workload.type);
  return largestNumber(workload.accumulatorType()) / largest / largest /
         double(workload.k);
}

static void addRange(const Workload &workload, const SchemeList &schemes,
                     PlanNumerics &numerics) {
  bool isScaled = hasScaledSums(workload.type);
  double results = 1, roundings = 1;
  for (const Scheme *scheme : schemes) {
    LevelRange range = levelRange(*scheme);
    results *= std::max(1.0, range.results);
    roundings *= 2;
    if (!isScaled)
      numerics.operandRange *= range.operands;
  }
  numerics.resultRange =
      std::max(1.0, results / std::max(1.0, roomOf(workload)));
  // A scaled sum is off by half the smallest number, which is at most that
  // times the total of the coefficients once it is unscaled, and twice that a
  // level further inwards.
  if (isScaled)
    numerics.sumUnderflow = (roundings - 1) * smallestNumber(workload.type) *
                            double(workload.k) * results;
}

double PlanNumerics::rangeGrowth() const {
  return std::max(operandRange, resultRange);
}

llvm::Expected<ErrorLimit> ErrorLimit::parse(llvm::StringRef text) {
  auto [word, number] = text.split(':');
  ErrorLimit limit{Measure::Growth, 0};
  bool isKnown = true;
  if (number.empty())
    number = text;
  else if (word == "norm")
    limit.measure = Measure::Norm;
  else if (word == "rows")
    limit.measure = Measure::Rows;
  else
    isKnown = word == "growth";
  if (!isKnown || number.getAsDouble(limit.value) || !(limit.value > 0) ||
      !std::isfinite(limit.value))
    return makeError(
        "expected 'norm:E', 'rows:E' or 'growth:G' with a positive "
        "number but got '{0}'",
        text);
  return limit;
}

bool sevenfold::boundsRows(const Plan &plan) {
  return plan.levels.empty() || plan.scaling == Scaling::Rows;
}

std::string sevenfold::checkError(const ErrorLimit &limit,
                                  double relativeErrorBound, double errorGrowth,
                                  bool boundsRows) {
  if (limit.measure == ErrorLimit::Measure::Growth)
    return errorGrowth <= limit.value
               ? ""
               : llvm::formatv("error growth {0:f1} exceeds the limit {1:f1}",
                               errorGrowth, limit.value)
                     .str();
  if (limit.measure == ErrorLimit::Measure::Rows && !boundsRows)
    return "its error is bounded in norm only, and not for each row";
  return relativeErrorBound <= limit.value
             ? ""
             : llvm::formatv("error bound {0:e2} exceeds the limit {1:e2}",
                             relativeErrorBound, limit.value)
                   .str();
}

std::string sevenfold::checkNumerics(const PlanNumerics &numerics,
                                     const PlanLimits &limits) {
  if (numerics.approximation > 0 && limits.maxRelativeError == 0)
    return llvm::formatv("a scheme is not exact, and its relative error "
                         "{0:e2} was not accepted",
                         numerics.approximation);
  if (!(numerics.approximation <= limits.maxRelativeError))
    return llvm::formatv("relative error {0:e2} exceeds the limit {1:e2}",
                         numerics.approximation, limits.maxRelativeError);
  if (!(numerics.errorGrowth <= limits.maxErrorGrowth))
    return llvm::formatv("error growth {0:f1} exceeds the limit {1:f1}",
                         numerics.errorGrowth, limits.maxErrorGrowth);
  if (limits.maxError)
    if (std::string reason =
            checkError(*limits.maxError, numerics.relativeErrorBound,
                       numerics.errorGrowth, numerics.boundsRows);
        !reason.empty())
      return reason;
  double maxRangeGrowth = kRangeGrowthFactor * limits.maxErrorGrowth;
  if (!(numerics.rangeGrowth() <= maxRangeGrowth))
    return llvm::formatv("range growth {0:f1} exceeds the limit {1:f1}",
                         numerics.rangeGrowth(), maxRangeGrowth);
  return "";
}

//===----------------------------------------------------------------------===//
// Error
//===----------------------------------------------------------------------===//

static unsigned rowNonzeros(const Factor &factor, unsigned row) {
  unsigned count = 0;
  for (unsigned column = 0; column < factor.columns(); ++column)
    count += !factor.at(row, column).isZero();
  return count;
}

static double squaredNorm(const Factor &factor, unsigned row) {
  double sum = 0;
  for (unsigned column = 0; column < factor.columns(); ++column) {
    double value = factor.at(row, column).toDouble();
    sum += value * value;
  }
  return sum;
}

namespace {
/// What one level does to rounding errors; the symbols of Numerics.h.
struct LevelError {
  double variance = 0;        ///< g
  unsigned sumAdditions = 0;  ///< su + sv + sw
  unsigned pathAdditions = 0; ///< q
  unsigned roundedSums = 0;   ///< of U and V: the sides that have sums
};
} // namespace

/// Additions in a sum of `terms` terms.
static unsigned additionsOf(unsigned terms) { return terms ? terms - 1 : 0; }

static LevelError levelError(const Scheme &scheme) {
  unsigned rank = scheme.rank();
  unsigned outputs = scheme.w.columns();
  unsigned su = 0, sv = 0, sw = 0;
  std::vector<double> productVariance(rank);
  std::vector<unsigned> productAdditions(rank);
  for (unsigned t = 0; t < rank; ++t) {
    unsigned au = additionsOf(rowNonzeros(scheme.u, t));
    unsigned av = additionsOf(rowNonzeros(scheme.v, t));
    su = std::max(su, au);
    sv = std::max(sv, av);
    productVariance[t] = squaredNorm(scheme.u, t) * squaredNorm(scheme.v, t);
    productAdditions[t] = au + av;
  }
  LevelError error;
  for (unsigned c = 0; c < outputs; ++c) {
    unsigned terms = 0, deepest = 0;
    for (unsigned t = 0; t < rank; ++t) {
      const Rational &weight = scheme.w.at(t, c);
      if (weight.isZero())
        continue;
      ++terms;
      deepest = std::max(deepest, productAdditions[t]);
      error.variance +=
          weight.toDouble() * weight.toDouble() * productVariance[t];
    }
    sw = std::max(sw, additionsOf(terms));
    error.pathAdditions =
        std::max(error.pathAdditions, additionsOf(terms) + deepest);
  }
  error.variance /= double(outputs) * scheme.k;
  error.sumAdditions = su + sv + sw;
  error.roundedSums = (su > 0) + (sv > 0);
  return error;
}

/// Variance of a dot product of size k in units of u^2.
static double dotProductVariance(double k) { return (k + 3) / 6; }

llvm::Expected<PlanNumerics> sevenfold::planNumerics(const Workload &workload,
                                                     const Plan &plan) {
  llvm::Expected<SchemeList> schemes = lookupSchemes(plan);
  if (!schemes)
    return schemes.takeError();
  int64_t divisor = 1;
  for (const Scheme *scheme : *schemes)
    divisor *= scheme->k;
  PlanNumerics numerics;
  numerics.boundsRows = boundsRows(plan);
  for (const Level &level : plan.levels)
    numerics.approximation =
        (1 + numerics.approximation) *
            (1 + schemeLibrary().approximation(level.scheme)) -
        1;
  numerics.relativeErrorBound = kApproximationSafety * numerics.approximation;
  if (isInteger(workload.type))
    return numerics;
  double leaf = std::ceil(double(workload.k) / divisor);

  // In units of the accumulator's roundoff: `operand` of a sum that is rounded
  // to the operands' type, `output` of the result.
  double u = unitRoundoff(workload.accumulatorType());
  double operand = unitRoundoff(workload.type) / u;
  double output = unitRoundoff(workload.resultType()) / u;
  // Products of tf32 round their operands, whatever these are sums of.
  bool roundsProducts = workload.type == ElementType::TF32;
  bool isNarrow = operand > 1 && !roundsProducts;
  double productVariance = roundsProducts ? 2 * operand * operand / 3.0 : 0;
  double productWorst = roundsProducts ? 2 * operand : 0;
  double variance = dotProductVariance(leaf) + productVariance;
  double worst = leaf + productWorst, growthProduct = 1;
  for (size_t i = schemes->size(); i-- > 0;) {
    const Scheme &scheme = *(*schemes)[i];
    LevelError error = levelError(scheme);
    double rounded = isNarrow ? error.roundedSums * operand * operand : 0;
    variance =
        error.variance * (variance + (error.sumAdditions + rounded) / 3.0);
    worst += error.pathAdditions + (isNarrow ? error.roundedSums * operand : 0);
    growthProduct *= growth(scheme).frobenius;
  }
  // Peeled borders are classical products of the full size, and whatever is
  // accumulated is rounded once more.
  variance =
      std::max(variance, dotProductVariance(workload.k) + productVariance) +
      output * output / 3.0;

  addRange(workload, *schemes, numerics);
  double elements = double(workload.m) * workload.n;
  numerics.relativeErrorBound +=
      kErrorSafety * u * std::sqrt(variance) * std::pow(10.0, 6 / elements);
  if (!plan.levels.empty())
    numerics.errorGrowth =
        isNarrow ? (worst * growthProduct + output) / (workload.k + output)
                 : worst * growthProduct / (workload.k + productWorst);
  return numerics;
}

//===----------------------------------------------------------------------===//
// Workspace
//===----------------------------------------------------------------------===//

static int64_t roundUp(int64_t value, int64_t divisor) {
  return (value + divisor - 1) / divisor * divisor;
}

/// What generated code packs of the operands of so many products at a time:
/// slabs of about so many k, up to so many bytes of each.
static int64_t packedBytes(int64_t m, int64_t k, int64_t n, int64_t bytes,
                           int64_t products) {
  constexpr int64_t kSlab = 1024, kMostBytes = int64_t(8) << 20;
  int64_t slab = std::min(k, kSlab) * bytes * products;
  return std::min(m * slab, kMostBytes) + std::min(n * slab, kMostBytes);
}

llvm::Expected<int64_t>
sevenfold::estimateWorkspaceBytes(const Workload &workload, const Plan &plan) {
  llvm::Expected<std::vector<PlanStep>> steps = planSteps(plan, workload.type);
  if (!steps)
    return steps.takeError();
  PlanStep all;
  for (const PlanStep &step : *steps) {
    all.m *= step.m;
    all.k *= step.k;
    all.n *= step.n;
  }
  int64_t m = workload.m, k = workload.k, n = workload.n;
  auto isFused = [](const PlanStep &step) {
    return step.execution == Execution::Fused;
  };
  // Fused products widen and pad what they load.
  bool loadsAll = !steps->empty() && isFused(steps->front());
  // Sums are of the operands' type, i8 excepted, products of the accumulator's.
  int64_t wide = byteWidth(workload.accumulatorType());
  int64_t narrow = isInteger(workload.type) ? wide : byteWidth(workload.type);
  int64_t bytes = 0;
  if (plan.scaling == Scaling::Rows)
    bytes += (m * k + k * n + m + n) * narrow;
  if (workload.type == ElementType::I8 && !loadsAll)
    bytes += (m * k + k * n) * wide;
  if (workload.resultType() != workload.accumulatorType())
    bytes += m * n * wide;
  if (plan.ragged == Ragged::Pad && !loadsAll) {
    int64_t pm = roundUp(m, all.m), pk = roundUp(k, all.k),
            pn = roundUp(n, all.n);
    if (pm != m || pk != k)
      bytes += pm * pk * narrow;
    if (pk != k || pn != n)
      bytes += pk * pn * narrow;
    if (pm != m || pn != n)
      bytes += pm * pn * wide;
    m = pm, k = pk, n = pn;
  }
  int64_t together = 1;
  for (const PlanStep &step : *steps) {
    m /= step.m, k /= step.k, n /= step.n;
    if (isFused(step)) {
      together = plan.together ? int64_t(step.rank) : 1;
      break;
    }
    bool breadth = step.execution == Execution::Breadth;
    auto live = [&](const SideCounts &side) {
      return breadth ? side.sums : std::min<int64_t>(side.sums, 1);
    };
    bytes += (live(step.a) * m * k + live(step.b) * k * n) * narrow +
             live(step.c) * m * n * wide;
  }
  if (plan.provider == kCodegen || !hasLibraries(workload.type))
    bytes += packedBytes(m, k, n, wide, together);
  return bytes;
}
