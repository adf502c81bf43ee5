//===- ReplayReport.cpp - What came of a replay ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables, JSON and drawings of compared strategies.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Support/Random.h"
#include "sevenfold/Tuning/Replay.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

using namespace sevenfold;
using nlohmann::json;

/// After so many pairs, and after the time of so many runs of the baseline,
/// shares are told.
static constexpr int64_t kPairs[] = {0, 1, 3, 10, 30};
static constexpr int64_t kRuns[] = {0, 5, 15, 60, 150};

/// The last value where a game was given no more.
static double at(const std::vector<double> &curve, int64_t index) {
  return curve[std::min(size_t(index), curve.size() - 1)];
}

static TableMean meanOver(llvm::ArrayRef<double> values) {
  constexpr int kResamples = 2000;
  constexpr double kOutside = 0.05; // on either side
  TableMean result;
  if (values.empty())
    return result;
  double count = double(values.size());
  for (double value : values)
    result.mean += value / count;
  Random random(1);
  std::vector<double> means;
  for (int i = 0; i < kResamples; ++i) {
    double mean = 0;
    for (size_t j = 0; j < values.size(); ++j)
      mean += values[random.below(values.size())] / count;
    means.push_back(mean);
  }
  llvm::sort(means);
  result.low = means[size_t(kOutside * kResamples)];
  result.high = means[size_t((1 - kOutside) * kResamples)];
  return result;
}

TableMean sevenfold::shareAt(llvm::ArrayRef<ReplayCase> cases, int64_t pairs) {
  std::vector<double> shares;
  for (const ReplayCase &played : cases)
    shares.push_back(at(played.share.byPairs, pairs));
  return meanOver(shares);
}

static double meanOf(llvm::ArrayRef<ReplayCase> cases,
                     llvm::function_ref<double(const ReplayCase &)> value) {
  double sum = 0;
  for (const ReplayCase &played : cases)
    sum += value(played) / double(cases.size());
  return sum;
}

/// Of those that have one.
static std::optional<double> meanCorrelation(llvm::ArrayRef<ReplayCase> cases) {
  double sum = 0;
  int count = 0;
  for (const ReplayCase &played : cases)
    if (played.correlation) {
      sum += *played.correlation;
      ++count;
    }
  return count ? std::optional(sum / count) : std::nullopt;
}

