//===- RangeTuner.cpp - Plans for ranges of sizes -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a scheme saves grows with the sizes, so that a plan which wins at the
// end of a range wins down to some border, by bisection:
//
//   least         border                      greatest
//     |- library -|---- one plan -----|----------|
//                 won              won too      won
//
// Between two sizes that one plan has won at a query takes it to win too
// (DatabaseLayers::table), which is why it is asked in the middle: at a size
// that is no multiple of anything, with all that it leaves over.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Tuning/RangeTuner.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace sevenfold;

/// Of a range's budget, what is spent on finding a plan at its end, and on each
/// size that it is tried at then.
static constexpr double kFindShare = 0.4, kTryShare = 0.12;
/// Borders are not looked for any closer than this.
static constexpr double kCloseEnough = 1.3;

namespace {
/// Tunes one range.
class RangeTuner {
public:
  RangeTuner(const WorkloadRange &range, const TuneParts &parts,
             const TuneOptions &options, Budget &budget, double share,
             TuneResult &result)
      : range(range), parts(parts), options(options), budget(budget),
        share(share), result(result) {}

  llvm::Error run();

private:
  /// The plan that wins at a size, asked of `only` or of all; null where the
  /// library does. An error ends the run.
  llvm::Expected<std::optional<Plan>> winner(int64_t m, double part,
                                             const std::optional<Plan> &only);
  llvm::Expected<bool> wins(const Plan &plan, int64_t m);
  bool isOver() const {
    return result.interrupted || !result.voided.empty() || budget.exhausted();
  }

  const WorkloadRange &range;
  const TuneParts &parts;
  const TuneOptions &options;
  Budget &budget;
  double share; ///< of the budget, in its unit
  TuneResult &result;
};
} // namespace

llvm::Expected<std::optional<Plan>>
RangeTuner::winner(int64_t m, double part, const std::optional<Plan> &only) {
  Workload workload = range.family;
  workload.m = m;
  TuneOptions asked = options;
  asked.onlyPlan = only;
  asked.reserve = 0;
  double before = budget.spent();
  Budget own({budget.kind(), std::min(part * share, budget.remaining())});
  auto tuned = tuneWorkloads(workload, parts, asked, own);
  if (!tuned)
    return tuned.takeError();
  // Steps and the time of children are told to one budget alone.
  if (budget.kind() == BudgetKind::Steps)
    budget.addSteps(int64_t(own.spent()));
  if (budget.kind() == BudgetKind::Cpu)
    budget.addCpuSeconds(
        std::max(0.0, own.spent() - (budget.spent() - before)));
  result.interrupted |= tuned->interrupted;
  result.unmeasured += tuned->unmeasured;
  if (result.voided.empty())
    result.voided = tuned->voided;
  std::optional<Plan> plan;
  if (!tuned->reports.empty())
    plan = tuned->reports.front().plan;
  llvm::append_range(result.reports, tuned->reports);
  return plan && !plan->levels.empty() ? plan : std::nullopt;
}

llvm::Expected<bool> RangeTuner::wins(const Plan &plan, int64_t m) {
  auto found = winner(m, kTryShare, plan);
  if (!found)
    return found.takeError();
  return *found == plan;
}

/// The size between two others by ratio, an odd one.
static int64_t between(int64_t least, int64_t greatest) {
  return std::llround(std::sqrt(double(least) * double(greatest))) | 1;
}

static bool areClose(int64_t least, int64_t greatest) {
  return double(greatest) <= kCloseEnough * double(least);
}

llvm::Error RangeTuner::run() {
  auto [least, greatest] = range.range;
  auto best = winner(greatest, kFindShare, std::nullopt);
  if (!best)
    return best.takeError();
  if (!*best || least == greatest)
    return llvm::Error::success();
  Plan plan = **best;
  // Code for any size peels what is left over.
  if (plan.ragged != Ragged::Peel) {
    plan.ragged = Ragged::Peel;
    auto again = wins(plan, greatest);
    if (!again || !*again)
      return again.takeError();
  }
  int64_t won = greatest, lost = least - 1;
  for (int64_t next = least; !isOver(); next = between(lost, won)) {
    auto here = wins(plan, next);
    if (!here)
      return here.takeError();
    (*here ? won : lost) = next;
    if (won == least || areClose(lost, won))
      break;
  }
  if (won == greatest || areClose(won, greatest) || isOver())
    return llvm::Error::success();
  return wins(plan, between(won, greatest)).takeError();
}

llvm::Expected<TuneResult>
sevenfold::tuneRanges(llvm::ArrayRef<WorkloadRange> ranges,
                      const TuneParts &parts, const TuneOptions &options,
                      Budget &budget) {
  TuneResult result;
  size_t left = ranges.size();
  for (const WorkloadRange &range : ranges) {
    if (options.interrupted() || budget.exhausted())
      break;
    if (options.progress)
      options.progress(llvm::formatv("{0}, m from {1} to {2}",
                                     range.family.str(), range.range.least,
                                     range.range.greatest));
    // What one leaves goes to the later ones.
    double share = budget.remaining() / double(left--);
    if (llvm::Error error =
            RangeTuner(range, parts, options, budget, share, result).run())
      return error;
    if (result.interrupted || !result.voided.empty())
      break;
  }
  return result;
}
