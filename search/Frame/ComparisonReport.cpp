//===- ComparisonReport.cpp - Comparisons for people ----------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table and the picture.
//
//===----------------------------------------------------------------------===//

#include "search/Frame/Compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <climits>
#include <cmath>

using namespace sevenfold;

/// The runs of every contender, in the order of their first ones.
static std::vector<std::vector<const ComparedRun *>>
byContender(const std::vector<ComparedRun> &runs) {
  std::vector<std::vector<const ComparedRun *>> groups;
  for (const ComparedRun &run : runs) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](auto &list) {
      return list.front()->contender == run.contender;
    });
    if (group == groups.end())
      group = groups.insert(groups.end(), {{}});
    group->push_back(&run);
  }
  return groups;
}

std::string sevenfold::comparisonTable(const std::vector<ComparedRun> &runs) {
  std::string table = "| contender | best rank of each seed | median | median "
                      "CPU seconds to its best |\n|---|---|---|---|\n";
  for (const auto &group : byContender(runs)) {
    std::vector<unsigned> ranks;
    std::vector<double> seconds;
    std::vector<std::string> texts;
    for (const ComparedRun *run : group) {
      bool found = !run->history.empty();
      ranks.push_back(found ? run->history.back().second : UINT_MAX);
      seconds.push_back(found ? run->history.back().first : run->cpuSeconds);
      texts.push_back(found ? std::to_string(ranks.back()) : "-");
    }
    std::sort(ranks.begin(), ranks.end());
    std::sort(seconds.begin(), seconds.end());
    unsigned median = ranks[ranks.size() / 2];
    table += fmt::format("| {} | {} | {} | {:.1f} |\n",
                         group.front()->contender, fmt::join(texts, " "),
                         median == UINT_MAX ? "-" : std::to_string(median),
                         seconds[seconds.size() / 2]);
  }
  return table;
}

namespace {
/// From CPU seconds and ranks to places in the picture.
struct Frame {
  double left = 60, top = 40, width = 620, height = 360;
  double firstSecond = 0.01, lastSecond = 1;
  unsigned lowest = UINT_MAX, highest = 0;

  double x(double seconds) const {
    double part = std::log(std::max(seconds, firstSecond) / firstSecond) /
                  std::log(lastSecond / firstSecond);
    return left + width * part;
  }
  double y(double rank) const {
    double part = (rank - lowest) / std::max(1.0, double(highest - lowest));
    return top + height * (1 - part);
  }
};
} // namespace

static Frame frameOf(const std::vector<ComparedRun> &runs) {
  Frame frame;
  for (const ComparedRun &run : runs) {
    frame.lastSecond = std::max(frame.lastSecond, run.cpuSeconds);
    for (auto [seconds, rank] : run.history) {
      frame.lowest = std::min(frame.lowest, rank);
      frame.highest = std::max(frame.highest, rank);
    }
  }
  if (frame.highest == 0)
    frame.lowest = 0, frame.highest = 1;
  return frame;
}

static std::string axes(const Frame &frame) {
  std::string svg =
      fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='none' "
                  "stroke='black'/>\n",
                  frame.left, frame.top, frame.width, frame.height);
  for (double seconds = frame.firstSecond; seconds <= frame.lastSecond;
       seconds *= 10)
    svg +=
        fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='middle'>{:g} "
                    "s</text>\n",
                    frame.x(seconds), frame.top + frame.height + 18, seconds);
  unsigned step = std::max(1u, (frame.highest - frame.lowest) / 8);
  for (unsigned rank = frame.lowest; rank <= frame.highest; rank += step)
    svg +=
        fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='end'>{}</text>\n",
                    frame.left - 6, frame.y(rank) + 4, rank);
  return svg;
}

std::string sevenfold::comparisonSvg(const std::vector<ComparedRun> &runs,
                                     const std::string &title) {
  // A palette that colour-blind people can tell apart (Okabe and Ito, 2008).
  static const char *const kColours[] = {"#0072B2", "#D55E00", "#009E73",
                                         "#CC79A7", "#E69F00", "#56B4E9"};
  Frame frame = frameOf(runs);
  std::string svg =
      fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='900' "
                  "height='450' font-family='sans-serif' font-size='12'>\n"
                  "<text x='{}' y='24' font-size='15'>{}</text>\n",
                  frame.left, title);
  svg += axes(frame);
  unsigned number = 0;
  for (const auto &group : byContender(runs)) {
    const char *colour = kColours[number % std::size(kColours)];
    for (const ComparedRun *run : group) {
      if (run->history.empty())
        continue;
      std::string path;
      double last = 0;
      for (auto [seconds, rank] : run->history) {
        path += path.empty()
                    ? fmt::format("M{:.1f} ", frame.x(seconds))
                    : fmt::format("L{:.1f} {:.1f} L{:.1f} ", frame.x(seconds),
                                  last, frame.x(seconds));
        last = frame.y(rank);
        path += fmt::format("{:.1f} ", last);
      }
      path += fmt::format("L{:.1f} {:.1f}", frame.x(run->cpuSeconds), last);
      svg += fmt::format("<path d='{}' fill='none' stroke='{}' "
                         "stroke-width='1.5' stroke-opacity='0.7'/>\n",
                         path, colour);
    }
    svg +=
        fmt::format("<text x='{}' y='{}' fill='{}'>{}</text>\n",
                    frame.left + frame.width + 12, frame.top + 14 + 18 * number,
                    colour, group.front()->contender);
    ++number;
  }
  return svg + "</svg>\n";
}