static std::map<std::string, std::vector<ReplayCase>>
byProcessor(llvm::ArrayRef<ReplayCase> cases) {
  std::map<std::string, std::vector<ReplayCase>> parts;
  for (const ReplayCase &played : cases)
    parts[played.processor].push_back(played);
  return parts;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json orNull(std::optional<double> value) {
  return value ? json(*value) : json();
}

static json sharesOf(llvm::ArrayRef<ReplayCase> cases,
                     double TableMean::*part) {
  json shares = json::object();
  for (int64_t pairs : kPairs)
    shares[std::to_string(pairs)] = shareAt(cases, pairs).*part;
  return shares;
}

static json runSharesOf(llvm::ArrayRef<ReplayCase> cases) {
  json shares = json::object();
  for (int64_t runs : kRuns)
    shares[std::to_string(runs)] = meanOf(cases, [&](const ReplayCase &played) {
      return at(played.share.byRuns, runs);
    });
  return shares;
}

static json toJson(const ReplayCase &played) {
  json object = {{"workload", played.workload},
                 {"processor", played.processor},
                 {"speedup", std::exp(played.gain)},
                 {"rank_correlation", orNull(played.correlation)},
                 {"share_at", sharesOf({played}, &TableMean::mean)},
                 {"reward", played.reward},
                 {"pairs", played.pairs}};
  if (!played.learnedFrom.empty()) {
    json tables = json::array();
    for (const LearnedTable &table : played.learnedFrom)
      tables.push_back(
          {{"workload", table.workload}, {"device", table.device}});
    object["learned_from"] = std::move(tables);
  }
  return object;
}

json sevenfold::toJson(llvm::ArrayRef<ReplayReport> reports,
                       const ReplayOptions &options) {
  json array = json::array();
  for (const ReplayReport &report : reports) {
    json cases = json::array(), processors = json::object();
    for (const ReplayCase &played : report.cases)
      cases.push_back(::toJson(played));
    for (const auto &[name, part] : byProcessor(report.cases))
      processors[name] = {{"tables", part.size()},
                          {"share_at", sharesOf(part, &TableMean::mean)}};
    array.push_back(
        {{"strategy", report.strategy},
         {"split", stringifySplit(report.split).str()},
         {"share_at", sharesOf(report.cases, &TableMean::mean)},
         {"low_at", sharesOf(report.cases, &TableMean::low)},
         {"high_at", sharesOf(report.cases, &TableMean::high)},
         {"share_at_runs", runSharesOf(report.cases)},
         {"reward",
          meanOf(report.cases,
                 [](const ReplayCase &played) { return played.reward; })},
         {"pairs",
          meanOf(report.cases,
                 [](const ReplayCase &played) { return played.pairs; })},
         {"rank_correlation", orNull(meanCorrelation(report.cases))},
         {"seeds", options.seeds},
         {"price", options.config.price},
         {"games", options.training.games},
         {"processors", std::move(processors)},
         {"workloads", std::move(cases)}});
  }
  return array;
}

//===----------------------------------------------------------------------===//
// For people
//===----------------------------------------------------------------------===//

std::string sevenfold::formatReplay(llvm::ArrayRef<ReplayReport> reports,
                                    const ReplayOptions &options) {
  std::string text = fmt::format(
      "per cent of the gain after so many pairs, mean of {} tables (where 90 % "
      "of the means of drawn tables lie), {} seeds each\n{:<8} {:<15}",
      reports.empty() ? 0 : reports.front().cases.size(), options.seeds,
      "unseen", "strategy");
  for (int64_t pairs : kPairs)
    text += fmt::format(" {:>13}", pairs);
  text += fmt::format(" {:>8} {:>6}\n", "reward", "pairs");
  for (const ReplayReport &report : reports) {
    text += fmt::format("{:<8} {:<15}", stringifySplit(report.split).str(),
                        report.strategy);
    for (int64_t pairs : kPairs) {
      TableMean share = shareAt(report.cases, pairs);
      text += fmt::format(
          " {:>13}", fmt::format("{:.0f} ({:.0f}-{:.0f})", 100 * share.mean,
                                 100 * share.low, 100 * share.high));
    }
    text += fmt::format(
        " {:>8.4f} {:>6.1f}\n",
        meanOf(report.cases,
               [](const ReplayCase &played) { return played.reward; }),
        meanOf(report.cases,
               [](const ReplayCase &played) { return played.pairs; }));
  }
  return text;
}

//===----------------------------------------------------------------------===//
// SVG
//===----------------------------------------------------------------------===//

namespace {
/// A panel of curves from 0 to 100 %.
class Panel {
public:
  Panel(double left, double top, const std::string &title) {
    x = left, y = top;
    text +=
        fmt::format("<text x='{}' y='{}' font-size='14'>{}</text>\n"
                    "<rect x='{}' y='{}' width='{}' height='{}' fill='none' "
                    "stroke='black'/>\n",
                    x, y - 8, title, x, y, kWidth, kHeight);
    for (int share : {0, 50, 100})
      text += fmt::format("<text x='{}' y='{}' text-anchor='end'>{} %</text>\n",
                          x - 4, atShare(share / 100.0) + 4, share);
  }

  void tick(double position, int64_t label) {
    text +=
        fmt::format("<text x='{:.1f}' y='{}' text-anchor='middle'>{}</text>\n",
                    x + position * kWidth, y + kHeight + 16, label);
  }
  void curve(const std::vector<std::pair<double, double>> &points,
             const char *colour) {
    text += "<path d='";
    for (size_t i = 0; i < points.size(); ++i)
      text +=
          fmt::format("{}{:.1f} {:.1f} ", i == 0 ? "M" : "L",
                      x + points[i].first * kWidth, atShare(points[i].second));
    text +=
        fmt::format("' fill='none' stroke='{}' stroke-width='1.5'/>\n", colour);
  }

  static constexpr double kWidth = 360, kHeight = 240;
  std::string text;

private:
  double atShare(double share) const {
    return y + kHeight * (1 - std::clamp(share, 0.0, 1.1) / 1.1);
  }
  double x, y;
};
} // namespace

/// Colours that those who confuse red and green tell apart (Okabe and Ito).
static constexpr const char *kColours[] = {"#D55E00", "#0072B2", "#009E73",
                                           "#CC79A7", "#E69F00", "#56B4E9",
                                           "#000000", "#999999", "#8B4513"};

static const std::vector<double> &curveOf(const ReplayCase &played,
                                          bool byPairs) {
  return byPairs ? played.share.byPairs : played.share.byRuns;
}

static std::string drawPanel(llvm::ArrayRef<const ReplayReport *> reports,
                             bool byPairs, double left, double top) {
  const ReplayReport &first = *reports.front();
  Panel panel(left, top,
              fmt::format("{}: share of the gain over {}",
                          first.split == Split::Shape ? "unseen shapes"
                                                      : "unseen processors",
                          byPairs ? "pairs" : "runs of the baseline"));
  size_t points = curveOf(first.cases.front(), byPairs).size();
  double scale = std::log(double(points));
  for (int64_t label : byPairs ? kPairs : kRuns)
    panel.tick(std::log1p(double(label)) / scale, label);
  for (auto [number, report] : llvm::enumerate(reports)) {
    std::vector<std::pair<double, double>> curve;
    for (size_t i = 0; i < points; ++i)
      curve.emplace_back(std::log1p(double(i)) / scale,
                         meanOf(report->cases, [&](const ReplayCase &played) {
                           return curveOf(played, byPairs)[i];
                         }));
    panel.curve(curve, kColours[number % std::size(kColours)]);
  }
  return panel.text;
}

std::string sevenfold::drawReplay(llvm::ArrayRef<ReplayReport> reports,
                                  const ReplayOptions &options) {
  constexpr double kLeft = 60, kTop = 50, kAcross = 430, kDown = 310,
                   kLegend = 940;
  std::string text;
  double top = kTop;
  for (Split split : {Split::Shape, Split::Device}) {
    std::vector<const ReplayReport *> shown;
    for (const ReplayReport &report : reports)
      if (report.split == split && !report.cases.empty())
        shown.push_back(&report);
    if (shown.empty())
      continue;
    text += drawPanel(shown, true, kLeft, top);
    text += drawPanel(shown, false, kLeft + kAcross, top);
    for (auto [number, report] : llvm::enumerate(shown))
      text +=
          fmt::format("<text x='{}' y='{}' fill='{}'>{}</text>\n", kLegend,
                      top + 14 + 18 * double(number),
                      kColours[number % std::size(kColours)], report->strategy);
    top += kDown;
  }
  return fmt::format("<svg xmlns='http://www.w3.org/2000/svg' width='1080' "
                     "height='{}' font-family='sans-serif' font-size='12'>\n"
                     "{}<text x='{}' y='{}'>{} seeds a table</text>\n</svg>\n",
                     top + 10, text, kLeft, top, options.seeds);
}
