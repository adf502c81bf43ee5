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
#include <utility>

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

namespace {
class Finals {
public:
  Finals(Standings &standings, const FinalsRules &rules,
         const FinalsHooks &hooks, Random &random,
         std::vector<Attempt> &attempts)
      : standings(standings), rules(rules), hooks(hooks), random(random),
        attempts(attempts) {}

  void run();

private:
  bool attempt(size_t candidate);
  bool returnToScreening();
  void resumeBest();
  ConfirmationSeries measure(size_t candidate, const ConfirmationRules &own,
                             PairSamples samples = {});
  void observe(size_t candidate, const PairSamples &samples, size_t known);
  void fail(size_t candidate, const PairSamples &samples);

  Standings &standings;
  const FinalsRules &rules;
  const FinalsHooks &hooks;
  Random &random;
  std::vector<Attempt> &attempts;
  int returns = 0;
};
} // namespace

ConfirmationSeries Finals::measure(size_t candidate,
                                   const ConfirmationRules &own,
                                   PairSamples samples) {
  return confirm(
      [&](const std::vector<size_t> &order) {
        return hooks.run(candidate, order);
      },
      own, random, [&] { return hooks.stopped() || hooks.isUp(); },
      std::move(samples));
}

/// Proven or not, what was measured counts; `known` pairs did already.
void Finals::observe(size_t candidate, const PairSamples &samples,
                     size_t known) {
  std::vector<double> ratios = pairRatios(samples), speedups;
  for (size_t i = known; i < ratios.size(); ++i)
    speedups.push_back(std::log(ratios[i]));
  standings.observe(candidate, speedups);
}

void Finals::fail(size_t candidate, const PairSamples &samples) {
  standings.fail(candidate);
  hooks.failed(candidate, samples.status, samples.message);
}

/// False where it was stopped.
bool Finals::attempt(size_t candidate) {
  if (!hooks.verify(candidate)) {
    if (hooks.stopped())
      return false;
    standings.fail(candidate);
    return true;
  }
  ConfirmationRules own;
  own.threshold = rules.threshold;
  own.alpha = spentAlpha(int(attempts.size()));
  own.seconds = rules.seconds;
  ConfirmationSeries series = measure(candidate, own);
  if (hooks.stopped())
    return false;
  if (series.samples.status != RunStatus::Ok) {
    fail(candidate, series.samples);
    return true;
  }
  observe(candidate, series.samples, 0);
  attempts.push_back({candidate, std::move(series.samples), series.isProven});
  return true;
}

bool Finals::returnToScreening() {
  bool mayTryAnother = attempts.size() < kMostAttempts && !hooks.isOver();
  return mayTryAnother && hooks.screenAgain && returns++ < kMostReturns &&
         hooks.screenAgain() && !hooks.stopped();
}

void Finals::resumeBest() {
  std::optional<size_t> number = bestAttempt(attempts);
  if (!number || hooks.isOver())
    return;
  Attempt &best = attempts[*number];
  if (standings.hasFailed(best.candidate) ||
      standings.mean(best.candidate) < kHopefulGain)
    return;
  ConfirmationRules own;
  own.threshold = rules.threshold;
  own.alpha = spentAlpha(int(*number));
  own.pairs = kMostPairs;
  own.mayGiveUp = false;
  size_t known = best.samples.a.size();
  if (known >= size_t(kMostPairs))
    return;
  ConfirmationSeries series = measure(best.candidate, own, best.samples);
  if (hooks.stopped())
    return;
  if (series.samples.status != RunStatus::Ok)
    return fail(best.candidate, series.samples);
  observe(best.candidate, series.samples, known);
  best.samples = std::move(series.samples);
  best.isProven = series.isProven;
}

void Finals::run() {
  while (true) {
    auto finalist = nextFinalist(standings, attempts, hooks);
    if (finalist && !attempt(*finalist))
      return;
    if (!attempts.empty() && attempts.back().isProven)
      return;
    if (!finalist && (attempts.empty() || !returnToScreening()))
      break;
  }
  resumeBest();
}

void sevenfold::confirmBest(Standings &standings, const FinalsRules &rules,
                            const FinalsHooks &hooks, Random &random,
                            std::vector<Attempt> &attempts) {
  Finals(standings, rules, hooks, random, attempts).run();
}

std::optional<size_t>
sevenfold::bestAttempt(const std::vector<Attempt> &attempts) {
  auto standing = [](const Attempt &attempt) {
    return std::make_pair(attempt.isProven, medianRatio(attempt.samples));
  };
  std::optional<size_t> best;
  for (size_t i = 0; i < attempts.size(); ++i)
    if (!best || standing(attempts[i]) > standing(attempts[*best]))
      best = i;
  return best;
}
