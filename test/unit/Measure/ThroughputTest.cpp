//===- ThroughputTest.cpp - Which windows tell the peak -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The choice among made-up pairs of windows; no clock.
//
//===----------------------------------------------------------------------===//

#include "Throughput.h"

#include <gtest/gtest.h>
#include <vector>

using namespace sevenfold;

namespace {

/// A machine of 100 f32 and 50 f64, at other speeds now and then.
Peaks pairAt(double speedF32, double speedF64) {
  return {100 * speedF32, 50 * speedF64};
}

TEST(ThroughputTest, ABurstInOneWindowDoesNotMakeF64FasterThanF32) {
  // The clock is up for one window of f64.
  std::vector<Peaks> pairs(9, pairAt(1, 1));
  pairs[3] = pairAt(1, 2.5);
  Peaks chosen = choosePeaks(pairs);
  EXPECT_EQ(chosen.f32, 100);
  EXPECT_EQ(chosen.f64, 50);
}

TEST(ThroughputTest, ABurstOverBothIsThePeakOfBoth) {
  // The clock rises within a pair, stays up for one, and falls within a third.
  std::vector<Peaks> pairs(9, pairAt(1, 1));
  pairs[3] = pairAt(1, 2);
  pairs[4] = pairAt(2, 2);
  pairs[5] = pairAt(2, 1);
  Peaks chosen = choosePeaks(pairs);
  EXPECT_EQ(chosen.f32, 200);
  EXPECT_EQ(chosen.f64, 100);
}

TEST(ThroughputTest, InterruptedWindowsAreNotThePeak) {
  std::vector<Peaks> pairs = {pairAt(0.5, 0.4), pairAt(1, 0.3),
                              pairAt(0.9, 0.95), pairAt(0.2, 1),
                              pairAt(0.6, 0.5)};
  Peaks chosen = choosePeaks(pairs);
  EXPECT_EQ(chosen.f32, 90);
  EXPECT_EQ(chosen.f64, 47.5);
}

TEST(ThroughputTest, NoWindowsAreNoPeak) {
  EXPECT_EQ(choosePeaks({}).f32, 0);
  EXPECT_EQ(choosePeaks({}).f64, 0);
}

} // namespace
