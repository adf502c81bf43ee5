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

#include "Elements.h"
#include "FuzzData.h"
#include "ObjectSymbols.h"

#include "sevenfold/Measure/XlaProgram.h"
#include "sevenfold/Plan/Numerics.h"
#include "sevenfold/Plan/Provider.h"
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

/// Whether the code of cases checks what it reads and writes.
static bool checksAddresses = false;

/// Enough for the sums of any case.
static constexpr int64_t kFoldBytes = int64_t(1) << 30;
/// What operands in tf32 are off by at most.
static constexpr double kTf32Roundoff = 0x1p-11;

namespace {
/// A matrix as the C ABI sees it, between canaries, or where accesses are
/// checked between what nobody may read.
class Buffer {
public:
  /// Starts `shift` elements beyond a 16-byte boundary.
  Buffer(ElementType type, int64_t elements, int64_t shift)
      : type(type), elements(elements),
        start(guard() + shift * byteWidth(type)),
        bytes(2 * start + elements * byteWidth(type), kCanary) {}

  void *data() { return bytes.data() + start; }
  llvm::ArrayRef<char> contents() const {
    return llvm::ArrayRef<char>(bytes).slice(start, bytes.size() - 2 * start);
  }
  double at(int64_t i) const {
    return loadElement(type, bytes.data() + start + i * byteWidth(type));
  }
  void set(int64_t i, double wanted) {
    storeElement(type, bytes.data() + start + i * byteWidth(type), wanted);
  }
  void fill(double value) {
    for (int64_t i = 0; i < elements; ++i)
      set(i, value);
  }
  bool canariesLive() const {
    for (int64_t i = 0; i < start; ++i)
      if (bytes[i] != kCanary || bytes[bytes.size() - 1 - i] != kCanary)
        return false;
    return true;
  }
  bool operator==(const Buffer &other) const { return bytes == other.bytes; }

private:
  /// Wider than the widest vector; a multiple of an element's alignment.
  static int64_t guard() { return checksAddresses ? 0 : 256; }
  static constexpr char kCanary = char(0xA5);
  ElementType type;
  int64_t elements, start;
  std::vector<char> bytes;
};

/// What a function returns, what it should return, and how far from that it may
/// be.
struct Result {
  Buffer output;
  std::vector<double> exact;
  double allowed; ///< Frobenius norm of the error

  std::string check() const;
};

/// A case's data and results.
class Problem {
public:
  /// Buffers start `shift` elements beyond a 16-byte boundary.
  Problem(const FuzzCase &fuzzCase, int64_t shift);
  /// Makes the right operand a constant where the case wants that.
  llvm::Error bind(ModelCompiler &compiler) const;
  /// Calls, checks; empty, or what is wrong.
  std::string call(const LoadedFunction &function,
                   const FunctionSignature &signature);
  /// Runs a program of StableHLO in a child, checks; empty, or what is wrong.
  std::string callProgram(const std::string &text,
                          const FunctionSignature &signature,
                          const std::string &plugin);

private:
  /// The sizes of an input, as the function is spelled.
  std::vector<int64_t> dimsOf(size_t input, const BufferShape &shape) const;
  /// Adds an input of `rows` x `columns` in memory, whose elements have
  /// deviation(row, column) where they are no integers.
  template <typename DeviationFn>
  void addInput(ElementType type, int64_t rows, int64_t columns,
                DeviationFn deviation);
  void addA();
  void addB();
  void addC();
  double allowedError(const std::vector<double> &exact) const;
  Result makeResult(const Buffer &b) const;
  std::string check() const;

  const FuzzCase &fuzzCase;
  const Workload &workload;
  const int64_t shift;
  const PlanNumerics numerics;
  Random random;
  const FuzzData data;
  std::vector<Buffer> inputs, untouched;
  std::vector<Result> results;
};
} // namespace

/// Calls `add(element of C, element of A, element of B)` for every product.
template <typename Add> static void forEachProduct(const Workload &w, Add add) {
  bool transA = w.layoutA == Layout::Transposed;
  bool transB = w.layoutB == Layout::Transposed;
  for (int64_t index = 0; index < w.batch; ++index)
    for (int64_t i = 0; i < w.m; ++i)
      for (int64_t l = 0; l < w.k; ++l) {
        int64_t a = index * w.m * w.k + (transA ? l * w.m + i : i * w.k + l);
        int64_t b = index * w.k * w.n;
        for (int64_t j = 0; j < w.n; ++j)
          add((index * w.m + i) * w.n + j, a,
              b + (transB ? j * w.k + l : l * w.n + j));
      }
}

