//===- Screening.cpp - Many candidates, few runs each ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rungs, blocks and blame.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Screening.h"

#include "sevenfold/Runner/Block.h"

#include <algorithm>

using namespace sevenfold;

Rung sevenfold::rungOrPlayOff(const NextRung &next, const Standings &standings,
                              int rounds, int &playOffs) {
  if (playOffs == 0) {
    Rung rung = next();
    if (!rung.candidates.empty())
      return rung;
  }
  if (playOffs >= kMostPlayOffs)
    return {};
  ++playOffs;
  std::vector<size_t> leaders = standings.leaders(kPlayOffArms);
  return {std::move(leaders), rounds};
}

/// Runs candidates beside the baseline, without those that fail.
static void runBlock(std::vector<size_t> block, int rounds,
                     Standings &standings, const CandidateHooks &hooks,
                     Random &random) {
  while (!block.empty()) {
    std::vector<size_t> order = blockOrder(block.size(), rounds, random);
    TimedRuns runs = hooks.run(block, order);
    if (hooks.stopped())
      return;
    if (runs.status == RunStatus::Ok) {
      auto speedups = blockSpeedups(order, runs.seconds, block.size());
      for (size_t i = 0; i < block.size(); ++i) {
        standings.observe(block[i], speedups[i]);
        hooks.observed(block[i], speedups[i]);
      }
      return;
    }
    size_t blamed = runs.failed.value_or(0);
    if (blamed == 0 && block.size() > 1) {
      // No candidate is to blame by name: each is tried alone.
      for (size_t candidate : block)
        runBlock({candidate}, rounds, standings, hooks, random);
      return;
    }
    auto culprit = block.begin() + (blamed == 0 ? 0 : blamed - 1);
    standings.fail(*culprit);
    hooks.failed(*culprit, runs.status, runs.message);
    block.erase(culprit);
  }
}

bool sevenfold::runRung(const Rung &rung, Standings &standings,
                        const CandidateHooks &hooks, double baselineSeconds,
                        Random &random) {
  size_t most = blockSize(baselineSeconds);
  std::vector<size_t> block;
  for (size_t i = 0; i < rung.candidates.size(); ++i) {
    if (hooks.stopped() || (block.empty() && hooks.isOver()))
      return false;
    if (hooks.prepare(rung.candidates[i]))
      block.push_back(rung.candidates[i]);
    else
      standings.fail(rung.candidates[i]);
    // What was prepared is run, even if the time is up meanwhile.
    bool isLast = i + 1 == rung.candidates.size();
    if (block.size() < most && !isLast && !hooks.isOver())
      continue;
    runBlock(std::move(block), rung.rounds, standings, hooks, random);
    block.clear();
  }
  return !hooks.stopped() && !hooks.isOver();
}

void sevenfold::screen(const NextRung &next, Standings &standings,
                       const CandidateHooks &hooks, double baselineSeconds,
                       int playOffRounds, int &playOffs, Random &random) {
  while (true) {
    Rung rung = rungOrPlayOff(next, standings, playOffRounds, playOffs);
    if (rung.candidates.empty() ||
        !runRung(rung, standings, hooks, baselineSeconds, random))
      return;
  }
}

bool sevenfold::screenAgain(Standings &standings, const CandidateHooks &hooks,
                            double baselineSeconds, int playOffRounds,
                            Random &random) {
  if (standings.leaders(kPlayOffArms).empty())
    return false;
  int playOffs = 0;
  screen([] { return Rung(); }, standings, hooks, baselineSeconds,
         playOffRounds, playOffs, random);
  return true;
}
