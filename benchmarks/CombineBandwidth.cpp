//===- CombineBandwidth.cpp - Combines against memcpy ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Times the combines of a scheme, compiled as in any model, in adjacent pairs
// with a memcpy on all threads that moves as many bytes. Prints JSON.
//
//   combine-bandwidth [SIZE] [PAIRS]
//
//===----------------------------------------------------------------------===//

#include "sevenfold/Runner/TimedRuns.h"
#include "sevenfold/Runtime/Runtime.h"
#include "sevenfold/Scheme/Algebra.h"
#include "sevenfold/Scheme/Catalogue.h"
#include "sevenfold/Support/Error.h"
#include "sevenfold/Target/Jit.h"
#include "sevenfold/Target/ModelCompiler.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstring>
#include <sys/mman.h>

using namespace sevenfold;

namespace {
/// One combine on square f32 matrices as a function of MLIR.
struct Combine {
  std::string name, text;
  std::vector<int64_t> inputs; ///< elements of each
  int64_t output = 0;          ///< elements

  int64_t bytes() const {
    int64_t elements = output;
    for (int64_t input : inputs)
      elements += input;
    return 4 * elements;
  }
};

/// Floats on huge pages where there are some, as a workspace has them.
class Buffer {
public:
  explicit Buffer(int64_t elements) : bytes(4 * elements) {
    memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      llvm::report_fatal_error("out of memory");
    madvise(memory, bytes, MADV_HUGEPAGE);
    for (int64_t i = 0; i < elements; ++i)
      static_cast<float *>(memory)[i] = float(i % 251) - 125;
  }
  Buffer(Buffer &&other)
      : memory(std::exchange(other.memory, nullptr)), bytes(other.bytes) {}
  ~Buffer() {
    if (memory)
      munmap(memory, bytes);
  }
  void *data() const { return memory; }

private:
  void *memory;
  size_t bytes;
};
} // namespace

//===----------------------------------------------------------------------===//
// The combines
//===----------------------------------------------------------------------===//

static std::string rowText(const std::vector<double> &row) {
  std::string text;
  for (double value : row)
    text += llvm::formatv("{0}{1}", text.empty() ? "" : ", ", value);
  return "[" + text + "]";
}

static std::string
coefficientsText(const std::vector<std::vector<double>> &rows) {
  std::string text;
  for (const std::vector<double> &row : rows)
    text += (text.empty() ? "" : ", ") + rowText(row);
  return "[" + text + "]";
}

/// The sums of blocks of A that a breadth level forms: all rows of U that are
/// not a block as it is.
static Combine operandSums(llvm::StringRef name, const Scheme &scheme,
                           int64_t size) {
  std::vector<std::vector<double>> rows;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    std::vector<double> row;
    unsigned terms = 0;
    for (unsigned a = 0; a < scheme.u.columns(); ++a) {
      row.push_back(scheme.u.at(t, a).toDouble());
      terms += row.back() != 0;
    }
    if (terms > 1)
      rows.push_back(row);
  }
  int64_t height = size / scheme.m * rows.size(), width = size / scheme.k;
  Combine combine;
  combine.name = name.str();
  combine.inputs = {size * size};
  combine.output = height * width;
  combine.text = llvm::formatv(
      R"(func.func @f(%a: tensor<{0}x{0}xf32>) -> tensor<{1}x{2}xf32> {{
  %empty = tensor.empty() : tensor<{1}x{2}xf32>
  %sums = sevenfold.combine coefficients {3}
      ins(%a grid [{4}, {5}] : tensor<{0}x{0}xf32>)
      outs(%empty grid [{6}, 1] : tensor<{1}x{2}xf32>) -> tensor<{1}x{2}xf32>
  return %sums : tensor<{1}x{2}xf32>
})",
      size, height, width, coefficientsText(rows), scheme.m, scheme.k,
      rows.size());
  return combine;
}

/// The products that go to several blocks of C, scattered to them.
static Combine resultSums(llvm::StringRef name, const Scheme &scheme,
                          int64_t size) {
  std::vector<unsigned> products;
  for (unsigned t = 0; t < scheme.rank(); ++t) {
    unsigned uses = 0;
    for (unsigned c = 0; c < scheme.w.columns(); ++c)
      uses += scheme.w.at(t, c).toDouble() != 0;
    if (uses > 1)
      products.push_back(t);
  }
  std::vector<std::vector<double>> rows(scheme.w.columns());
  for (unsigned c = 0; c < scheme.w.columns(); ++c)
    for (unsigned t : products)
      rows[c].push_back(scheme.w.at(t, c).toDouble());
  std::string block =
      llvm::formatv("tensor<{0}x{1}xf32>", size / scheme.m, size / scheme.n);
  std::string arguments, names, types;
  for (size_t i = 0; i < products.size(); ++i) {
    const char *comma = i ? ", " : "";
    arguments += llvm::formatv("{0}%p{1}: {2}", comma, i, block);
    names += llvm::formatv("{0}%p{1} grid [1, 1] : {2}", comma, i, block);
  }
  Combine combine;
  combine.name = name.str();
  combine.inputs.assign(products.size(), size / scheme.m * (size / scheme.n));
  combine.output = size * size;
  combine.text = llvm::formatv(
      R"(func.func @f({0}) -> tensor<{1}x{1}xf32> {{
  %empty = tensor.empty() : tensor<{1}x{1}xf32>
  %c = sevenfold.combine coefficients {2} ins({3})
      outs(%empty grid [{4}, {5}] : tensor<{1}x{1}xf32>) -> tensor<{1}x{1}xf32>
  return %c : tensor<{1}x{1}xf32>
})",
      arguments, size, coefficientsText(rows), names, scheme.m, scheme.n);
  return combine;
}

