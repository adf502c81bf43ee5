//===- FuzzData.cpp - Numbers of all sizes --------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sizes by rows, columns and the inner dimension; bounds from the plan's.
//
//===----------------------------------------------------------------------===//

#include "FuzzData.h"

#include "sevenfold/Support/Random.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// Binary orders of magnitude that graded sizes spread over, upwards and
/// downwards: sums and products of the largest stay finite, and the smallest of
/// f16 are normal but for a few.
static int gradedExponent(ElementType type) {
  return type == ElementType::F16 ? 4 : 20;
}

static std::vector<double> drawSizes(int64_t count, int exponent,
                                     Random &random) {
  std::vector<double> sizes(count);
  for (double &size : sizes)
    size = std::ldexp(1.0, int(random.below(2 * exponent + 1)) - exponent);
  return sizes;
}

/// The largest deviation of an operand whose sums stay finite.
static double largestOperand(const Workload &w, const PlanNumerics &numerics) {
  // A little less, for numbers that are rounded up.
  constexpr double kBelow = 0.99;
  return kBelow * largestNumber(w.type) / numerics.operandRange /
         kLargestNormal;
}

/// The largest product of deviations with which C and what leads to it stay
/// finite.
static double largestProduct(const Workload &w, const PlanNumerics &numerics) {
  double largest =
      std::min(largestNumber(w.resultType()),
               largestNumber(w.accumulatorType()) / numerics.resultRange);
  // A quarter of it, as C is added to and sums of two are sums of all.
  return largest / double(w.k) / (kLargestNormal * kLargestNormal) / 4;
}

FuzzData::FuzzData(const FuzzCase &fuzzCase, const PlanNumerics &numerics,
                   Random &random)
    : workload(fuzzCase.workload), numerics(numerics), rows(workload.m, 1),
      columns(workload.n, 1), inners(workload.k, 1) {
  if (isInteger(workload.type))
    return;
  int exponent = gradedExponent(workload.type);
  switch (fuzzCase.values) {
  case Values::Normal:
    break;
  case Values::Large:
    a = largestOperand(workload, numerics);
    b = std::min(a, largestProduct(workload, numerics) / a);
    break;
  case Values::GradedRows:
    rows = drawSizes(workload.m, exponent, random);
    columns = drawSizes(workload.n, exponent, random);
    break;
  case Values::GradedInner:
    inners = drawSizes(workload.k, exponent, random);
    break;
  case Values::Subnormal:
    a = smallestNumber(workload.type) / unitRoundoff(workload.type) / 2;
    break;
  }
  if (fuzzCase.dataSeed % 2)
    std::swap(a, b);
  c = a * b * std::sqrt(double(workload.k));
}

double FuzzData::allowedError(double relativeErrorBound) const {
  auto largest = [](const std::vector<double> &sizes) {
    return *std::max_element(sizes.begin(), sizes.end());
  };
  double smallestInner = *std::min_element(inners.begin(), inners.end());
  double sizeA = a * largest(rows) * largest(inners),
         sizeB = b * largest(columns) / smallestInner;
  double elements = double(workload.batch * workload.m * workload.n);
  // Products and sums of the accumulator's type that are subnormal themselves.
  double terms = double(workload.k) * numerics.rangeGrowth() *
                 (1 + kLargestNormal * (sizeA + sizeB));
  double absolute = numerics.sumUnderflow * kLargestNormal * (sizeA + sizeB) +
                    smallestNumber(workload.accumulatorType()) * terms +
                    smallestNumber(workload.resultType());
  return (relativeErrorBound * std::sqrt(double(workload.k)) * sizeA * sizeB +
          absolute) *
         std::sqrt(elements);
}
