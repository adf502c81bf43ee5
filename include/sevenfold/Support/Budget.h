//===- Budget.h - How much a run may take -----------------------*- C++ -*-===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One meter for every search and tuning run: wall clock, processor time or
// steps, so that strategies can be compared at equal expense.
//
//===----------------------------------------------------------------------===//

#ifndef SEVENFOLD_SUPPORT_BUDGET_H
#define SEVENFOLD_SUPPORT_BUDGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <functional>
#include <string>

namespace sevenfold {

/// Wall and Cpu count seconds; a step is what the strategy says it is, for
/// tuning one measured pair.
enum class BudgetKind { Unlimited, Wall, Cpu, Steps };

struct BudgetLimit {
  BudgetKind kind = BudgetKind::Unlimited;
  double amount = 0;

  /// "90s", "5m", "2h", "1500ms": wall clock; "cpu:60s": processor time of
  /// this process and its measured children; "20000steps". Empty: unlimited.
  /// Fails on anything else, and on an amount of zero.
  static llvm::Expected<BudgetLimit> parse(llvm::StringRef text);
  /// The inverse, in seconds or steps; "unlimited".
  std::string str() const;
};

/// Starts to run when it is made.
class Budget {
public:
  /// A reading in seconds that never falls.
  using Clock = std::function<double()>;

  explicit Budget(BudgetLimit limit);
  /// With other clocks than the machine's, for tests.
  Budget(BudgetLimit limit, Clock wall, Clock cpu);

  void addSteps(int64_t count) { steps += count; }
  /// Processor seconds of children that the operating system has not accounted
  /// to this process.
  void addCpuSeconds(double seconds) { childSeconds += seconds; }

  /// In the unit of the limit; wall seconds where it is unlimited.
  double spent() const;
  /// Infinity where unlimited.
  double limit() const;
  double remaining() const { return limit() - spent(); }
  bool exhausted() const { return remaining() <= 0; }
  BudgetKind kind() const { return budgetLimit.kind; }
  double wallSeconds() const { return wall() - wallStart; }

  /// What is left, as people read it: "3m 20s left", "1200 steps left".
  std::string describeRemaining() const;

private:
  BudgetLimit budgetLimit;
  Clock wall, cpu;
  double wallStart, cpuStart;
  double childSeconds = 0;
  int64_t steps = 0;
};

} // namespace sevenfold

#endif // SEVENFOLD_SUPPORT_BUDGET_H
