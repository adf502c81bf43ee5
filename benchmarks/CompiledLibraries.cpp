//===- CompiledLibraries.cpp - Compiled models beside each other ----------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   compiled-libraries [--rounds N] [--seed S] [--sizes M,..]
//     [--scale X] FUNCTION OURS.so OTHER.so..
//
// Times one function as several compiled libraries have it, the way a program
// that ships them would call it: dlopen, one C call. It knows nothing of the
// tuner: only the manifest, for the shapes, and what bounds a median
// (Runner/Statistics.h). A round runs every library once, in an order drawn
// anew; a pair is a round's time of another library over that of the first. One
// round before those that count touches every page, and a pause before every
// run lets the threads of the library before it fall asleep. Sizes are those of
// the first library's inputs that are dynamic, in order. The first input is X
// times N(0,1), the others are N(0,1). Standard output: JSON.
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/Statistics.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/Manifest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <thread>

using namespace sevenfold;

namespace {
struct Settings {
  std::string function;
  std::vector<std::string> libraries;
  std::vector<int64_t> sizes;
  int rounds = 15;
  uint64_t seed = 1;
  double scale = 1; ///< of the first input
};

/// A function as one library has it.
struct CompiledFunction {
  LoadedFunction call;
  FunctionSignature signature; ///< as that library declares it

  static llvm::Expected<CompiledFunction> open(const std::string &library,
                                               const std::string &name) {
    auto manifest = readManifest(manifestPath(library));
    if (!manifest)
      return manifest.takeError();
    auto found = llvm::find_if(manifest->functions,
                               [&](const FunctionSignature &function) {
                                 return function.name == name;
                               });
    if (found == manifest->functions.end())
      return makeError("'{0}' has no function '{1}'", library, name);
    auto call = loadLibrary(library, name);
    if (!call)
      return call.takeError();
    return CompiledFunction{std::move(*call), std::move(*found)};
  }
};

/// The signature where dynamic sizes, in order, are those.
static llvm::Expected<FunctionSignature>
signatureAt(const FunctionSignature &function,
            const std::vector<int64_t> &sizes) {
  std::vector<std::vector<int64_t>> dims;
  size_t next = 0;
  for (const BufferShape &shape : function.inputs) {
    dims.push_back(shape.dims);
    for (int64_t &size : dims.back())
      if (size == kAnySize && next < sizes.size())
        size = sizes[next++];
  }
  return function.at(dims);
}

/// The arguments of a function: inputs of N(0,1), the first of them scaled, and
/// one output.
class Buffers {
public:
  static llvm::Expected<Buffers> make(const FunctionSignature &function,
                                      uint64_t seed, double scale) {
    if (function.outputs.size() != 1 || function.inputs.size() > 4)
      return makeError("'{0}' does not have up to four inputs and one output",
                       function.name);
    Buffers buffers;
    Random random(seed);
    for (const BufferShape &tensor : function.inputs) {
      double factor = buffers.inputDims.empty() ? scale : 1;
      if (llvm::Error error = buffers.add(tensor, factor, random))
        return error;
      buffers.inputDims.push_back(tensor.dims);
    }
    if (llvm::Error error = buffers.add(function.outputs.front(), 1, random))
      return error;
    buffers.isF64 = function.outputs.front().type == ElementType::F64;
    return buffers;
  }

  int passTo(const CompiledFunction &function) {
    std::vector<void *> all;
    for (std::vector<char> &buffer : storage)
      all.push_back(buffer.data());
    return function.call(callArguments(function.signature, all, inputDims));
  }

  std::vector<double> output() const {
    const std::vector<char> &bytes = storage.back();
    std::vector<double> values;
    if (isF64) {
      auto *first = reinterpret_cast<const double *>(bytes.data());
      values.assign(first, first + bytes.size() / sizeof(double));
    } else {
      auto *first = reinterpret_cast<const float *>(bytes.data());
      values.assign(first, first + bytes.size() / sizeof(float));
    }
    return values;
  }

private:
  template <typename T> void fill(size_t count, double factor, Random &random) {
    std::vector<char> &bytes = storage.emplace_back(count * sizeof(T));
    auto *values = reinterpret_cast<T *>(bytes.data());
    for (size_t i = 0; i < count; ++i)
      values[i] = T(factor * random.normal());
  }

  llvm::Error add(const BufferShape &tensor, double factor, Random &random) {
    size_t count = size_t(tensor.elements());
    if (tensor.type == ElementType::F64)
      fill<double>(count, factor, random);
    else if (tensor.type == ElementType::F32)
      fill<float>(count, factor, random);
    else
      return makeError("only f32 and f64 are timed here");
    return llvm::Error::success();
  }