static std::vector<double> valuesOf(const Buffer &buffer, int64_t count) {
  std::vector<double> values(count);
  for (int64_t i = 0; i < count; ++i)
    values[i] = buffer.at(i);
  return values;
}

/// The product in float64 of the rounded inputs, without C; of integers modulo
/// 2^32.
static std::vector<double> product(const Workload &w, const Buffer &a,
                                   const Buffer &b) {
  std::vector<double> left = valuesOf(a, w.batch * w.m * w.k),
                      right = valuesOf(b, w.batch * w.k * w.n),
                      c(w.batch * w.m * w.n);
  if (!isInteger(w.type)) {
    forEachProduct(w, [&](int64_t to, int64_t i, int64_t j) {
      c[to] += left[i] * right[j];
    });
    return c;
  }
  std::vector<uint32_t> sums(c.size());
  forEachProduct(w, [&](int64_t to, int64_t i, int64_t j) {
    sums[to] += uint32_t(int32_t(left[i])) * uint32_t(int32_t(right[j]));
  });
  for (size_t i = 0; i < c.size(); ++i)
    c[i] = int32_t(sums[i]);
  return c;
}

static double norm(const std::vector<double> &values) {
  double sum = 0;
  for (double value : values)
    sum += value * value;
  return std::sqrt(sum);
}

template <typename DeviationFn>
void Problem::addInput(ElementType type, int64_t rows, int64_t columns,
                       DeviationFn deviation) {
  int64_t elements = rows * columns;
  Buffer buffer(type, workload.batch * elements, shift);
  // Integers of all sizes: sums wrap around.
  for (int64_t i = 0; i < workload.batch * elements; ++i) {
    int64_t place = i % elements;
    buffer.set(i, isInteger(type)
                      ? double(int32_t(random.next()))
                      : deviation(place / columns, place % columns) *
                            std::clamp(random.normal(), -kLargestNormal,
                                       kLargestNormal));
  }
  inputs.push_back(std::move(buffer));
}

void Problem::addA() {
  if (workload.layoutA == Layout::RowMajor)
    return addInput(
        workload.type, workload.m, workload.k,
        [&](int64_t i, int64_t j) { return data.deviationA(i, j); });
  addInput(workload.type, workload.k, workload.m,
           [&](int64_t i, int64_t j) { return data.deviationA(j, i); });
}

void Problem::addB() {
  if (workload.layoutB == Layout::RowMajor)
    return addInput(
        workload.type, workload.k, workload.n,
        [&](int64_t i, int64_t j) { return data.deviationB(i, j); });
  addInput(workload.type, workload.n, workload.k,
           [&](int64_t i, int64_t j) { return data.deviationB(j, i); });
}

void Problem::addC() {
  addInput(workload.resultType(), workload.m, workload.n,
           [&](int64_t, int64_t) { return data.deviationC(); });
}

Problem::Problem(const FuzzCase &fuzzCase, int64_t shift)
    : fuzzCase(fuzzCase), workload(fuzzCase.workload), shift(shift),
      numerics(llvm::cantFail(planNumerics(workload, fuzzCase.plan))),
      random(fuzzCase.dataSeed), data(fuzzCase, numerics, random) {
  addA();
  addB();
  if (workload.accumulation == Accumulation::Accumulate)
    addC();
  results.push_back(makeResult(inputs[1]));
  for (int i = 1; i < fuzzCase.siblings; ++i) {
    addB();
    results.push_back(makeResult(inputs.back()));
  }
  untouched = inputs;
}

/// Of the product. Where all numbers are of one size, the result's own norm is
/// the sharper measure.
double Problem::allowedError(const std::vector<double> &exact) const {
  double bound = numerics.relativeErrorBound;
  if (workload.type == ElementType::F32 &&
      fuzzCase.f32Products == F32Products::TF32)
    bound *= kTf32Roundoff / unitRoundoff(ElementType::F32);
  return fuzzCase.values == Values::Normal ? bound * norm(exact)
                                           : data.allowedError(bound);
}