//===----------------------------------------------------------------------===//
// Timing
//===----------------------------------------------------------------------===//

template <typename Callable> static double secondsOf(const Callable &callable) {
  auto start = std::chrono::steady_clock::now();
  callable();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

namespace {
struct Copy {
  char *to;
  const char *from;
  int64_t page = 4096;
};
} // namespace

static void copyPages(int64_t begin, int64_t end, void *context) {
  const Copy &copy = *static_cast<Copy *>(context);
  std::memcpy(copy.to + begin * copy.page, copy.from + begin * copy.page,
              (end - begin) * copy.page);
}

static llvm::Expected<nlohmann::json> measure(const Combine &combine,
                                              int pairs) {
  auto compiler = ModelCompiler::fromText(combine.text, combine.name);
  if (!compiler)
    return compiler.takeError();
  auto object = hostTarget()->emit(**compiler, kObjectStage, {});
  if (!object)
    return object.takeError();
  auto function = loadObject(*object, "f");
  if (!function)
    return function.takeError();

  std::vector<Buffer> buffers;
  for (int64_t input : combine.inputs)
    buffers.emplace_back(input);
  buffers.emplace_back(combine.output);
  std::vector<void *> arguments;
  for (const Buffer &buffer : buffers)
    arguments.push_back(buffer.data());
  // memcpy reads half of the bytes and writes the other half.
  Buffer from(combine.bytes() / 8), to(combine.bytes() / 8);
  Copy copy{static_cast<char *>(to.data()),
            static_cast<const char *>(from.data())};
  int status = 0;
  auto runCombine = [&] { status |= (*function)(arguments); };
  auto runCopy = [&] {
    sevenfold_parallel_for(combine.bytes() / 2 / copy.page, copyPages, &copy);
  };

  PairSamples samples;
  for (int pair = -2; pair < pairs; ++pair) {
    double a, b;
    if (pair % 2 == 0) {
      a = secondsOf(runCopy);
      b = secondsOf(runCombine);
    } else {
      b = secondsOf(runCombine);
      a = secondsOf(runCopy);
    }
    if (pair < 0)
      continue; // warm-up
    samples.a.push_back(a);
    samples.b.push_back(b);
  }
  if (status != 0)
    return makeError("'{0}' failed: {1}", combine.name,
                     sevenfold_error_string(status));
  Speedup ratio = estimateSpeedup(samples);
  double seconds = median(samples.b);
  return nlohmann::json{{"combine", combine.name},
                        {"threads", sevenfold_get_threads()},
                        {"bytes", combine.bytes()},
                        {"median_s", seconds},
                        {"memcpy_s", median(samples.a)},
                        {"bytes_per_s", combine.bytes() / seconds},
                        {"of_memcpy", ratio.median},
                        {"of_memcpy_low", ratio.low},
                        {"of_memcpy_high", ratio.high},
                        {"pairs", ratio.pairs}};
}

static llvm::Error run(int64_t size, int pairs) {
  auto winograd = lookupScheme("2x2x2-r7-winograd");
  if (!winograd)
    return winograd.takeError();
  auto twice = tensorProduct(*winograd, *winograd);
  if (!twice)
    return twice.takeError();
  nlohmann::json results = nlohmann::json::array();
  for (const Combine &combine :
       {operandSums("one level, A side", *winograd, size),
        resultSums("one level, C side", *winograd, size),
        operandSums("two composed levels, A side", *twice, size)}) {
    auto result = measure(combine, pairs);
    if (!result)
      return result.takeError();
    (*result)["size"] = size;
    results.push_back(std::move(*result));
  }
  llvm::outs() << results.dump(2) << "\n";
  return llvm::Error::success();
}

int main(int argc, char **argv) {
  int64_t size = argc > 1 ? std::atoll(argv[1]) : 4096;
  int pairs = argc > 2 ? std::atoi(argv[2]) : 41;
  if (argc > 3 || size < 64 || size > 32768 || size % 64 != 0 || pairs < 1) {
    llvm::errs() << "usage: combine-bandwidth [SIZE, a multiple of 64] "
                    "[PAIRS]\n";
    return 2;
  }
  if (llvm::Error error = run(size, pairs)) {
    llvm::errs() << "combine-bandwidth: " << llvm::toString(std::move(error))
                 << "\n";
    return 2;
  }
  return 0;
}
