//===- BundleRun.cpp - The protocol carried out on a target ---------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One workload after the other, each kept as soon as it is finished.
//
//===----------------------------------------------------------------------===//

#include "BundleRun.h"

#include "Sha256.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Runtime/Runtime.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <limits>
#include <unistd.h>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

static std::string currentDate() {
  std::timespec now;
  std::timespec_get(&now, TIME_UTC);
  std::tm parts;
  gmtime_r(&now.tv_sec, &parts);
  char seconds[32], text[48];
  std::strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
  return text;
}

/// Text of failures may hold any bytes; those that are not UTF-8 are replaced.
static std::string textOf(const json &value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void sevenfold::runner::progress(const std::string &text) {
  std::fprintf(stderr, "%s\n", text.c_str());
}

static int refuse(const std::string &problem) {
  std::fprintf(stderr, "sevenfold-runner: %s\n", problem.c_str());
  return 2;
}

//===----------------------------------------------------------------------===//
// The results' file
//===----------------------------------------------------------------------===//

BundleRun::BundleRun(const Bundle &bundle, const BundleOptions &options,
                     int threads)
    : bundle(bundle), session(options.program, threads) {
  if (options.seconds > 0)
    deadline =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double>(options.seconds));
  results = {{"format", "sevenfold-results/2"},
             {"bundle", bundle.hash},
             {"protocol", kProtocolVersion},
             {"device", describeTarget(bundle, threads)},
             {"fairness", json::array()},
             {"workloads", json::array()}};
}

std::string BundleRun::resume() {
  std::string text;
  if (!readWholeFile(path, text))
    return "";
  json earlier = json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::string elsewhere = "; move it away to start anew";
  if (!earlier.is_object() || !earlier.contains("sha256"))
    return "'" + path + "' holds no results" + elsewhere;
  std::string hash = earlier["sha256"].dump();
  earlier.erase("sha256");
  if (hash != '"' + sha256(textOf(earlier)) + '"')
    return "'" + path + "' was changed after it was written" + elsewhere;
  for (const char *key : {"format", "bundle", "protocol", "device"})
    if (earlier[key] != results[key])
      return "'" + path + "' is of another " + key + elsewhere;
  results = std::move(earlier);
  if (!results["workloads"].empty())
    progress("going on after " + std::to_string(results["workloads"].size()) +
             " workloads of an earlier run");
  return "";
}

std::string BundleRun::save() {
  json whole = results;
  whole["sha256"] = sha256(textOf(results));
  return replaceFile(path, textOf(whole) + "\n");
}

bool BundleRun::isFinished(const BundleWorkload &workload) const {
  for (const json &entry : results["workloads"])
    if (entry["workload"] == workload.name)
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// The run
//===----------------------------------------------------------------------===//

bool BundleRun::stopped() const { return interrupted() || !deviceLost.empty(); }

/// Seconds to the end of the run; infinite where there is none.
double BundleRun::secondsLeft() const {
  if (!deadline)
    return std::numeric_limits<double>::infinity();
  return std::chrono::duration<double>(*deadline - Clock::now()).count();
}

bool BundleRun::runWorkload(const BundleWorkload &workload) {
  json entry = {{"workload", workload.name},  {"date", currentDate()},
                {"baselines", json::array()}, {"baseline", nullptr},
                {"screening", json::array()}, {"finals", json::array()}};
  if (!raceBaselines(workload, entry))
    return false;
  if (!entry["baseline"].is_null() &&
      (!screen(workload, entry) || !confirm(workload, entry)))
    return false;
  results["workloads"].push_back(std::move(entry));
  return true;
}

int BundleRun::run() {
  if (std::string problem = resume(); !problem.empty())
    return refuse(problem);
  // Told before anything is measured.
  if (access(bundle.folder.c_str(), W_OK) != 0)
    return refuse("cannot write '" + path + "': " + std::strerror(errno));
  auto end = [&] {
    std::string reason = !deviceLost.empty()
                             ? "the device is gone (" + deviceLost + ")"
                         : interrupted() ? "interrupted"
                                         : "the time is up";
    progress(reason + ": " + std::to_string(results["workloads"].size()) +
             " of " + std::to_string(bundle.workloads.size()) +
             " workloads are in '" + path + "'; the next run goes on there");
    return 1;
  };
  bool proved = false;
  std::string problem;
  for (const BundleWorkload &workload : bundle.workloads) {
    if (isFinished(workload))
      continue;
    if (secondsLeft() <= 0)
      return end();
    double left =
        double(bundle.workloads.size()) - double(results["workloads"].size());
    screeningSeconds = secondsLeft() / left;
    workloadStart = Clock::now();
    if (!proved && !proveFairness(problem))
      return end();
    proved = true;
    if (!problem.empty()) {
      progress("the run is void, nothing was measured: " + problem);
      return 1;
    }
    if (!runWorkload(workload))
      return end();
    if (problem = save(); !problem.empty())
      return refuse(problem);
  }
  progress("done: '" + path + "' is for 'sevenfold db import'");
  return 0;
}

int sevenfold::runBundle(const BundleOptions &options) {
  installInterruptHandlers();
  Bundle bundle;
  std::string problem = openBundle(options.folder, bundle);
  if (!options.plugin.empty())
    bundle.device = bundle.lowering + ":" + options.plugin;
  if (problem.empty() && bundle.protocol != kProtocolVersion)
    problem = "the bundle '" + options.folder + "' is of protocol '" +
              bundle.protocol + "', this runner of '" + kProtocolVersion + "'";
  if (problem.empty())
    problem = checkTarget(bundle);
  if (!problem.empty())
    return refuse(problem);
  sevenfold_set_threads(options.threads);
  try {
    BundleRun run(bundle, options, sevenfold_get_threads());
    return options.task == BundleTask::Check ? run.check() : run.run();
  } catch (const std::exception &error) {
    return refuse(error.what());
  }
}
