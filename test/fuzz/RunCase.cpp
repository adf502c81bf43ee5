//===- RunCase.cpp - Compiles, runs and checks one case -------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The way of one case: plan, object, call in this process, shared library, call
// again. Buffers lie between canaries, results start as NaN, every function is
// called twice, and inputs are compared with a copy afterwards.
//
//===----------------------------------------------------------------------===//

#include "FuzzCase.h"

#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace sevenfold;

namespace {
/// A matrix as the C ABI sees it, between canaries.
class Buffer {
public:
  Buffer(ElementType type, int64_t elements)
      : type(type), elements(elements),
        bytes(2 * kGuard + elements * byteWidth(type), kCanary) {}

  void *data() { return bytes.data() + kGuard; }
  double at(int64_t i) const {
    const char *place = bytes.data() + kGuard + i * byteWidth(type);
    if (type == ElementType::F64) {
      double value;
      std::memcpy(&value, place, sizeof value);
      return value;
    }
    float value;
    std::memcpy(&value, place, sizeof value);
    return value;
  }
  void set(int64_t i, double wanted) {
    char *place = bytes.data() + kGuard + i * byteWidth(type);
    float rounded = wanted;
    if (type == ElementType::F64)
      std::memcpy(place, &wanted, sizeof wanted);
    else
      std::memcpy(place, &rounded, sizeof rounded);
  }
  void fill(double value) {
    for (int64_t i = 0; i < elements; ++i)
      set(i, value);
  }
  bool canariesLive() const {
    for (int64_t i = 0; i < kGuard; ++i)
      if (bytes[i] != kCanary || bytes[bytes.size() - 1 - i] != kCanary)
        return false;
    return true;
  }
  bool operator==(const Buffer &other) const { return bytes == other.bytes; }

private:
  /// Wider than the widest vector; a multiple of an element's alignment.
  static constexpr int64_t kGuard = 256;
  static constexpr char kCanary = char(0xA5);
  ElementType type;
  int64_t elements;
  std::vector<char> bytes;
};

/// A case's data, its exact result, and how far from it a result may be.
struct Problem {
  explicit Problem(const FuzzCase &fuzzCase);
  /// Calls, checks; empty, or what is wrong.
  std::string call(const LoadedFunction &function);
  std::string check() const;

  const Workload workload;
  std::vector<Buffer> inputs, untouched;
  Buffer output;
  std::vector<double> exact;
  double allowed = 0; ///< Frobenius norm of the error
};
} // namespace

/// The product in float64 of the rounded inputs, without C.
static std::vector<double> product(const Workload &w, const Buffer &a,
                                   const Buffer &b) {
  std::vector<double> c(w.m * w.n);
  bool transA = w.layoutA == Layout::Transposed;
  bool transB = w.layoutB == Layout::Transposed;
  for (int64_t i = 0; i < w.m; ++i)
    for (int64_t l = 0; l < w.k; ++l) {
      double left = a.at(transA ? l * w.m + i : i * w.k + l);
      for (int64_t j = 0; j < w.n; ++j)
        c[i * w.n + j] += left * b.at(transB ? j * w.k + l : l * w.n + j);
    }
  return c;
}

