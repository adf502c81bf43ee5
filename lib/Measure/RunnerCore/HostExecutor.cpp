//===- HostExecutor.cpp - Functions on the host ---------------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs functions on this process's threads.
//
//===----------------------------------------------------------------------===//

#include "Library.h"

#include "sevenfold/Measure/RunnerCore.h"

#include <chrono>

using namespace sevenfold;
using namespace sevenfold::runner;

namespace {
class HostExecutor : public Executor {
public:
  bool prepare(const std::vector<Shape> &inputs,
               const std::vector<Shape> &outputs, Purpose purpose,
               uint64_t seed, std::string &message) override {
    bool isTiming = purpose == Purpose::Timing;
    current = isTiming ? &timed : &checked;
    if (current->matches(inputs, outputs, seed)) {
      if (!isTiming)
        current->forgetOutputs();
      return true;
    }
    // Both at once only where that leaves room for workspaces.
    Operands &other = isTiming ? checked : timed;
    int sets =
        isTiming ? rotatedSets(inputs, outputs, lastLevelCacheBytes()) : 1;
    if (other.bytes() + bytesOf(inputs, outputs) * sets >
        physicalMemoryBytes() / 4)
      other.clear();
    return current->prepare(inputs, outputs, sets,
                            isTiming ? Placement::AtPage : Placement::AtEnd,
                            seed, message);
  }
  const Arguments &set(int64_t index) const override {
    return current->set(index);
  }

  std::unique_ptr<Code> open(const std::string &path,
                             const std::string &function,
                             std::string &message) override {
    auto library = std::make_unique<Library>();
    if (!library->open(path, function, message))
      return nullptr;
    if (!library->symbol(kSetStream))
      return library;
    message = "it is code for GPUs, and takes no pointers to host memory";
    return nullptr;
  }

  bool run(const Code &code, const Arguments &arguments,
           std::string &message) override {
    const auto &library = static_cast<const Library &>(code);
    int status = library.call(arguments);
    if (status != 0)
      message = library.describe(status);
    return status == 0;
  }

  double time(const Code &code, int repetitions, int64_t &next,
              std::string &message) override {
    const auto &library = static_cast<const Library &>(code);
    int status = 0;
    auto begin = std::chrono::steady_clock::now();
    for (int repetition = 0; repetition < repetitions; ++repetition)
      status |= library.call(set(next++));
    std::chrono::duration<double> elapsed =
        std::chrono::steady_clock::now() - begin;
    if (status == 0)
      return elapsed.count() / repetitions;
    // Codes of several runs were merged; ask once more for a clean one.
    int repeated = library.call(set(next++));
    message = library.describe(repeated != 0 ? repeated : status);
    return -1;
  }

  /// Writing where it must not crashes.
  bool inspect(const Arguments &arguments, size_t,
               std::vector<const void *> &readable, std::string &) override {
    readable.assign(arguments.pointers.begin(), arguments.pointers.end());
    return true;
  }

  std::string name() const override { return "host"; }

private:
  Operands timed, checked;
  Operands *current = &timed;
};
} // namespace

std::unique_ptr<Executor> sevenfold::runner::createHostExecutor() {
  return std::make_unique<HostExecutor>();
}
