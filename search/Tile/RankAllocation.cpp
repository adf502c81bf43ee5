//===- RankAllocation.cpp - A rank for each layer -------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A point of the front remembers what it chose.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/RankAllocation.h"

#include <algorithm>

using namespace sevenfold;

namespace {
struct Point {
  double saved = 0, squaredError = 0;
  std::vector<size_t> chosen;
};
} // namespace

/// Drops what another point beats, and of a long front what is between others.
static void prune(std::vector<Point> &points) {
  std::sort(points.begin(), points.end(), [](const Point &a, const Point &b) {
    return a.squaredError != b.squaredError ? a.squaredError < b.squaredError
                                            : a.saved > b.saved;
  });
  std::vector<Point> front;
  for (Point &point : points)
    if (front.empty() || point.saved > front.back().saved)
      front.push_back(std::move(point));
  constexpr size_t kMost = 4096;
  if (front.size() > kMost) {
    std::vector<Point> thin;
    for (size_t i = 0; i < kMost; ++i)
      thin.push_back(std::move(front[i * (front.size() - 1) / (kMost - 1)]));
    front = std::move(thin);
  }
  points = std::move(front);
}

std::vector<size_t>
sevenfold::allocateRanks(const std::vector<std::vector<RankChoice>> &layers,
                         double maxError) {
  std::vector<Point> front(1);
  for (const std::vector<RankChoice> &choices : layers) {
    std::vector<Point> next;
    for (const Point &point : front)
      for (size_t c = 0; c <= choices.size(); ++c) {
        Point with = point;
        with.chosen.push_back(c);
        if (c < choices.size()) {
          with.saved += choices[c].saved;
          with.squaredError += choices[c].error * choices[c].error;
        }
        if (with.squaredError <= maxError * maxError)
          next.push_back(std::move(with));
      }
    prune(next);
    front = std::move(next);
  }
  // Nothing keeps an error that is no number.
  if (front.empty()) {
    std::vector<size_t> dense;
    for (const std::vector<RankChoice> &choices : layers)
      dense.push_back(choices.size());
    return dense;
  }
  // The last one saves most.
  return front.back().chosen;
}