Result Problem::makeResult(const Buffer &b) const {
  const Workload &w = workload;
  std::vector<double> exact = product(w, inputs[0], b);
  double allowed = isInteger(w.type) ? 0 : allowedError(exact);
  if (w.accumulation == Accumulation::Accumulate) {
    // The bound is for the product. Every addition to C rounds once more, by at
    // most u of a partial sum; there are few of them, and kErrorSafety as many
    // cover them.
    for (size_t i = 0; i < exact.size(); ++i) {
      exact[i] += inputs[2].at(i);
      if (isInteger(w.type))
        exact[i] = int32_t(uint32_t(int64_t(exact[i])));
    }
    allowed += kErrorSafety * unitRoundoff(w.resultType()) * norm(exact);
  }
  Buffer output(w.resultType(), w.batch * w.m * w.n, shift);
  return {std::move(output), std::move(exact), allowed};
}

llvm::Error Problem::bind(ModelCompiler &compiler) const {
  if (fuzzCase.weights == Weights::Argument)
    return llvm::Error::success();
  return compiler.bindConstant("matmul", 1, inputs[1].contents());
}

std::string Result::check() const {
  if (!output.canariesLive())
    return "something was written beside an output";
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

std::string Problem::check() const {
  if (inputs != untouched)
    return "an input was written";
  for (const Result &result : results)
    if (std::string problem = result.check(); !problem.empty())
      return problem;
  return "";
}

std::vector<int64_t> Problem::dimsOf(size_t input,
                                     const BufferShape &shape) const {
  const Workload &w = workload;
  bool isA = input == 0,
       isC = input == 2 && w.accumulation == Accumulation::Accumulate;
  int64_t rows = isA || isC ? w.m : w.k, columns = isA ? w.k : w.n;
  if (!isC && (isA ? w.layoutA : w.layoutB) == Layout::Transposed)
    std::swap(rows, columns);
  // Dimensions may be split into 2 and the rest.
  std::vector<int64_t> dims;
  auto add = [&](int64_t size, size_t parts) {
    if (parts == 2)
      dims.push_back(2);
    dims.push_back(parts == 2 ? size / 2 : size);
  };
  size_t rank = shape.dims.size();
  if (w.batch > 1) {
    dims.push_back(w.batch);
    --rank;
  }
  bool splitsRows = fuzzCase.spelling == Spelling::Split && rows % 2 == 0;
  add(rows, splitsRows ? 2 : 1);
  add(columns, rank - (splitsRows ? 2 : 1));
  return dims;
}

std::string Problem::callProgram(const std::string &text,
                                 const FunctionSignature &signature,
                                 const std::string &plugin) {
  std::vector<ProgramInput> given;
  for (auto [shape, input] : llvm::zip_equal(signature.inputs, inputs))
    given.push_back({shape, input.contents()});
  auto made = runXlaProgram(plugin, text, given, signature.outputs);
  if (!made)
    return llvm::toString(made.takeError());
  for (auto [result, bytes] : llvm::zip_equal(results, made->outputs))
    std::memcpy(result.output.data(), bytes.data(), bytes.size());
  return check();
}

std::string Problem::call(const LoadedFunction &function,
                          const FunctionSignature &signature) {
  std::vector<void *> buffers;
  std::vector<std::vector<int64_t>> dims;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (i == 1 && fuzzCase.weights != Weights::Argument)
      continue;
    buffers.push_back(inputs[i].data());
    dims.push_back(dimsOf(i, signature.inputs[dims.size()]));
  }
  for (Result &result : results)
    buffers.push_back(result.output.data());
  buffers = callArguments(signature, buffers, dims);
  for (const char *time : {"first", "second"}) {
    for (Result &result : results)
      result.output.fill(std::numeric_limits<double>::quiet_NaN());
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
          linkSharedLibrary(object, compiler.functions(),
                            *hostTarget()->library(), archive, path))
    return llvm::toString(std::move(error));
  auto function = loadLibrary(path, "matmul");
  if (!function)
    return llvm::toString(function.takeError());
  std::string wrong = problem.call(*function, compiler.functions().front());
  return wrong.empty() ? "" : "library: " + wrong;
}

/// Whether a case's object links; empty, or what it asks for.
static std::string checkSymbols(const std::string &object) {
  auto foreign = foreignSymbols(object);
  if (!foreign)
    return llvm::toString(foreign.takeError());
  return foreign->empty() ? "" : "symbols that are nobody's: " + *foreign;
}

void sevenfold::adaptToXla(FuzzCase &fuzzCase) {
  fuzzCase.weights = Weights::Argument;
  fuzzCase.anySizes.clear();
  fuzzCase.surroundings = Surroundings::Nothing;
  // XLA's CPU runtime takes subnormal numbers for zero, with a plan or without.
  if (fuzzCase.values == Values::Subnormal)
    fuzzCase.values = Values::Normal;
  Plan &plan = fuzzCase.plan;
  plan.provider = kXla.str();
  plan.slab = 0;
  plan.together = false;
  plan.scaling = Scaling::None;
  if (plan.levels.size() > 2)
    plan.levels.resize(2);
  for (Level &level : plan.levels)
    if (level.execution == Execution::Fused)
      level.execution = Execution::Breadth;
  if (!plan.levels.empty())
    plan.levels.back().composed = false;
}

