//===- ProcessRunner.cpp - Measuring in a child process -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns requests into lines for sevenfold-runner, watches the limits it
// announces, and turns every way to fail into a status.
//
//===----------------------------------------------------------------------===//

#include "ChildProcess.h"

#include "sevenfold/Measure/Interrupt.h"
#include "sevenfold/Measure/MachineLock.h"
#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"

#include <cmath>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using nlohmann::json;

llvm::StringRef sevenfold::stringifyRunStatus(RunStatus status) {
  switch (status) {
  case RunStatus::Ok:
    return "ok";
  case RunStatus::Crashed:
    return "crashed";
  case RunStatus::TimedOut:
    return "timed out";
  case RunStatus::Failed:
    return "failed";
  case RunStatus::WrongResult:
    return "wrong result";
  }
  llvm_unreachable("not a status");
}

ErrorSample Runner::measureDifference(const Artefact &, const Artefact &,
                                      double) {
  ErrorSample sample;
  sample.status = RunStatus::Failed;
  sample.message = "this runner does not compare artefacts";
  return sample;
}

namespace {
/// How a request ended: `reply` is set for Ok.
struct Outcome {
  RunStatus status = RunStatus::Ok;
  std::string message;
  json reply;
};

class ProcessRunner : public Runner {
public:
  explicit ProcessRunner(const RunnerOptions &options) : options(options) {}

  PairSamples measurePairs(const Artefact &a, const Artefact &b,
                           int pairs) override;
  ErrorSample measureError(const Artefact &artefact, const Workload &workload,
                           double bound) override;
  ErrorSample measureDifference(const Artefact &reference,
                                const Artefact &candidate,
                                double bound) override;

private:
  json makeRequest(llvm::StringRef operation, const Artefact &a) const;
  /// `which` of the child's messages in the words of the caller.
  Outcome exchange(const json &request, const Artefact &a, const Artefact *b);
  Outcome await(const Artefact &a, const Artefact *b);
  llvm::Error ensureChild();

  RunnerOptions options;
  ChildProcess child;
};
} // namespace

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

static json describeShapes(const std::vector<BufferShape> &shapes) {
  json list = json::array();
  for (const BufferShape &shape : shapes)
    list.push_back({{"type", stringifyElementType(shape.type).str()},
                    {"elements", shape.elements()}});
  return list;
}

static json describeFunction(const Artefact &artefact) {
  return {{"library", artefact.library}, {"function", artefact.function}};
}

json ProcessRunner::makeRequest(llvm::StringRef operation,
                                const Artefact &a) const {
  return {{"op", operation.str()},
          {"a", describeFunction(a)},
          {"inputs", describeShapes(a.inputs)},
          {"outputs", describeShapes(a.outputs)},
          {"seed", options.seed},
          {"min_timeout", options.minTimeoutSeconds},
          {"timeout_factor", options.timeoutFactor}};
}

llvm::Error ProcessRunner::ensureChild() {
  if (child.isRunning())
    return llvm::Error::success();
  // Waiting threads of one library's pool must leave the cores to the other's,
  // whose turn it is (docs/Measurement.md).
  int threads = options.threads > 0 ? options.threads : sevenfold_get_threads();
  std::string environment[] = {"OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT",
                               "OMP_DYNAMIC=false",
                               "OMP_NUM_THREADS=" + std::to_string(threads)};
  return child.start(options.program, environment);
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

/// "'matmul' in 'plan.so': " for "a" and "b".
static std::string describeCulprit(const std::string &which, const Artefact &a,
                                   const Artefact *b) {
  const Artefact *culprit = which == "a" ? &a : which == "b" ? b : nullptr;
  if (!culprit)
    return "";
  std::string role = !b             ? ""
                     : which == "a" ? "the first function, "
                                    : "the second function, ";
  return role + "'" + culprit->function + "' in '" + culprit->library + "': ";
}

static RunStatus parseStatus(const std::string &name) {
  if (name == "ok")
    return RunStatus::Ok;
  return name == "wrong" ? RunStatus::WrongResult : RunStatus::Failed;
}

Outcome ProcessRunner::await(const Artefact &a, const Artefact *b) {
  std::string which;
  // Until the first event the child only parses the request.
  double limit = std::max(options.minTimeoutSeconds, 10.0);
  while (true) {
    std::string line;
    switch (child.readLine(line, limit)) {
    case ReadStatus::Interrupted:
      child.stop();
      return {RunStatus::Failed, "interrupted", nullptr};
    case ReadStatus::TimedOut:
      child.stop();
      return {RunStatus::TimedOut,
              describeCulprit(which, a, b) +
                  llvm::formatv("did not return within {0:f1} s", limit).str(),
              nullptr};
    case ReadStatus::Ended:
      return {RunStatus::Crashed, describeCulprit(which, a, b) + child.reap(),
              nullptr};
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
    RunStatus status = parseStatus(message.value("status", ""));
    if (status == RunStatus::Ok)
      return {status, "", std::move(message)};
    return {status,
            describeCulprit(message.value("which", ""), a, b) +
                message.value("message", ""),
            nullptr};
  }
}

Outcome ProcessRunner::exchange(const json &request, const Artefact &a,
                                const Artefact *b) {
  if (interrupted())
    return {RunStatus::Failed, "interrupted", nullptr};
  llvm::Expected<MachineLock> lock = MachineLock::acquire();
  if (!lock)
    return {RunStatus::Failed, llvm::toString(lock.takeError()), nullptr};
  if (llvm::Error error = ensureChild())
    return {RunStatus::Failed, llvm::toString(std::move(error)), nullptr};
  child.forgetErrors();
  std::string line =
      request.dump(-1, ' ', true, json::error_handler_t::replace);
  if (!child.writeLine(line)) {
    // It died since the last answer; that one was good, so start over.
    child.stop();
    if (llvm::Error error = ensureChild())
      return {RunStatus::Failed, llvm::toString(std::move(error)), nullptr};
    if (!child.writeLine(line))
      return {RunStatus::Crashed, "the runner does not start: " + child.reap(),
              nullptr};
  }
  try {
    return await(a, b);
  } catch (const json::exception &error) {
    child.stop();
    return {
        RunStatus::Failed,
        std::string("the runner's answer has another form than expected: ") +
            error.what(),
        nullptr};
  }
}

static bool sameBuffers(const std::vector<BufferShape> &a,
                        const std::vector<BufferShape> &b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](const BufferShape &x, const BufferShape &y) {
                      return x.type == y.type && x.dims == y.dims;
                    });
}

