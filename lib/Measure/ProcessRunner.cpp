//===- ProcessRunner.cpp - Measuring in a child process -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Turns measurements into requests to sevenfold-runner, and answers into
// samples.
//
//===----------------------------------------------------------------------===//

#include "RunnerCore/Session.h"

#include "sevenfold/Measure/Runner.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Error.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"

#include <cmath>
#include <nlohmann/json.hpp>

using namespace sevenfold;
using namespace sevenfold::runner;
using nlohmann::json;

llvm::StringRef sevenfold::stringifyRunStatus(RunStatus status) {
  return runStatusName(status);
}

PairSamples Runner::measurePairs(const Artefact &a, const Artefact &b,
                                 int pairs) {
  std::vector<size_t> order = flippedPairs(pairs, coin);
  PairSamples samples;
  appendPairs(order, measureRuns({&a, &b}, order), samples);
  return samples;
}

ErrorSample Runner::measureDifference(const Artefact &, const Artefact &,
                                      double) {
  ErrorSample sample;
  sample.status = RunStatus::Failed;
  sample.message = "this runner does not compare artefacts";
  return sample;
}

namespace {
class ProcessRunner : public Runner {
public:
  explicit ProcessRunner(const RunnerOptions &options)
      : options(options),
        session(options.program, options.threads > 0
                                     ? options.threads
                                     : sevenfold_get_threads()) {}

  TimedRuns measureRuns(llvm::ArrayRef<const Artefact *> artefacts,
                        const std::vector<size_t> &order) override;
  ErrorSample measureError(const Artefact &artefact, const Workload &workload,
                           double bound) override;
  ErrorSample measureDifference(const Artefact &reference,
                                const Artefact &candidate,
                                double bound) override;
  void observe(RunObserver told) override { observer = std::move(told); }

private:
  json makeRequest(llvm::StringRef operation, const Artefact &a) const;

  RunnerOptions options;
  RunObserver observer;
  Session session;
};
} // namespace

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

static json describeShapes(const std::vector<BufferShape> &shapes) {
  json list = json::array();
  for (const BufferShape &shape : shapes)
    list.push_back({{"type", stringifyElementType(shape.type).str()},
                    {"elements", shape.elements()},
                    {"dims", shape.dims},
                    {"written", shape.isWritten}});
  return list;
}

static json describeFunction(const Artefact &artefact) {
  return {{"library", artefact.library}, {"function", artefact.function}};
}

json sevenfold::describeOperands(const Artefact &artefact) {
  return {{"inputs", describeShapes(artefact.inputs)},
          {"outputs", describeShapes(artefact.outputs)}};
}

json ProcessRunner::makeRequest(llvm::StringRef operation,
                                const Artefact &a) const {
  json request = {{"op", operation.str()},
                  {"a", describeFunction(a)},
                  {"seed", options.seed},
                  {"min_timeout", options.minTimeoutSeconds},
                  {"timeout_factor", options.timeoutFactor}};
  if (options.device != "host")
    request["device"] = options.device;
  request.update(describeOperands(a));
  return request;
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

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
    "the functions do not take the same buffers";

TimedRuns ProcessRunner::measureRuns(llvm::ArrayRef<const Artefact *> artefacts,
                                     const std::vector<size_t> &order) {
  json request = makeRequest("runs", *artefacts.front());
  request.erase("a");
  request["functions"] = json::array();
  request["order"] = order;
  for (const Artefact *artefact : artefacts) {
    if (!sameSignature(*artefact, *artefacts.front())) {
      TimedRuns runs;
      runs.status = RunStatus::Failed;
      runs.message = kDifferentBuffers;
      return runs;
    }
    request["functions"].push_back(describeFunction(*artefact));
  }
  auto ran = [&](size_t position, double seconds) {
    if (observer)
      observer({position, order.size(), seconds});
  };
  return timedRuns(session.exchange(request, ran));
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
  request["workload"] = describeWorkload(workload);
  ErrorSample sample = makeErrorSample(session.exchange(request), bound);
  if (isInteger(workload.type) && sample.status == RunStatus::Ok &&
      sample.relative != 0) {
    sample.status = RunStatus::WrongResult;
    sample.message = "the result of integers is not exact";
  }
  return sample;
}

json sevenfold::describeWorkload(const Workload &workload) {
  return {{"m", workload.m},
          {"k", workload.k},
          {"n", workload.n},
          {"batch", workload.batch},
          {"type", stringifyElementType(storedType(workload.type)).str()},
          {"result_type", stringifyElementType(workload.resultType()).str()},
          {"transpose_a", workload.layoutA == Layout::Transposed},
          {"transpose_b", workload.layoutB == Layout::Transposed},
          {"accumulate", workload.accumulation == Accumulation::Accumulate}};
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
  return makeErrorSample(session.exchange(request), bound);
}

llvm::Expected<std::unique_ptr<Runner>>
sevenfold::createProcessRunner(const RunnerOptions &options) {
  if (!llvm::sys::fs::can_execute(options.program))
    return makeError("cannot execute the runner '{0}'", options.program);
  return std::make_unique<ProcessRunner>(options);
}
