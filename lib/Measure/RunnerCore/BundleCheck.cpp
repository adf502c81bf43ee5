//===- BundleCheck.cpp - Whether a bundle's code is right -----------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every plan of a bundle is run once and compared with float64; nothing is
// timed.
//
//===----------------------------------------------------------------------===//

#include "BundleRun.h"

#include <cstdio>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

bool BundleRun::checkPlan(const BundleWorkload &workload,
                          const BundlePlan &plan, const std::string &name,
                          json &list) {
  json sample = productError(workload, plan);
  if (stopped())
    return false;
  char text[96];
  std::snprintf(text, sizeof text, ": error %.2e, bound %.2e",
                sample["relative"].get<double>(), plan.errorBound);
  bool isOk = sample["status"] == "ok";
  progress(workload.name + ": " + name +
           (isOk ? text
                 : ": " + sample["status"].get<std::string>() + ": " +
                       sample["message"].get<std::string>()));
  sample["workload"] = workload.name;
  sample["plan"] = name;
  sample["error_bound"] = plan.errorBound;
  list.push_back(std::move(sample));
  return true;
}

int BundleRun::check() {
  json checked = {{"format", "sevenfold-check/1"},
                  {"bundle", bundle.hash},
                  {"device", results["device"]},
                  {"checks", json::array()}};
  json &list = checked["checks"];
  bool goesOn = true;
  for (const BundleWorkload &workload : bundle.workloads) {
    for (const BundlePlan &plan : workload.baselines)
      goesOn = goesOn && (!isPresent(plan) ||
                          checkPlan(workload, plan, plan.provider, list));
    for (size_t i = 0; i < workload.candidates.size(); ++i)
      goesOn = goesOn && (!isPresent(workload.candidates[i]) ||
                          checkPlan(workload, workload.candidates[i],
                                    "candidate " + std::to_string(i), list));
  }
  size_t wrong = 0;
  for (const json &sample : list)
    wrong += sample["status"] != "ok";
  std::string file = bundle.folder + "/check.json";
  std::string problem = replaceFile(
      file, checked.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
  if (!problem.empty()) {
    progress("sevenfold-runner: " + problem);
    return 2;
  }
  if (!goesOn)
    progress(deviceLost.empty() ? "interrupted"
                                : "the device is gone: " + deviceLost);
  progress(std::to_string(list.size() - wrong) + " of " +
           std::to_string(list.size()) + " results are right, in '" + file +
           "'");
  return goesOn && wrong == 0 && !list.empty() ? 0 : 1;
}
