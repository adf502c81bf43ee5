//===- FunctionSpace.cpp - The plans of a whole function ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With T the time of a call by the baseline's library, w[s] the share of the
// products of slot s in it, and r[s,o] what option o takes of their time,
//   T(assignment) / T = 1 - sum_s w[s] + sum_s w[s] r[s,o(s)],
// whose logarithm is linear in errors of log r[s,o] as long as they are small:
// so errors of assignments are sums of errors of options, weighed by w.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/FunctionSpace.h"

#include "sevenfold/Plan/Provider.h"
#include "sevenfold/Tuning/Planner.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace sevenfold;

// What nobody has recorded tables of is assumed, so widely that a measurement
// or two overrule it.

/// What libraries that take turns cost, in logarithms of time, and how far that
/// may be off.
static constexpr double kTurnsCost = 0.02, kTurnsDeviation = 0.04;
/// What sums cost that are not shared: sharing saves time, as a rule.
static constexpr double kUnsharedCost = 0.005, kSharingDeviation = 0.01;
/// Of an assignment by itself: caches, and what is between the products.
static constexpr double kOwnDeviation = 0.015;
/// The part of the variance of what a prediction errs by on one workload that
/// it errs by on another one, too.
static constexpr double kAcrossWorkloads = 0.5;
/// A library that was not timed for a workload was slower than others at a
/// workload like it.
static constexpr double kUntimedFactor = 1.25;
/// Products take at most so much of a function, whatever they took alone.
static constexpr double kMostOfFunction = 0.98;

static double square(double value) { return value * value; }

double PlanSlot::baselineSeconds() const {
  double least = 0;
  for (const auto &[name, seconds] : librarySeconds)
    if (least == 0 || seconds < least)
      least = seconds;
  return least;
}

void sevenfold::keepOpenPlans(PlanSlot &slot) {
  std::set<std::pair<std::string, std::string>> met;
  std::vector<Candidate> kept;
  std::vector<Entrant> entrants =
      entrantsOf(slot.plans, slot.baselineSeconds(), /*baselineProvider=*/"");
  for (auto [candidate, entrant] : llvm::zip_equal(slot.plans, entrants)) {
    bool isOther = met.emplace(entrant.kind, entrant.provider).second;
    if (kept.size() < (isOther ? kMostPlansOfSlot : kBestPlansOfSlot))
      kept.push_back(std::move(candidate));
  }
  slot.plans = std::move(kept);
}

bool Assignment::hasPlans() const {
  return llvm::any_of(plans, [](size_t plan) { return plan != kLibrary; });
}

/// The number of a name, which is added where it is not there yet.
static unsigned numberOf(std::vector<std::string> &names,
                         const std::string &name) {
  auto found = llvm::find(names, name);
  if (found == names.end())
    found = names.insert(names.end(), name);
  return unsigned(found - names.begin());
}

FunctionSpace::FunctionSpace(FunctionFacts facts,
                             const BeliefDeviations &belief)
    : known(std::move(facts)), belief(belief) {
  const std::string &baseline = known.libraries[known.baseline];
  double sum = 0;
  for (const PlanSlot &slot : known.slots) {
    auto secondsOf = [&](const std::string &library) {
      auto found = slot.librarySeconds.find(library);
      return found == slot.librarySeconds.end()
                 ? kUntimedFactor * slot.baselineSeconds()
                 : found->second;
    };
    double own = secondsOf(baseline);
    weights.push_back(slot.uses * own / std::max(known.seconds, 1e-12));
    sum += weights.back();
    std::vector<Entrant> entrants = entrantsOf(slot.plans, own, baseline);
    for (const std::string &library : known.libraries)
      entrants.push_back(
          {own > 0 ? std::log(own / secondsOf(library)) : 0, "", library});
    std::vector<Option> &list = options.emplace_back();
    for (const Entrant &entrant : entrants)
      list.push_back({std::exp(-entrant.expected),
                      numberOf(kinds, entrant.kind),
                      numberOf(providers, entrant.provider),
                      list.size() == slot.plans.size() + known.baseline});
  }
  for (double &weight : weights)
    weight *= sum > kMostOfFunction ? kMostOfFunction / sum : 1;
}

Assignment FunctionSpace::classical() const {
  return {std::vector<size_t>(known.slots.size(), Assignment::kLibrary),
          known.baseline, known.share};
}

const FunctionSpace::Option &
FunctionSpace::optionOf(size_t slot, const Assignment &assignment) const {
  size_t plan = assignment.plans[slot];
  return options[slot][plan == Assignment::kLibrary
                           ? known.slots[slot].plans.size() + assignment.library
                           : plan];
}

uint64_t FunctionSpace::pools(const Assignment &assignment) const {
  uint64_t set = 0;
  for (size_t slot = 0; slot < known.slots.size(); ++slot) {
    unsigned provider = optionOf(slot, assignment).provider;
    // Kernels of our own run on the threads of whoever calls them.
    if (providers[provider] != kCodegen)
      set |= uint64_t(1) << provider % 64;
  }
  return set;
}

bool FunctionSpace::takesTurns(const Assignment &assignment) const {
  return llvm::popcount(pools(assignment)) > 1;
}

