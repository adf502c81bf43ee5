//===- Finals.cpp - Who is confirmed, one after the other -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Attempts, in the order of the standings.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Finals.h"

#include <algorithm>
#include <cmath>

using namespace sevenfold;

/// The best expected candidate that was not tried; nothing where no other
/// confirmation can pay.
static std::optional<size_t> nextFinalist(const Standings &standings,
                                          const std::vector<Attempt> &attempts,
                                          const FinalsHooks &hooks) {
  if (!attempts.empty() && (attempts.size() == kMostAttempts || hooks.isOver()))
    return std::nullopt;
  for (size_t candidate : standings.ranked()) {
    bool wasTried = std::any_of(
        attempts.begin(), attempts.end(),
        [&](const Attempt &attempt) { return attempt.candidate == candidate; });
    if (wasTried)
      continue;
    if (attempts.empty() || standings.mean(candidate) >= kHopefulGain)
      return candidate;
    return std::nullopt;
  }
  return std::nullopt;
}

void sevenfold::confirmBest(Standings &standings, const FinalsRules &rules,
                            const FinalsHooks &hooks, Random &random,
                            std::vector<Attempt> &attempts) {
  while (auto finalist = nextFinalist(standings, attempts, hooks)) {
    if (!hooks.verify(*finalist)) {
      if (hooks.stopped())
        return;
      standings.fail(*finalist);
      continue;
    }
    ConfirmationRules own;
    own.threshold = rules.threshold;
    own.alpha = spentAlpha(int(attempts.size()));
    own.seconds = rules.seconds;
    ConfirmationSeries series = confirm(
        [&](const std::vector<size_t> &order) {
          return hooks.run(*finalist, order);
        },
        own, random, [&] { return hooks.stopped() || hooks.isUp(); });
    if (hooks.stopped())
      return;
    if (series.samples.status != RunStatus::Ok) {
      standings.fail(*finalist);
      hooks.failed(*finalist, series.samples.status, series.samples.message);
      continue;
    }
    // Proven or not, what was measured counts.
    std::vector<double> speedups;
    for (double ratio : pairRatios(series.samples))
      speedups.push_back(std::log(ratio));
    standings.observe(*finalist, speedups);
    attempts.push_back({*finalist, std::move(series.samples), series.isProven});
    if (series.isProven)
      return;
  }
}

std::optional<size_t>
sevenfold::bestAttempt(const std::vector<Attempt> &attempts) {
  std::optional<size_t> best;
  for (size_t i = 0; i < attempts.size(); ++i)
    if (!best || attempts[i].isProven ||
        medianRatio(attempts[i].samples) > medianRatio(attempts[*best].samples))
      best = i;
  return best;
}