  std::vector<std::vector<char>> storage;
  std::vector<std::vector<int64_t>> inputDims;
  bool isF64 = false;
};

struct Timings {
  std::vector<std::vector<double>> seconds; ///< of every library, by rounds
  std::vector<double> differences; ///< of every library's result from the last
};
} // namespace

/// Longer than any library's idle threads spin.
static constexpr std::chrono::milliseconds kPause(50);

static double now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

/// The largest difference over the largest number of `right`.
static double difference(const std::vector<double> &result,
                         const std::vector<double> &right) {
  double largest = 0, apart = 0;
  for (size_t i = 0; i < right.size(); ++i) {
    largest = std::max(largest, std::abs(right[i]));
    // A NaN is no small difference.
    double here = std::abs(result[i] - right[i]);
    apart = here <= apart ? apart : here;
  }
  return largest > 0 ? apart / largest : apart;
}

static llvm::Expected<Timings>
timeLibraries(const Settings &settings,
              const std::vector<CompiledFunction> &functions, Buffers buffers) {
  Timings timings;
  timings.seconds.resize(functions.size());
  std::vector<std::vector<double>> results;
  for (const CompiledFunction &function : functions) {
    if (int status = buffers.passTo(function))
      return makeError("a library returned {0}", status);
    results.push_back(buffers.output());
  }
  for (const std::vector<double> &result : results)
    timings.differences.push_back(difference(result, results.back()));
  results.clear();

  Random random(settings.seed);
  std::vector<size_t> order(functions.size());
  std::iota(order.begin(), order.end(), 0);
  for (int round = 0; round < settings.rounds; ++round) {
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[random.below(i)]);
    for (size_t which : order) {
      std::this_thread::sleep_for(kPause);
      double start = now();
      int status = buffers.passTo(functions[which]);
      timings.seconds[which].push_back(now() - start);
      if (status != 0)
        return makeError("a library returned {0}", status);
    }
  }
  return timings;
}

static void print(const Settings &settings, const Timings &timings) {
  nlohmann::json libraries = nlohmann::json::array();
  for (size_t i = 0; i < timings.seconds.size(); ++i) {
    std::vector<double> ratios;
    for (int round = 0; round < settings.rounds; ++round)
      ratios.push_back(timings.seconds[i][round] / timings.seconds[0][round]);
    Speedup speedup = speedupOf(ratios);
    libraries.push_back(
        {{"library", llvm::sys::path::stem(settings.libraries[i]).str()},
         {"median_s", median(timings.seconds[i])},
         {"over_first", speedup.median},
         {"low", speedup.low},
         {"high", speedup.high},
         {"difference_from_last", timings.differences[i]},
         {"seconds", timings.seconds[i]}});
  }
  llvm::outs() << nlohmann::json({{"format", "sevenfold-compiled-libraries/1"},
                                  {"function", settings.function},
                                  {"sizes", settings.sizes},
                                  {"rounds", settings.rounds},
                                  {"libraries", libraries}})
                      .dump(2)
               << "\n";
}

static llvm::Error run(const Settings &settings) {
  std::vector<CompiledFunction> functions;
  for (const std::string &library : settings.libraries) {
    auto function = CompiledFunction::open(library, settings.function);
    if (!function)
      return function.takeError();
    functions.push_back(std::move(*function));
  }
  auto known = signatureAt(functions.front().signature, settings.sizes);
  if (!known)
    return known.takeError();
  auto buffers = Buffers::make(*known, settings.seed, settings.scale);
  if (!buffers)
    return buffers.takeError();
  auto timings = timeLibraries(settings, functions, std::move(*buffers));
  if (!timings)
    return timings.takeError();
  print(settings, *timings);
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  Settings settings;
  CLI::App app("times a function as several compiled libraries have it");
  app.add_option("function", settings.function)->required();
  app.add_option("libraries", settings.libraries, "the first is compared")
      ->required()
      ->expected(2, 16);
  app.add_option("--rounds", settings.rounds)->check(CLI::Range(7, 1000));
  app.add_option("--seed", settings.seed);
  app.add_option("--sizes", settings.sizes, "dynamic ones of the first")
      ->delimiter(',');
  app.add_option("--scale", settings.scale, "of the first input");
  CLI11_PARSE(app, argc, argv);
  if (llvm::Error error = run(settings)) {
    llvm::errs() << "compiled-libraries: " << llvm::toString(std::move(error))
                 << "\n";
    return 1;
  }
  return 0;
}