/// Whether products of two workloads may be of one operand.
static bool haveCommonOperand(const Workload &a, const Workload &b) {
  return a.k == b.k && a.typeText() == b.typeText() &&
         (a.m == b.m || a.n == b.n);
}

bool FunctionSpace::mayShare(const Assignment &assignment) const {
  for (size_t a = 0; a < known.slots.size(); ++a)
    for (size_t b = 0; b <= a; ++b) {
      const PlanSlot &first = known.slots[a], &second = known.slots[b];
      if (assignment.plans[a] == Assignment::kLibrary ||
          assignment.plans[b] == Assignment::kLibrary ||
          (a == b && first.uses < 2) ||
          !haveCommonOperand(first.workload, second.workload))
        continue;
      const Plan &p = first.plans[assignment.plans[a]].plan,
                 &q = second.plans[assignment.plans[b]].plan;
      if (!p.levels.empty() && !q.levels.empty() &&
          p.levels[0].scheme == q.levels[0].scheme)
        return true;
    }
  return false;
}

Assignment FunctionSpace::settled(Assignment assignment) const {
  if (!llvm::is_contained(assignment.plans, Assignment::kLibrary))
    assignment.library = known.baseline;
  if (!mayShare(assignment))
    assignment.share = known.share;
  return assignment;
}

std::vector<Assignment>
FunctionSpace::neighbours(const Assignment &from) const {
  std::vector<Assignment> found;
  auto add = [&](Assignment changed) {
    changed = settled(std::move(changed));
    if (changed.hasPlans() && !(changed == from) &&
        !llvm::is_contained(found, changed))
      found.push_back(std::move(changed));
  };
  for (size_t slot = 0; slot < known.slots.size(); ++slot) {
    Assignment changed = from;
    changed.plans[slot] = Assignment::kLibrary;
    add(changed);
    for (size_t plan = 0; plan < known.slots[slot].plans.size(); ++plan) {
      changed.plans[slot] = plan;
      add(changed);
    }
  }
  for (size_t library = 0; library < known.libraries.size(); ++library) {
    Assignment changed = from;
    changed.library = library;
    add(changed);
  }
  Assignment changed = from;
  changed.share =
      from.share == SumSharing::On ? SumSharing::Off : SumSharing::On;
  add(changed);
  return found;
}

size_t FunctionSpace::bestPlanOn(size_t slot, llvm::StringRef library) const {
  const std::vector<Option> &list = options[slot];
  size_t count = known.slots[slot].plans.size(), best = Assignment::kLibrary;
  auto number =
      size_t(llvm::find(known.libraries, library) - known.libraries.begin());
  double least = list[count + number].ratio;
  for (size_t plan = 0; plan < count; ++plan)
    if ((providers[list[plan].provider] == library ||
         providers[list[plan].provider] == kCodegen) &&
        list[plan].ratio < least) {
      least = list[plan].ratio;
      best = plan;
    }
  return best;
}

std::vector<Assignment> FunctionSpace::aligned() const {
  std::vector<Assignment> found;
  for (size_t library = 0; library < known.libraries.size(); ++library) {
    Assignment assignment = classical();
    assignment.library = library;
    for (size_t slot = 0; slot < known.slots.size(); ++slot)
      assignment.plans[slot] = bestPlanOn(slot, known.libraries[library]);
    assignment = settled(std::move(assignment));
    if (assignment.hasPlans() && !llvm::is_contained(found, assignment))
      found.push_back(std::move(assignment));
  }
  return found;
}

double FunctionSpace::expected(const Assignment &assignment) const {
  double time = 1;
  for (size_t slot = 0; slot < known.slots.size(); ++slot)
    time += weights[slot] * (optionOf(slot, assignment).ratio - 1);
  double sum = -std::log(std::max(time, 1 - kMostOfFunction));
  if (takesTurns(assignment))
    sum -= kTurnsCost;
  if (assignment.share == SumSharing::Off && mayShare(assignment))
    sum -= kUnsharedCost;
  return sum;
}

double FunctionSpace::optionCovariance(size_t slotA, const Assignment &a,
                                       size_t slotB,
                                       const Assignment &b) const {
  const Option &first = optionOf(slotA, a), &second = optionOf(slotB, b);
  if (first.isBaseline || second.isBaseline)
    return 0;
  double sum = square(belief.shared);
  if (first.provider == second.provider)
    sum += square(belief.provider);
  if (first.kind == second.kind)
    sum += square(belief.kind);
  if (slotA != slotB)
    return kAcrossWorkloads * sum;
  return &first == &second ? sum + square(belief.own) : sum;
}

double FunctionSpace::covariance(const Assignment &a,
                                 const Assignment &b) const {
  double sum = a == b ? square(kOwnDeviation) : 0;
  for (size_t i = 0; i < weights.size(); ++i)
    for (size_t j = 0; j < weights.size(); ++j)
      sum += weights[i] * weights[j] * optionCovariance(i, a, j, b);
  if (takesTurns(a) && takesTurns(b))
    sum +=
        square(kTurnsDeviation) * (pools(a) == pools(b) ? 1 : kAcrossWorkloads);
  if (a.share == SumSharing::Off && b.share == SumSharing::Off && mayShare(a) &&
      mayShare(b))
    sum += square(kSharingDeviation);
  return sum;
}
