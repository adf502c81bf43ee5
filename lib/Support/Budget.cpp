//===- Budget.cpp - How much a run may take -------------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading, metering and printing of budgets.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Budget.h"

#include "sevenfold/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <sys/resource.h>

using namespace sevenfold;

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// A year: nobody means more, and clocks can still add it.
static constexpr double kMaxSeconds = 365.0 * 86400;

/// Seconds of "90s", "5m", "2h" or "1500ms"; nothing on other texts.
static std::optional<double> parseDuration(llvm::StringRef text) {
  double unit;
  if (text.consume_back("ms"))
    unit = 1e-3;
  else if (text.consume_back("s"))
    unit = 1;
  else if (text.consume_back("m"))
    unit = 60;
  else if (text.consume_back("h"))
    unit = 3600;
  else
    return std::nullopt;
  double value;
  if (text.empty() || !llvm::isDigit(text.front()) || text.getAsDouble(value))
    return std::nullopt;
  double seconds = value * unit;
  if (!(seconds > 0) || seconds > kMaxSeconds)
    return std::nullopt;
  return seconds;
}

llvm::Expected<BudgetLimit> BudgetLimit::parse(llvm::StringRef text) {
  if (text.empty())
    return BudgetLimit();
  llvm::StringRef rest = text;
  if (rest.consume_back("steps")) {
    int64_t steps;
    if (!rest.getAsInteger(10, steps) && steps > 0)
      return BudgetLimit{BudgetKind::Steps, double(steps)};
  } else {
    BudgetKind kind =
        rest.consume_front("cpu:") ? BudgetKind::Cpu : BudgetKind::Wall;
    if (std::optional<double> seconds = parseDuration(rest))
      return BudgetLimit{kind, *seconds};
  }
  return makeError("expected a budget such as '5m', '90s', 'cpu:60s' or "
                   "'200000steps' but got '{0}'",
                   text);
}

std::string BudgetLimit::str() const {
  switch (kind) {
  case BudgetKind::Unlimited:
    return "unlimited";
  case BudgetKind::Wall:
    return llvm::formatv("{0}s", amount);
  case BudgetKind::Cpu:
    return llvm::formatv("cpu:{0}s", amount);
  case BudgetKind::Steps:
    return llvm::formatv("{0}steps", int64_t(amount));
  }
  llvm_unreachable("all kinds are listed");
}

//===----------------------------------------------------------------------===//
// Metering
//===----------------------------------------------------------------------===//

static double readWallClock() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

static double readCpuClock() {
  auto seconds = [](const timeval &time) {
    return double(time.tv_sec) + 1e-6 * double(time.tv_usec);
  };
  rusage usage;
  double total = 0;
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN})
    if (getrusage(who, &usage) == 0)
      total += seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return total;
}

Budget::Budget(BudgetLimit limit)
    : Budget(limit, readWallClock, readCpuClock) {}

Budget::Budget(BudgetLimit limit, Clock wall, Clock cpu)
    : budgetLimit(limit), wall(std::move(wall)), cpu(std::move(cpu)),
      wallStart(this->wall()), cpuStart(this->cpu()) {}

double Budget::spent() const {
  switch (budgetLimit.kind) {
  case BudgetKind::Unlimited:
  case BudgetKind::Wall:
    return wallSeconds();
  case BudgetKind::Cpu:
    return cpu() - cpuStart + childSeconds;
  case BudgetKind::Steps:
    return double(steps);
  }
  llvm_unreachable("all kinds are listed");
}

double Budget::limit() const {
  return budgetLimit.kind == BudgetKind::Unlimited
             ? std::numeric_limits<double>::infinity()
             : budgetLimit.amount;
}

std::string Budget::describeRemaining() const {
  double left = std::max(remaining(), 0.0);
  switch (budgetLimit.kind) {
  case BudgetKind::Unlimited:
    return "no time limit";
  case BudgetKind::Steps:
    return llvm::formatv("{0} steps left", int64_t(left));
  case BudgetKind::Wall:
  case BudgetKind::Cpu:
    break;
  }
  const char *what = budgetLimit.kind == BudgetKind::Cpu ? "cpu left" : "left";
  int64_t seconds = std::llround(left);
  if (seconds < 60)
    return llvm::formatv("{0}s {1}", seconds, what);
  return llvm::formatv("{0}m {1}s {2}", seconds / 60, seconds % 60, what);
}
