//===- ModelComparisonReport.cpp - Comparisons for people -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table, the numbers and the picture.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/ModelComparison.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

using namespace sevenfold;

namespace {
/// The seeds of a model.
struct ModelSummary {
  std::string name;
  std::vector<const ModelRunResult *> runs;

  const TrainResult &training() const { return runs.front()->training; }
  double bytes() const { return 4 * double(training().parameters); }
  const ModelRunResult *timed() const {
    for (const ModelRunResult *run : runs)
      if (run->relativeTime)
        return run;
    return nullptr;
  }
  const ModelRunResult *ofSeed(int64_t seed) const {
    for (const ModelRunResult *run : runs)
      if (run->seed == seed)
        return run;
    return nullptr;
  }
};

/// Least, mean and most.
struct Spread {
  double low = 0, mean = 0, high = 0;
};
} // namespace

static Spread spreadOf(const std::vector<double> &values) {
  Spread spread{values.front(), 0, values.front()};
  for (double value : values) {
    spread.low = std::min(spread.low, value);
    spread.high = std::max(spread.high, value);
    spread.mean += value / double(values.size());
  }
  return spread;
}

/// What models are judged by: the accuracy in percent, or the loss.
static double scoreOf(const ModelRunResult &run) {
  return run.training.accuracy ? 100 * *run.training.accuracy
                               : run.training.testLoss;
}

static Spread scoresOf(const ModelSummary &model) {
  std::vector<double> scores;
  for (const ModelRunResult *run : model.runs)
    scores.push_back(scoreOf(*run));
  return spreadOf(scores);
}

/// Those with results, in the comparison's order.
static std::vector<ModelSummary>
summarize(const ModelComparison &comparison,
          const std::vector<ModelRunResult> &results) {
  std::vector<ModelSummary> models;
  for (const ComparedModel &compared : comparison.models) {
    ModelSummary model{compared.name, {}};
    for (const ModelRunResult &result : results)
      if (result.model == compared.name)
        model.runs.push_back(&result);
    if (!model.runs.empty())
      models.push_back(std::move(model));
  }
  return models;
}

//===----------------------------------------------------------------------===//
// Table and numbers
//===----------------------------------------------------------------------===//

/// "+0.31 (-0.05 to 0.62), 4 of 5 above": seed by seed.
static std::string differences(const ModelSummary &model,
                               const ModelSummary &other) {
  std::vector<double> values;
  int above = 0;
  for (const ModelRunResult *run : model.runs)
    if (const ModelRunResult *partner = other.ofSeed(run->seed)) {
      values.push_back(scoreOf(*run) - scoreOf(*partner));
      above += values.back() > 0;
    }
  if (values.empty())
    return "";
  Spread spread = spreadOf(values);
  return fmt::format("{:+.2f} ({:+.2f} to {:+.2f}) over {}, above in {} of {}",
                     spread.mean, spread.low, spread.high, other.name, above,
                     values.size());
}

std::string sevenfold::modelTable(const ModelComparison &comparison,
                                  const std::vector<ModelRunResult> &results) {
  std::vector<ModelSummary> models = summarize(comparison, results);
  if (models.empty())
    return "";
  const TrainResult &first = models.front().training();
  std::string table = fmt::format(
      "| model | {} (seeds) | epochs | multiply-adds | stored MB | time of a "
      "batch, ms | relative (bounds) | seed by seed |\n"
      "|---|---|---|---|---|---|---|---|\n",
      first.accuracy ? "accuracy, %" : "loss");
  for (const ModelSummary &model : models) {
    Spread score = scoresOf(model);
    const ModelRunResult *timed = model.timed();
    const ComparedModel &compared = *comparison.find(model.name);
    std::string against;
    for (const ModelSummary &other : models)
      if (other.name == compared.against)
        against = differences(model, other);
    table += fmt::format(
        "| {} | {:.2f} ({:.2f} to {:.2f}, {}) | {} | {:.2f} | {:.2f} | {} | {} "
        "| {} |\n",
        model.name, score.mean, score.low, score.high, model.runs.size(),
        model.training().epochs,
        model.training().multiplyAdds / first.multiplyAdds, model.bytes() / 1e6,
        timed ? fmt::format("{:.2f}", timed->milliseconds) : "",
        timed ? fmt::format("{:.3f} ({:.3f} to {:.3f})",
                            timed->relativeTime->median,
                            timed->relativeTime->low, timed->relativeTime->high)
              : "",
        against);
  }
  return table;
}

std::string sevenfold::modelJson(const std::vector<ModelRunResult> &results) {
  nlohmann::ordered_json runs = nlohmann::ordered_json::array();
  for (const ModelRunResult &result : results) {
    nlohmann::ordered_json run = {{"model", result.model},
                                  {"seed", result.seed}};
    run.update(toJson(result.training));
    run["stored_bytes"] = 4 * result.training.parameters;
    if (result.libraryAccuracy)
      run["library_accuracy"] = *result.libraryAccuracy;
    if (result.relativeTime) {
      run["median_ms"] = result.milliseconds;
      run["relative_time"] = result.relativeTime->median;
      run["relative_time_low"] = result.relativeTime->low;
      run["relative_time_high"] = result.relativeTime->high;
      run["pairs"] = result.relativeTime->pairs;
    }
    runs.push_back(std::move(run));
  }
  return runs.dump(1) + "\n";
}