static double norm(const std::vector<double> &values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

Problem::Problem(const FuzzCase &fuzzCase)
    : workload(fuzzCase.workload),
      output(workload.type, workload.m * workload.n) {
  const Workload &w = workload;
  Random random(fuzzCase.dataSeed);
  auto add = [&](int64_t elements) {
    Buffer buffer(w.type, elements);
    for (int64_t i = 0; i < elements; ++i)
      buffer.set(i, random.normal());
    inputs.push_back(std::move(buffer));
  };
  add(w.m * w.k);
  add(w.k * w.n);
  bool accumulates = w.accumulation == Accumulation::Accumulate;
  if (accumulates)
    add(w.m * w.n);
  untouched = inputs;

  exact = product(w, inputs[0], inputs[1]);
  PlanNumerics numerics = llvm::cantFail(planNumerics(w, fuzzCase.plan));
  allowed = numerics.relativeErrorBound * norm(exact);
  if (!accumulates)
    return;
  // The bound is for the product. Every addition to C rounds once more, by at
  // most u of a partial sum; there are few of them, and kErrorSafety as many
  // cover them.
  for (int64_t i = 0; i < w.m * w.n; ++i)
    exact[i] += inputs[2].at(i);
  allowed += kErrorSafety * unitRoundoff(w.type) * norm(exact);
}

std::string Problem::check() const {
  if (inputs != untouched)
    return "an input was written";
  if (!output.canariesLive())
    return "something was written beside the output";
  double sum = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    double difference = output.at(i) - exact[i];
    if (std::isnan(difference))
      return llvm::formatv("element {0} is not a number", i);
    sum += difference * difference;
  }
  if (std::sqrt(sum) > allowed)
    return llvm::formatv("the error is {0:e}, allowed is {1:e}", std::sqrt(sum),
                         allowed);
  return "";
}

std::string Problem::call(const LoadedFunction &function) {
  std::vector<void *> buffers;
  for (Buffer &input : inputs)
    buffers.push_back(input.data());
  buffers.push_back(output.data());
  for (const char *time : {"first", "second"}) {
    output.fill(std::numeric_limits<double>::quiet_NaN());
    if (int status = function(buffers))
      return llvm::formatv("{0} call: status {1}: {2}", time, status,
                           sevenfold_error_string(status));
    if (std::string problem = check(); !problem.empty())
      return llvm::formatv("{0} call: {1}", time, problem);
  }
  return "";
}

/// Links and runs the library; empty, or what is wrong.
static std::string runLibrary(const std::string &object,
                              const ModelCompiler &compiler,
                              const std::string &archive, Problem &problem) {
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("sevenfold-fuzz", "so", path))
    return "no temporary file";
  llvm::scope_exit cleanup([&] { llvm::sys::fs::remove(path); });
  if (llvm::Error error =
          linkSharedLibrary(object, compiler.functions(), archive, path))
    return llvm::toString(std::move(error));
  auto function = loadLibrary(path, "matmul");
  if (!function)
    return llvm::toString(function.takeError());
  std::string wrong = problem.call(*function);
  return wrong.empty() ? "" : "library: " + wrong;
}

FuzzOutcome sevenfold::runCase(const FuzzCase &fuzzCase,
                               const std::string &archive) {
  auto fail = [](std::string message) {
    return FuzzOutcome{FuzzOutcome::Failed, std::move(message)};
  };
  sevenfold_set_threads(fuzzCase.threads);
  auto compiler =
      ModelCompiler::fromText(matmulModule(fuzzCase.workload), "fuzz");
  if (!compiler)
    return fail(llvm::toString(compiler.takeError()));
  ModelCompilerOptions options;
  options.provider = fuzzCase.plan.provider;
  options.maxErrorGrowth = std::numeric_limits<double>::infinity();
  auto decisions = (*compiler)->plan(explicitPlan(fuzzCase.plan), options);
  if (!decisions)
    return fail(llvm::toString(decisions.takeError()));
  if (decisions->size() != 1)
    return fail(
        llvm::formatv("{0} decisions on one matmul", decisions->size()));
  const PlanAnswer &answer = decisions->front().answer;
  if (!answer.plan) {
    if (answer.reason.empty())
      return fail("refused without a reason");
    return {FuzzOutcome::Refused, answer.reason};
  }
  auto object = (*compiler)->emitObject(options);
  if (!object)
    return fail(llvm::toString(object.takeError()));
  auto function = loadObject(*object, "matmul");
  if (!function)
    return fail(llvm::toString(function.takeError()));
  Problem problem(fuzzCase);
  if (std::string wrong = problem.call(*function); !wrong.empty())
    return fail(wrong);
  if (!archive.empty())
    if (std::string wrong = runLibrary(*object, **compiler, archive, problem);
        !wrong.empty())
      return fail(wrong);
  return {};
}