/// Runs the case as a program of StableHLO in a child; empty, or what is wrong.
static std::string runProgram(ModelCompiler &compiler,
                              const ModelCompilerOptions &options,
                              const std::string &plugin, Problem &problem) {
  auto target = parseTarget("pjrt:" + plugin);
  if (!target)
    return llvm::toString(target.takeError());
  auto text = (*target)->emit(compiler, kStableHloStage, options);
  if (!text)
    return llvm::toString(text.takeError());
  return problem.callProgram(*text, compiler.functions().front(), plugin);
}

FuzzOutcome sevenfold::runCase(const FuzzCase &fuzzCase,
                               const RunOptions &run) {
  auto fail = [](std::string message) {
    return FuzzOutcome{FuzzOutcome::Failed, std::move(message)};
  };
  checksAddresses = run.checkAddresses;
  sevenfold_set_threads(fuzzCase.threads);
  auto compiler = ModelCompiler::fromText(spellCase(fuzzCase), "fuzz");
  if (!compiler)
    return fail(llvm::toString(compiler.takeError()));
  // Kernels take buffers on any boundary, and choose by it.
  int64_t shift = run.loops == HostLoops::Kernels ? fuzzCase.dataSeed % 3 : 0;
  Problem problem(fuzzCase, shift);
  if (llvm::Error error = problem.bind(**compiler))
    return fail(llvm::toString(std::move(error)));
  ModelCompilerOptions options;
  options.provider = fuzzCase.plan.provider;
  if (fuzzCase.weights == Weights::Folded)
    options.sums.foldBytes = kFoldBytes;
  options.limits.maxErrorGrowth = std::numeric_limits<double>::infinity();
  options.loops = run.loops;
  options.instructionSets = run.instructionSets;
  options.kernels = fuzzCase.kernels;
  options.cores = fuzzCase.cores;
  options.f32Products = fuzzCase.f32Products;
  options.checkAddresses = run.checkAddresses;
  auto decisions = (*compiler)->plan(explicitPlan(fuzzCase.plan), options);
  if (!decisions)
    return fail(llvm::toString(decisions.takeError()));
  if (decisions->size() != size_t(fuzzCase.siblings))
    return fail(llvm::formatv("{0} decisions on {1} matmuls", decisions->size(),
                              fuzzCase.siblings));
  // Whatever the spelling, it is this workload that is recognised.
  std::optional<Workload> seen = decisions->front().workload;
  // Of refused plans for any sizes no workload is told.
  if (!seen && !fuzzCase.anySizes.empty())
    return {FuzzOutcome::Refused, decisions->front().answer.reason};
  if (!seen)
    return fail("not recognised: " + decisions->front().answer.reason);
  if ((fuzzCase.anySizes.empty() &&
       seen->flops() != fuzzCase.workload.flops()) ||
      seen->typeText() != fuzzCase.workload.typeText())
    return fail("recognised as " + seen->str());
  const PlanAnswer &answer = decisions->front().answer;
  if (!answer.plan) {
    if (answer.reason.empty())
      return fail("refused without a reason");
    return {FuzzOutcome::Refused, answer.reason};
  }
  if (!run.plugin.empty()) {
    std::string wrong = runProgram(**compiler, options, run.plugin, problem);
    return wrong.empty() ? FuzzOutcome() : fail(wrong);
  }
  auto object = hostTarget()->emit(**compiler, kObjectStage, options);
  if (!object)
    return fail(llvm::toString(object.takeError()));
  if (!run.checkAddresses)
    if (std::string wrong = checkSymbols(*object); !wrong.empty())
      return fail(wrong);
  if (!runsHere(run.instructionSets.value_or("")))
    return {};
  auto function = loadObject(*object, "matmul");
  if (!function)
    return fail(llvm::toString(function.takeError()));
  if (std::string wrong =
          problem.call(*function, (*compiler)->functions().front());
      !wrong.empty())
    return fail(wrong);
  if (!run.archive.empty())
    if (std::string wrong =
            runLibrary(*object, **compiler, run.archive, problem);
        !wrong.empty())
      return fail(wrong);
  return {};
}