//===----------------------------------------------------------------------===//
// Picture
//===----------------------------------------------------------------------===//

namespace {
/// One of the two charts: scores over something, on a logarithmic axis.
struct Chart {
  double left, top = 40, width = 360, height = 330;
  double least = 1e300, most = 0;          ///< of the axis
  double lowest = 1e300, highest = -1e300; ///< of scores

  void include(double value, const Spread &score) {
    least = std::min(least, value);
    most = std::max(most, value);
    lowest = std::min(lowest, score.low);
    highest = std::max(highest, score.high);
  }
  void widen() {
    least /= 1.15;
    most *= 1.15;
    double margin = std::max(0.05 * (highest - lowest), 1e-6);
    lowest -= margin;
    highest += margin;
  }
  double x(double value) const {
    return left + width * std::log(value / least) / std::log(most / least);
  }
  double y(double score) const {
    return top + height * (1 - (score - lowest) / (highest - lowest));
  }
};
} // namespace

static std::string frameOf(const Chart &chart, const std::string &xTitle,
                           const std::string &yTitle) {
  std::string svg = fmt::format(
      "<rect x='{}' y='{}' width='{}' height='{}' fill='none' "
      "stroke='black'/>\n<text x='{}' y='{}' text-anchor='middle'>{}</text>\n"
      "<text x='{}' y='{}'>{}</text>\n",
      chart.left, chart.top, chart.width, chart.height,
      chart.left + chart.width / 2, chart.top + chart.height + 38, xTitle,
      chart.left, chart.top - 8, yTitle);
  constexpr int kTicks = 5;
  for (int i = 0; i < kTicks; ++i) {
    double part = double(i) / (kTicks - 1);
    double value = chart.least * std::pow(chart.most / chart.least, part),
           score = chart.lowest + (chart.highest - chart.lowest) * part;
    svg += fmt::format(
        "<text x='{:.1f}' y='{:.1f}' text-anchor='middle'>{:.3g}</text>\n"
        "<text x='{:.1f}' y='{:.1f}' text-anchor='end'>{:.4g}</text>\n",
        chart.x(value), chart.top + chart.height + 18, value, chart.left - 6,
        chart.y(score) + 4, score);
  }
  return svg;
}

/// A model's mean and how far its seeds are apart, with its number.
static std::string markOf(const Chart &chart, double value, const Spread &score,
                          const char *colour, size_t number) {
  return fmt::format(
      "<line x1='{0:.1f}' x2='{0:.1f}' y1='{1:.1f}' y2='{2:.1f}' "
      "stroke='{3}'/>\n<circle cx='{0:.1f}' cy='{4:.1f}' r='4' "
      "fill='{3}'/>\n<text x='{5:.1f}' y='{6:.1f}' fill='{3}'>{7}</text>\n",
      chart.x(value), chart.y(score.low), chart.y(score.high), colour,
      chart.y(score.mean), chart.x(value) + 7, chart.y(score.mean) - 5, number);
}

std::string sevenfold::modelSvg(const ModelComparison &comparison,
                                const std::vector<ModelRunResult> &results) {
  // A palette that colour-blind people can tell apart (Okabe and Ito, 2008).
  static const char *const kColours[] = {"#0072B2", "#D55E00", "#009E73",
                                         "#CC79A7", "#E69F00", "#56B4E9"};
  std::vector<ModelSummary> models = summarize(comparison, results);
  Chart times{60}, bytes{500};
  bool isTimed = false;
  for (const ModelSummary &model : models) {
    Spread score = scoresOf(model);
    bytes.include(model.bytes() / 1e6, score);
    if (const ModelRunResult *timed = model.timed()) {
      times.include(timed->milliseconds, score);
      isTimed = true;
    }
  }
  times.widen();
  bytes.widen();
  std::string svg = fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' width='1100' height='{}' "
      "font-family='sans-serif' font-size='12'>\n",
      std::max<size_t>(430, 60 + 18 * models.size()));
  if (models.empty())
    return svg + "</svg>\n";
  const char *score =
      models.front().training().accuracy ? "accuracy, %" : "loss";
  svg += frameOf(bytes, "stored MB", score);
  if (isTimed)
    svg += frameOf(times, "measured ms of a batch", score);
  for (size_t i = 0; i < models.size(); ++i) {
    const ModelSummary &model = models[i];
    const char *colour = kColours[i % std::size(kColours)];
    Spread spread = scoresOf(model);
    svg += markOf(bytes, model.bytes() / 1e6, spread, colour, i + 1);
    if (const ModelRunResult *timed = model.timed())
      svg += markOf(times, timed->milliseconds, spread, colour, i + 1);
    svg += fmt::format("<text x='{}' y='{}' fill='{}'>{} {}</text>\n",
                       bytes.left + bytes.width + 14, bytes.top + 14 + 18 * i,
                       colour, i + 1, model.name);
  }
  return svg + "</svg>\n";
}