static bool sameSignature(const Artefact &a, const Artefact &b) {
  return sameBuffers(a.inputs, b.inputs) && sameBuffers(a.outputs, b.outputs);
}

static constexpr char kDifferentBuffers[] =
    "the two functions do not take the same buffers";

PairSamples ProcessRunner::measurePairs(const Artefact &a, const Artefact &b,
                                        int pairs) {
  PairSamples samples;
  if (!sameSignature(a, b)) {
    samples.status = RunStatus::Failed;
    samples.message = kDifferentBuffers;
    return samples;
  }
  json request = makeRequest("pairs", a);
  request["b"] = describeFunction(b);
  request["pairs"] = pairs;
  Outcome outcome = exchange(request, a, &b);
  samples.status = outcome.status;
  samples.message = outcome.message;
  if (outcome.status != RunStatus::Ok)
    return samples;
  try {
    samples.a = outcome.reply.at("a").get<std::vector<double>>();
    samples.b = outcome.reply.at("b").get<std::vector<double>>();
  } catch (const json::exception &error) {
    samples.status = RunStatus::Failed;
    samples.message = error.what();
  }
  return samples;
}

/// The error in an answer, judged.
static ErrorSample makeErrorSample(const Outcome &outcome, double bound) {
  ErrorSample sample;
  sample.status = outcome.status;
  sample.message = outcome.message;
  if (outcome.status != RunStatus::Ok)
    return sample;
  sample.relative = outcome.reply.value("relative", std::nan(""));
  sample.rows = outcome.reply.value("rows", int64_t(0));
  if (std::isnan(sample.relative)) {
    sample.status = RunStatus::WrongResult;
    sample.message = "the relative error is not a number";
  } else if (bound > 0 && sample.relative > bound) {
    sample.status = RunStatus::WrongResult;
    llvm::raw_string_ostream(sample.message)
        << llvm::format("the relative error %.3g is above the bound %.3g",
                        sample.relative, bound);
  }
  return sample;
}

ErrorSample ProcessRunner::measureError(const Artefact &artefact,
                                        const Workload &workload,
                                        double bound) {
  json request = makeRequest("error", artefact);
  request["workload"] = {
      {"m", workload.m},
      {"k", workload.k},
      {"n", workload.n},
      {"batch", workload.batch},
      {"type", stringifyElementType(workload.type).str()},
      {"result_type", stringifyElementType(workload.resultType()).str()},
      {"transpose_a", workload.layoutA == Layout::Transposed},
      {"transpose_b", workload.layoutB == Layout::Transposed},
      {"accumulate", workload.accumulation == Accumulation::Accumulate}};
  ErrorSample sample =
      makeErrorSample(exchange(request, artefact, nullptr), bound);
  if (isInteger(workload.type) && sample.status == RunStatus::Ok &&
      sample.relative != 0) {
    sample.status = RunStatus::WrongResult;
    sample.message = "the result of integers is not exact";
  }
  return sample;
}

ErrorSample ProcessRunner::measureDifference(const Artefact &reference,
                                             const Artefact &candidate,
                                             double bound) {
  if (!sameSignature(reference, candidate)) {
    ErrorSample sample;
    sample.status = RunStatus::Failed;
    sample.message = kDifferentBuffers;
    return sample;
  }
  json request = makeRequest("difference", reference);
  request["b"] = describeFunction(candidate);
  return makeErrorSample(exchange(request, reference, &candidate), bound);
}

llvm::Expected<std::unique_ptr<Runner>>
sevenfold::createProcessRunner(const RunnerOptions &options) {
  if (!llvm::sys::fs::can_execute(options.program))
    return makeError("cannot execute the runner '{0}'", options.program);
  return std::make_unique<ProcessRunner>(options);
}
