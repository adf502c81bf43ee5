//===- Session.cpp - Requests to a measuring child ------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One line out, events and one answer in.
//
//===----------------------------------------------------------------------===//

#include "Session.h"

#include "Lock.h"

#include "sevenfold/Measure/Interrupt.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <unistd.h>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

/// A list of numbers that may be absent or null.
static std::vector<double> listOf(const json &reply, const char *key) {
  auto found = reply.find(key);
  if (found == reply.end() || found->is_null())
    return {};
  return found->get<std::vector<double>>();
}

TimedRuns sevenfold::runner::timedRuns(const Outcome &outcome) {
  TimedRuns runs;
  runs.status = outcome.status;
  runs.message = outcome.message;
  if (outcome.status != RunStatus::Ok) {
    if (!outcome.which.empty())
      runs.failed = std::stoul(outcome.which);
    return runs;
  }
  try {
    runs.seconds = outcome.reply.at("seconds").get<std::vector<double>>();
    runs.starts = listOf(outcome.reply, "starts");
    runs.timedSeconds = outcome.reply.value("timed_s", 0.0);
    runs.warmUpSeconds = outcome.reply.value("warm_up_s", 0.0);
    runs.smMegahertz = listOf(outcome.reply, "sm_mhz");
    runs.powerWatts = listOf(outcome.reply, "power_w");
  } catch (const json::exception &error) {
    runs.status = RunStatus::Failed;
    runs.message = error.what();
  }
  return runs;
}

std::string Session::ensureChild() {
  if (child.isRunning())
    return "";
  // Waiting threads of one library's pool must leave the cores to the other's,
  // whose turn it is (docs/Measurement.md).
  return child.start(program, {"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT",
                               "OMP_DYNAMIC=false",
                               // Undeclared influences on XLA's compilers, and
                               // a search for Google's cloud.
                               "XLA_FLAGS", "LIBTPU_INIT_ARGS",
                               "TPU_SKIP_MDS_QUERY=1", "TF_CPP_MIN_LOG_LEVEL=2",
                               "OMP_NUM_THREADS=" + std::to_string(threads)});
}

/// "'matmul' in 'plan.so': " of the culprit of a request: "a" or "b", or the
/// number of one of its functions.
static std::string describeCulprit(const std::string &which,
                                   const json &request) {
  if (which.empty())
    return "";
  const json *culprit = nullptr;
  std::string role;
  if (request.contains("functions")) {
    culprit = &request.at("functions").at(std::stoul(which));
    role = "function " + which + ", ";
  } else {
    culprit = &request.at(which);
    if (request.contains("b"))
      role = which == "a" ? "the first function, " : "the second function, ";
  }
  return role + "'" + culprit->at("function").get<std::string>() + "' in '" +
         culprit->at("library").get<std::string>() + "': ";
}

static RunStatus parseStatus(const std::string &name) {
  if (name == "ok")
    return RunStatus::Ok;
  if (name == "device")
    return RunStatus::DeviceLost;
  return name == "wrong" ? RunStatus::WrongResult : RunStatus::Failed;
}

Outcome Session::await(const json &request, const Ran &ran) {
  std::string which;
  // Until the first event the child only parses the request.
  double limit = std::max(request.value("min_timeout", 0.0), 10.0);
  while (true) {
    std::string line;
    switch (child.readLine(line, limit)) {
    case ReadStatus::Interrupted:
      child.stop();
      return {RunStatus::Failed, "interrupted", nullptr};
    case ReadStatus::TimedOut: {
      child.stop();
      char text[64];
      std::snprintf(text, sizeof text, "did not return within %.1f s", limit);
      return {RunStatus::TimedOut, describeCulprit(which, request) + text,
              nullptr, which};
    }
    case ReadStatus::Ended:
      return {RunStatus::Crashed,
              describeCulprit(which, request) + child.reap(), nullptr, which};
    case ReadStatus::Line:
      break;
    }
    json message = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object()) {
      child.stop();
      return {RunStatus::Failed, "the runner sent a line that is not JSON",
              nullptr};
    }
    if (message.contains("event")) {
      which = message.value("event", "");
      limit = message.value("limit", limit);
      continue;
    }
    if (message.contains("ran")) {
      if (ran)
        ran(message.value("ran", size_t(0)), message.value("seconds", 0.0));
      continue;
    }
    if (message.value("last", false))
      child.stop();
    RunStatus status = parseStatus(message.value("status", ""));
    if (status == RunStatus::Ok)
      return {status, "", std::move(message), ""};
    which = message.value("which", "");
    return {status,
            describeCulprit(which, request) + message.value("message", ""),
            nullptr, which};
  }
}

Outcome Session::exchange(const json &request, const Ran &ran) {
  Outcome outcome = exchangeOnce(request, ran);
  // A child that ended may have lost its device: that is no candidate's fault.
  if (outcome.status == RunStatus::Ok || child.isRunning() ||
      !request.contains("device") || interrupted())
    return outcome;
  Outcome probe =
      exchangeOnce({{"op", "hello"}, {"device", request.at("device")}}, {});
  return probe.status == RunStatus::DeviceLost ? probe : outcome;
}

/// Whether a request is one of the measuring protocol's, which wants the
/// machine for itself; what a plugin is asked otherwise disturbs as any program
/// does.
static bool isMeasured(const json &request) {
  std::string operation = request.value("op", "");
  return operation != "describe" && operation != "compile" &&
         operation != "call";
}

Outcome Session::exchangeOnce(const json &request, const Ran &ran) {
  if (interrupted())
    return {RunStatus::Failed, "interrupted", nullptr};
  std::string problem;
  std::optional<Lock> lock;
  if (isMeasured(request))
    lock.emplace(kMachineLockPath, problem);
  if (!problem.empty())
    return {RunStatus::Failed, problem, nullptr};
  if (problem = ensureChild(); !problem.empty())
    return {RunStatus::Failed, problem, nullptr};
  child.forgetErrors();
  std::string line =
      request.dump(-1, ' ', true, json::error_handler_t::replace);
  if (!child.writeLine(line)) {
    // It died since the last answer; that one was good, so start over.
    child.stop();
    if (problem = ensureChild(); !problem.empty())
      return {RunStatus::Failed, problem, nullptr};
    if (!child.writeLine(line))
      return {RunStatus::Crashed, "the runner does not start: " + child.reap(),
              nullptr};
  }
  try {
    return await(request, ran);
  } catch (const std::exception &error) {
    child.stop();
    return {
        RunStatus::Failed,
        std::string("the runner's answer has another form than expected: ") +
            error.what(),
        nullptr};
  }
}
