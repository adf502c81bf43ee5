//===- MeasuredSearch.cpp - Searches on the real machine ------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The compiler comes from the driver, behind the Builder interface: nothing
// here sees it.
//
//===----------------------------------------------------------------------===//

#include "search/Driver/MeasuredSearch.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

using namespace sevenfold;

void sevenfold::addMeasuringOptions(CLI::App &command,
                                    MeasuringArguments &arguments) {
  command
      .add_option("--measure-on", arguments.device,
                  "the device that schemes are timed on: 'host'")
      ->type_name("DEVICE");
  command
      .add_option("--workload", arguments.workload,
                  "the matmul they are timed on, with --measure-on")
      ->type_name("MxKxN:TYPE");
}

llvm::Expected<Workload>
sevenfold::readMeasuringArguments(const MeasuringArguments &arguments) {
  if (arguments.device.empty())
    return makeError("expected --measure-on with --workload");
  if (arguments.workload.empty())
    return makeError("expected --workload MxKxN:TYPE with --measure-on");
  if (arguments.device != "host")
    return makeError("unknown device '{0}', expected 'host'", arguments.device);
  return Workload::parse(arguments.workload);
}

llvm::Expected<MeasuredSearch>
sevenfold::openMeasuredSearch(const CommandLine &line,
                              const Workload &workload) {
  MeasuredSearch search;
  auto tools = openMeasuringTools(line);
  if (!tools)
    return tools.takeError();
  search.tools = std::move(*tools);
  MeasuredEvaluatorOptions options;
  options.seed = line.common.seed;
  options.interrupted = interrupted;
  options.progress = [](const std::string &text) {
    llvm::errs() << text << "\n";
  };
  auto evaluator = MeasuredEvaluator::create(workload, search.tools.device,
                                             *search.tools.builder,
                                             *search.tools.runner, options);
  if (!evaluator)
    return evaluator.takeError();
  search.evaluator = std::move(*evaluator);
  return search;
}

nlohmann::json sevenfold::measuredToJson(const MeasuredEvaluator &evaluator,
                                         const SchemeMeasurement &best) {
  size_t failed = 0;
  for (const auto &[key, measurement] : evaluator.measurements())
    failed += !measurement.speedup;
  nlohmann::json report = {{"workload", evaluator.workloadMeasured().str()},
                           {"device", evaluator.deviceMeasured()},
                           {"provider", evaluator.provider()},
                           {"baseline_s", evaluator.baselineSeconds()},
                           {"predicted_s", best.predictedSeconds},
                           {"schemes", evaluator.measurements().size()},
                           {"failed", failed},
                           {"failure", nullptr}};
  for (const char *key :
       {"median_s", "speedup", "speedup_low", "speedup_high", "pairs"})
    report[key] = nullptr;
  if (best.speedup) {
    report["median_s"] = best.medianSeconds;
    report["speedup"] = best.speedup->median;
    report["speedup_low"] = best.speedup->low;
    report["speedup_high"] = best.speedup->high;
    report["pairs"] = best.speedup->pairs;
  } else {
    report["failure"] = best.failure;
  }
  auto correlation = evaluator.predictionCorrelation();
  report["rank_correlation"] =
      correlation ? nlohmann::json(*correlation) : nlohmann::json();
  return report;
}
